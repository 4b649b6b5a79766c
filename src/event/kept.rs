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
        SetAside::deserialize(deserializer).map(|aside| Self(aside.value))
    }
}

/// Value that is read like [`Kept`], to be read again once its type is known.
pub(super) struct SetAside {
    pub(super) value: Value,
    /// Whether an object in it had a field twice: a [`Value`] has only the last.
    pub(super) has_duplicates: bool,
}

impl<T: Into<Value>> From<T> for SetAside {
    fn from(value: T) -> Self {
        Self { value: value.into(), has_duplicates: false }
    }
}

impl<'de> Deserialize<'de> for SetAside {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsideVisitor;

        impl<'de> de::Visitor<'de> for AsideVisitor {
            type Value = SetAside;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_unit<E>(self) -> Result<SetAside, E> {
                Ok(Value::Null.into())
            }

            fn visit_none<E>(self) -> Result<SetAside, E> {
                Ok(Value::Null.into())
            }

            fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<SetAside, D::Error> {
                SetAside::deserialize(value)
            }

            fn visit_bool<E>(self, value: bool) -> Result<SetAside, E> {
                Ok(value.into())
            }

            fn visit_i64<E>(self, value: i64) -> Result<SetAside, E> {
                Ok(value.into())
            }

            fn visit_u64<E>(self, value: u64) -> Result<SetAside, E> {
                Ok(value.into())
            }

            // With `arbitrary_precision`, a `Value` passes on integers of up to 128 bits as such.
            fn visit_i128<E: de::Error>(self, value: i128) -> Result<SetAside, E> {
                Value::deserialize(value.into_deserializer()).map(Into::into)
            }

            fn visit_u128<E: de::Error>(self, value: u128) -> Result<SetAside, E> {
                Value::deserialize(value.into_deserializer()).map(Into::into)
            }

            fn visit_f64<E>(self, value: f64) -> Result<SetAside, E> {
                Ok(value.into())
            }

            fn visit_str<E>(self, value: &str) -> Result<SetAside, E> {
                Ok(value.into())
            }

            fn visit_string<E>(self, value: String) -> Result<SetAside, E> {
                Ok(value.into())
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<SetAside, A::Error> {
                let (mut values, mut has_duplicates) = (Vec::new(), false);
                while let Some(part) = list.next_element::<SetAside>()? {
                    has_duplicates |= part.has_duplicates;
                    values.push(part.value);
                }
                Ok(SetAside { value: values.into(), has_duplicates })
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut object: A) -> Result<SetAside, A::Error> {
                let (mut fields, mut has_duplicates) = (Map::new(), false);
                while let Some((name, part)) = object.next_entry::<String, SetAside>()? {
                    has_duplicates |= fields.insert(name, part.value).is_some() || part.has_duplicates;
                }
                // Without `arbitrary_precision`, the object comes back as it is.
                let number = match fields.get(NUMBER) {
                    Some(Value::String(text)) if fields.len() == 1 => {
                        let pair = iter::once((NUMBER, text.as_str()));
                        Value::deserialize(MapDeserializer::<_, de::value::Error>::new(pair)).ok()
                    }
                    _ => None,
                };
                Ok(SetAside { value: number.unwrap_or_else(|| fields.into()), has_duplicates })
            }
        }

        deserializer.deserialize_any(AsideVisitor)
    }
}
