//! Reading a kept value, with errors that cannot quote it.

use std::fmt;

use serde::{
    Deserializer,
    de::{
        self, Expected, IntoDeserializer, Unexpected, Visitor,
        value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::Value;

use super::packet::MSG_TYPE;
use crate::error::EventProblem;

/// Deserializer of a kept value. Whatever the types that are read from it say of the value is not repeated: it knows
/// what they expected, and drops texts of their own.
pub(super) struct Reader<'de>(pub(super) &'de Value);

/// What is wrong with a value.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Problem(pub(super) EventProblem);

impl de::Error for Problem {
    fn custom<T: fmt::Display>(_text: T) -> Self {
        Self(EventProblem::new("invalid value"))
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(EventProblem::unexpected("invalid type", found, expected))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(EventProblem::unexpected("invalid value", found, expected))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self(EventProblem::from_message(&format!("invalid length {length}, expected {expected}")))
    }

    fn missing_field(field: &'static str) -> Self {
        Self(EventProblem::new(format!("missing field `{field}`")))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self(EventProblem::new(format!("duplicate field `{field}`")))
    }
}

impl<'de> IntoDeserializer<'de, Problem> for Reader<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            // Its error can quote nothing but digits, and does not.
            Value::Number(number) => {
                number.deserialize_any(visitor).map_err(|error| Problem(EventProblem::from_json(&error)))
            }
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(list) => {
                let mut elements = SeqDeserializer::new(list.iter().map(Reader));
                let value = visitor.visit_seq(&mut elements)?;
                elements.end()?;
                Ok(value)
            }
            Value::Object(fields) => {
                // An element of a message is read in one pass if its kind comes first.
                let kind = fields.get_key_value(MSG_TYPE);
                let rest = fields.iter().filter(|(name, _)| *name != MSG_TYPE);
                let fields = kind.into_iter().chain(rest);
                let mut fields =
                    MapDeserializer::new(fields.map(|(name, value)| (name.as_str(), Reader(value))));
                let value = visitor.visit_map(&mut fields)?;
                fields.end()?;
                Ok(value)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.0 {
            Value::String(variant) => visitor.visit_enum(variant.as_str().into_deserializer()),
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| (name.as_str(), Reader(value)));
                visitor.visit_enum(MapAccessDeserializer::new(MapDeserializer::new(fields)))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq
        tuple tuple_struct map struct identifier ignored_any
    }
}
