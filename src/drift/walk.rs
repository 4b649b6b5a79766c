//! Comparing a packet with the shape of its event.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny},
};

use super::{Findings, shape::Shape};

/// Adds what the packet contains and the event does not model.
pub(super) fn compare(shape: &Shape, body: &[u8], findings: &mut Findings) {
    let mut path = Path { pointer: String::new(), findings };
    path.unrecognized(shape);
    let mut packet = serde_json::Deserializer::from_slice(body);
    // Of a body that is not the event's, what was found before it differed is reported.
    let _ = Place { shape, path: &mut path }.deserialize(&mut packet);
}

/// Where the walk is.
struct Path<'f> {
    pointer: String,
    findings: &'f mut Findings,
}

impl Path<'_> {
    /// Goes down one level, visits it, and comes back.
    fn below<T>(&mut self, token: &str, visit: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.pointer.len();
        self.pointer.push('/');
        for character in token.chars() {
            match character {
                '~' => self.pointer.push_str("~0"),
                '/' => self.pointer.push_str("~1"),
                _ => self.pointer.push(character),
            }
        }
        let result = visit(self);
        self.pointer.truncate(length);
        result
    }

    /// Reports the values that open enums do not know. The event has them, whatever the packet is.
    fn unrecognized(&mut self, shape: &Shape) {
        match shape {
            Shape::Unrecognized(value) => self.findings.unrecognized_value(&self.pointer, (**value).clone()),
            Shape::Struct(fields) | Shape::Map(fields) => {
                for (name, shape) in fields.iter().filter(|(_, shape)| shape.has_parts()) {
                    self.below(name, |path| path.unrecognized(shape));
                }
            }
            Shape::List(elements) => {
                for (index, shape) in elements.iter().enumerate().filter(|(_, shape)| shape.has_parts()) {
                    self.below(&index.to_string(), |path| path.unrecognized(shape));
                }
            }
            Shape::Whole | Shape::Absent | Shape::Unmodelled => {}
        }
    }
}

/// A place in the packet.
struct Place<'s, 'p, 'f> {
    shape: &'s Shape,
    path: &'p mut Path<'f>,
}

impl<'de> DeserializeSeed<'de> for Place<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, packet: D) -> Result<(), D::Error> {
        match self.shape {
            Shape::Struct(_) | Shape::Map(_) => packet.deserialize_map(self),
            Shape::List(_) => packet.deserialize_seq(self),
            Shape::Absent => {
                // The only types that cannot hold all that they read are lengths.
                if let Some(length) = Option::<i64>::deserialize(packet)? {
                    self.path.findings.unrecognized_value(&self.path.pointer, length.into());
                }
                Ok(())
            }
            Shape::Unmodelled => {
                self.path.findings.unknown_field(&self.path.pointer);
                IgnoredAny::deserialize(packet).map(drop)
            }
            // Skipped: it may be more than a `Value` can hold.
            Shape::Whole | Shape::Unrecognized(_) => IgnoredAny::deserialize(packet).map(drop),
        }
    }
}

impl<'de> de::Visitor<'de> for Place<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the packet of the event")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut packet: A) -> Result<(), A::Error> {
        let (Shape::Struct(fields) | Shape::Map(fields)) = self.shape else { return Ok(()) };
        let is_map = matches!(self.shape, Shape::Map(_));
        // Most packets have their fields in the order of the struct.
        let mut next = 0;
        while let Some(field) = packet.next_key_seed(Field { fields, next })? {
            match field {
                Ok((index, name, shape)) => {
                    next = index + 1;
                    self.path.below(name, |path| packet.next_value_seed(Place { shape, path }))?;
                }
                // A map has everything that was there, but for fields of the struct that were `null`.
                Err(_) if is_map => drop(packet.next_value::<IgnoredAny>()?),
                Err(name) => {
                    self.path.below(&name, |path| path.findings.unknown_field(&path.pointer));
                    packet.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut packet: A) -> Result<(), A::Error> {
        let Shape::List(elements) = self.shape else { return Ok(()) };
        for (index, shape) in elements.iter().enumerate() {
            let token = index.to_string();
            let seen = self.path.below(&token, |path| packet.next_element_seed(Place { shape, path }))?;
            if seen.is_none() {
                return Ok(());
            }
        }
        while packet.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// Name of a field of the packet, to be found among those of the event.
struct Field<'s> {
    fields: &'s [(Cow<'static, str>, Shape)],
    /// Where it most likely is.
    next: usize,
}

impl<'de, 's> DeserializeSeed<'de> for Field<'s> {
    type Value = Result<(usize, &'s str, &'s Shape), String>;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<Self::Value, D::Error> {
        name.deserialize_identifier(self)
    }
}

impl<'s> de::Visitor<'_> for Field<'s> {
    type Value = Result<(usize, &'s str, &'s Shape), String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let (before, after) = self.fields.split_at_checked(self.next).unwrap_or((self.fields, &[]));
        let after = after.iter().enumerate().map(|(index, field)| (self.next + index, field));
        let found = after.chain(before.iter().enumerate()).find(|(_, (known, _))| known == name);
        Ok(match found {
            Some((index, (known, shape))) => Ok((index, known, shape)),
            None => Err(name.to_owned()),
        })
    }
}
