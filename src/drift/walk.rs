//! Comparing a packet with the shape of its event.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny},
};

use super::{
    finding::Findings,
    path::Path,
    shape::{Drawing, Names, Shape},
};

/// Adds what the packet contains and the event does not have.
pub(super) fn compare(drawing: &Drawing, body: &[u8], findings: &mut Findings) {
    let Drawing { shape, names } = drawing;
    let mut packet = serde_json::Deserializer::from_slice(body);
    // Of a body that is not the event's, what was found before it differed is reported.
    let _ = Place { shape, names, path: &Path::Packet, findings }.deserialize(&mut packet);
}

/// A place in the packet.
struct Place<'s, 'f> {
    shape: &'s Shape,
    names: &'s Names,
    path: &'s Path<'s>,
    findings: &'f mut Findings,
}

impl<'de> DeserializeSeed<'de> for Place<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, packet: D) -> Result<(), D::Error> {
        match self.shape {
            Shape::Struct(_) | Shape::Map(_) => packet.deserialize_map(self),
            Shape::List(_) => packet.deserialize_seq(self),
            Shape::Absent => {
                // The only types that cannot hold all that they read are lengths.
                if let Some(length) = Option::<i64>::deserialize(packet)? {
                    self.findings.unrecognized_value(self.path, || length.into());
                }
                Ok(())
            }
            // Skipped: it may be more than a `Value` can hold.
            Shape::Whole => IgnoredAny::deserialize(packet).map(drop),
        }
    }
}

impl<'de> de::Visitor<'de> for Place<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the packet of the event")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut packet: A) -> Result<(), A::Error> {
        let Self { shape, names, path, findings } = self;
        match shape {
            Shape::Struct(object) => {
                let fields = names.of(object);
                // Most packets have their fields in the order of the struct.
                let mut next = 0;
                while let Some(known) = packet.next_key_seed(Name(|name: &str| {
                    let known = find(fields, next, name);
                    if known.is_none() {
                        findings.unknown_field(&Path::Field(path, name));
                    }
                    known
                }))? {
                    let Some((number, name)) = known else {
                        packet.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    next = number + 1;
                    let (shape, path) = (object.field(number), &Path::Field(path, name));
                    packet.next_value_seed(Place { shape, names, path, findings: &mut *findings })?;
                }
            }
            Shape::Map(parts) => {
                // Few fields of such an object have a shape, however many it has.
                let part = |name: &str| parts.iter().find(|(part, _)| part == name);
                while let Some(part) = packet.next_key_seed(Name(part))? {
                    let Some((name, shape)) = part else {
                        packet.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    let path = &Path::Field(path, name);
                    packet.next_value_seed(Place { shape, names, path, findings: &mut *findings })?;
                }
            }
            Shape::Whole | Shape::Absent | Shape::List(_) => {}
        }
        Ok(())
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut packet: A) -> Result<(), A::Error> {
        let Self { shape, names, path, findings } = self;
        let Shape::List(elements) = shape else { return Ok(()) };
        for (index, shape) in elements.iter().enumerate() {
            let path = &Path::Element(path, index);
            if packet.next_element_seed(Place { shape, names, path, findings: &mut *findings })?.is_none() {
                return Ok(());
            }
        }
        while packet.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// Finds a field by its name, most likely the next one.
fn find(fields: &[&'static str], next: usize, name: &str) -> Option<(usize, &'static str)> {
    let known = |(_, field): &(usize, &'static str)| *field == name;
    let numbered = || fields.iter().copied().enumerate();
    numbered().skip(next).find(known).or_else(|| numbered().take(next).find(known))
}

/// Reads the name of a field, and returns what is to be known of it.
struct Name<F>(F);

impl<'de, T, F: FnOnce(&str) -> T> DeserializeSeed<'de> for Name<F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<T, D::Error> {
        name.deserialize_identifier(self)
    }
}

impl<T, F: FnOnce(&str) -> T> de::Visitor<'_> for Name<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<T, E> {
        Ok((self.0)(name))
    }
}
