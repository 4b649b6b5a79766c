//! Values that are kept without being modelled.

use std::{fmt, iter};

use serde::{
    Deserialize, Deserializer,
    de::{self, IntoDeserializer, value::MapDeserializer},
};
use serde_json::{Map, Value};

/// Key under which `serde_json` passes on a number as text if its feature `arbitrary_precision` is on.
const NUMBER: &str = "$serde_json::private::Number";

/// Value that is read without interpreting `serde_json`'s private keys.
///
/// With the feature `raw_value`, [`Value`] reads the string behind such a key as JSON with a nesting limit of its own,
/// so that strings within strings can exhaust the stack.
pub(super) struct Kept(pub(super) Value);

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeptVisitor;

        impl<'de> de::Visitor<'de> for KeptVisitor {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_none<E>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Value, D::Error> {
                Kept::deserialize(value).map(|Kept(value)| value)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
                Ok(value.into())
            }

            // With `arbitrary_precision`, a `Value` passes on integers of up to 128 bits as such.
            fn visit_i128<E: de::Error>(self, value: i128) -> Result<Value, E> {
                Value::deserialize(value.into_deserializer())
            }

            fn visit_u128<E: de::Error>(self, value: u128) -> Result<Value, E> {
                Value::deserialize(value.into_deserializer())
            }

            fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_str<E>(self, value: &str) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_string<E>(self, value: String) -> Result<Value, E> {
                Ok(value.into())
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
                let mut values = Vec::new();
                while let Some(Kept(value)) = list.next_element()? {
                    values.push(value);
                }
                Ok(values.into())
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
                let mut fields = Map::new();
                while let Some((name, Kept(value))) = object.next_entry::<String, _>()? {
                    fields.insert(name, value);
                }
                // Without `arbitrary_precision`, the object comes back as it is.
                let number = match fields.get(NUMBER) {
                    Some(Value::String(text)) if fields.len() == 1 => {
                        let pair = iter::once((NUMBER, text.as_str()));
                        Value::deserialize(MapDeserializer::<_, de::value::Error>::new(pair)).ok()
                    }
                    _ => None,
                };
                Ok(number.unwrap_or_else(|| fields.into()))
            }
        }

        deserializer.deserialize_any(KeptVisitor).map(Self)
    }
}
