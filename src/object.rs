//! Objects that are read from JSON objects only.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, forward_to_deserialize_any};
use serde_with::{DeserializeAs, SerializeAs};

/// Adapter for fields that hold an object. Without it, serde's derived code also accepts a list of the fields' values.
pub(crate) struct Object;

impl<'de, T: Deserialize<'de>> DeserializeAs<'de, T> for Object {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::deserialize(MapOnly(deserializer))
    }
}

impl<T: Serialize> SerializeAs<T> for Object {
    fn serialize_as<S: Serializer>(object: &T, serializer: S) -> Result<S::Ok, S::Error> {
        object.serialize(serializer)
    }
}

/// Deserializer that requests a map, whatever is requested of it.
struct MapOnly<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for MapOnly<D> {
    type Error = D::Error;

    fn deserialize_any<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
