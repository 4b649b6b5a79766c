//! Fields that no struct models and that are kept all the same, because they may have to be sent back.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeSeed, value::BorrowedStrDeserializer},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};
use serde_with::{DeserializeAs, SerializeAs};

use super::{kept::Kept, packet::Name};
use crate::open_enum::{KEPT, UNMODELLED};

/// Fields of one object that its struct does not model. Takes no memory but a pointer's if there are none.
///
/// A struct has it as a field that serde flattens, for writing only; [`Extended`] reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Unmodelled(Option<Box<Fields>>);

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Fields {
    own: Map<String, Value>,
    /// Of the element that has the object for its content.
    beside: Map<String, Value>,
}

impl Unmodelled {
    pub(super) fn insert(&mut self, name: String, value: Value) {
        self.0.get_or_insert_default().own.insert(name, value);
    }

    /// Returns the fields beside the object, in the element that has it for its content.
    pub(super) fn beside(&self) -> Option<&Map<String, Value>> {
        self.0.as_ref().map(|fields| &fields.beside).filter(|fields| !fields.is_empty())
    }

    pub(super) fn set_beside(&mut self, beside: Map<String, Value>) {
        if !beside.is_empty() {
            self.0.get_or_insert_default().beside = beside;
        }
    }
}

/// Writes the fields of the object itself.
impl Serialize for Unmodelled {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.0.iter().flat_map(|fields| &fields.own);
        serializer.collect_map(fields.map(|(name, value)| (name, Marked(value))))
    }
}

/// A value marked as unmodelled.
pub(super) struct Marked<'a>(pub(super) &'a Value);

impl Serialize for Marked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(UNMODELLED, self.0)
    }
}

/// Value marked as modelled, whatever it contains: the content of an element of another kind.
pub(super) struct Whole<'a>(pub(super) &'a Value);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(KEPT, self.0)
    }
}

/// A struct that keeps the fields which it does not model.
pub(super) trait Extensible {
    fn unmodelled(&self) -> &Unmodelled;

    fn unmodelled_mut(&mut self) -> &mut Unmodelled;
}

/// Implements [`Extensible`] for structs with a field `unmodelled`.
macro_rules! extensible {
    ($($name:ident),+) => {
        $(
            impl $crate::event::unmodelled::Extensible for $name {
                fn unmodelled(&self) -> &Unmodelled {
                    &self.unmodelled
                }

                fn unmodelled_mut(&mut self) -> &mut Unmodelled {
                    &mut self.unmodelled
                }
            }
        )+
    };
}

pub(super) use extensible;

/// Adapter for fields that hold such a struct. Like [`Object`](crate::object::Object), it reads no list.
pub(super) struct Extended;

impl<'de, T: Deserialize<'de> + Extensible> DeserializeAs<'de, T> for Extended {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        let mut unmodelled = Unmodelled::default();
        let mut object = T::deserialize(Splitter { inner: deserializer, unmodelled: &mut unmodelled })?;
        *object.unmodelled_mut() = unmodelled;
        Ok(object)
    }
}

impl<T: Serialize> SerializeAs<T> for Extended {
    fn serialize_as<S: Serializer>(object: &T, serializer: S) -> Result<S::Ok, S::Error> {
        object.serialize(serializer)
    }
}

/// Passes to a struct the fields that it has, and keeps the others.
struct Splitter<'u, T> {
    inner: T,
    unmodelled: &'u mut Unmodelled,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Splitter<'_, D> {
    type Error = D::Error;

    fn deserialize_struct<V: de::Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = StructVisitor { inner: visitor, fields, unmodelled: self.unmodelled };
        self.inner.deserialize_map(visitor)
    }

    fn deserialize_any<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_map(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct StructVisitor<'u, V> {
    inner: V,
    fields: &'static [&'static str],
    unmodelled: &'u mut Unmodelled,
}

impl<'de, V: de::Visitor<'de>> de::Visitor<'de> for StructVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_map<A: de::MapAccess<'de>>(self, object: A) -> Result<V::Value, A::Error> {
        let Self { inner, fields, unmodelled } = self;
        inner.visit_map(StructAccess { inner: object, fields, unmodelled })
    }
}

struct StructAccess<'u, A> {
    inner: A,
    fields: &'static [&'static str],
    unmodelled: &'u mut Unmodelled,
}

impl<'de, A: de::MapAccess<'de>> de::MapAccess<'de> for StructAccess<'_, A> {
    type Error = A::Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(Name(name)) = self.inner.next_key()? {
            if let Some(field) = self.fields.iter().find(|field| **field == name) {
                return seed.deserialize(BorrowedStrDeserializer::new(field)).map(Some);
            }
            let Kept(value) = self.inner.next_value()?;
            self.unmodelled.insert(name.into_owned(), value);
        }
        Ok(None)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.inner.next_value_seed(seed)
    }
}
