//! Comparing an event with its packet: the event is serialized, and the packet is examined in the same
//! places.

use std::{
    collections::BTreeMap,
    fmt::{self, Display},
};

use serde::{
    Serialize, Serializer,
    ser::{self, Impossible, SerializeMap, SerializeSeq, SerializeStruct},
};
use serde_json::{Value, value::RawValue};

use super::Finding;
use crate::open_enum::{UNMODELLED, UNRECOGNIZED};

/// Adds what the packet contains and the event does not model.
///
/// The packet is read as raw text, and only where the event has an object or a list: a value that is not
/// modelled may be one that a [`Value`] cannot hold.
pub(super) fn compare(event: &impl Serialize, body: &[u8], findings: &mut Vec<Finding>) {
    let packet = serde_json::from_slice(body).ok();
    let mut report = Report { pointer: String::new(), findings };
    // Every event can be serialized. If one could not, what was found so far would still be true.
    let _ = event.serialize(Place { packet, report: &mut report });
}

struct Report<'r> {
    /// Where the walk is.
    pointer: String,
    findings: &'r mut Vec<Finding>,
}

impl Report<'_> {
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

    fn unrecognized_value(&mut self, value: Value) {
        self.findings.push(Finding::UnrecognizedValue { pointer: self.pointer.clone(), value });
    }

    fn unknown_field(&mut self) {
        self.findings.push(Finding::UnknownField { pointer: self.pointer.clone() });
    }
}

/// A value of the event being serialized, and what the packet has in the same place.
struct Place<'a, 'r> {
    packet: Option<&'a RawValue>,
    report: &'a mut Report<'r>,
}

impl<'a> Place<'a, '_> {
    /// Returns the fields that the packet has here.
    fn fields(&self) -> BTreeMap<String, &'a RawValue> {
        self.packet.and_then(|packet| serde_json::from_str(packet.get()).ok()).unwrap_or_default()
    }

    /// Returns the elements that the packet has here.
    fn elements(&self) -> Vec<&'a RawValue> {
        self.packet.and_then(|packet| serde_json::from_str(packet.get()).ok()).unwrap_or_default()
    }
}

/// Why a walk ended early.
#[derive(Debug)]
struct NotAnEvent;

impl Display for NotAnEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an event")
    }
}

impl std::error::Error for NotAnEvent {}

impl ser::Error for NotAnEvent {
    fn custom<T: Display>(_message: T) -> Self {
        Self
    }
}

impl<'a, 'r> Serializer for Place<'a, 'r> {
    type Ok = ();
    type Error = NotAnEvent;
    type SerializeSeq = List<'a, 'r>;
    type SerializeTuple = Impossible<(), NotAnEvent>;
    type SerializeTupleStruct = Impossible<(), NotAnEvent>;
    type SerializeTupleVariant = Impossible<(), NotAnEvent>;
    type SerializeMap = Entries<'a, 'r>;
    type SerializeStruct = Fields<'a, 'r>;
    type SerializeStructVariant = Impossible<(), NotAnEvent>;

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), NotAnEvent> {
        match name {
            UNRECOGNIZED => {
                let value = serde_json::to_value(value).map_err(ser::Error::custom)?;
                self.report.unrecognized_value(value);
                Ok(())
            }
            UNMODELLED => {
                self.report.unknown_field();
                Ok(())
            }
            _ => value.serialize(self),
        }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), NotAnEvent> {
        value.serialize(self)
    }

    fn serialize_struct(self, _name: &'static str, len: usize) -> Result<Fields<'a, 'r>, NotAnEvent> {
        Ok(Fields { packet: self.fields(), report: self.report, known: Vec::with_capacity(len) })
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Entries<'a, 'r>, NotAnEvent> {
        Ok(Entries { packet: self.fields(), report: self.report, name: String::new() })
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<List<'a, 'r>, NotAnEvent> {
        Ok(List { packet: self.elements().into_iter(), report: self.report, index: 0 })
    }

    // Any other value is modelled: there is nothing to report.

    fn serialize_bool(self, _value: bool) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_i8(self, _value: i8) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_i16(self, _value: i16) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_i32(self, _value: i32) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_i64(self, _value: i64) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_u8(self, _value: u8) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_u16(self, _value: u16) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_u32(self, _value: u32) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_u64(self, _value: u64) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_f32(self, _value: f32) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_f64(self, _value: f64) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_char(self, _value: char) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_str(self, _value: &str) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_bytes(self, _value: &[u8]) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_none(self) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), NotAnEvent> {
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
    ) -> Result<(), NotAnEvent> {
        Ok(())
    }

    // No event contains any of the following.

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<(), NotAnEvent> {
        Err(NotAnEvent)
    }

    fn serialize_tuple(self, _len: usize) -> Result<Self::SerializeTuple, NotAnEvent> {
        Err(NotAnEvent)
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleStruct, NotAnEvent> {
        Err(NotAnEvent)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleVariant, NotAnEvent> {
        Err(NotAnEvent)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeStructVariant, NotAnEvent> {
        Err(NotAnEvent)
    }
}

/// A struct: its fields are known, and the packet may have others.
struct Fields<'a, 'r> {
    packet: BTreeMap<String, &'a RawValue>,
    report: &'a mut Report<'r>,
    known: Vec<&'static str>,
}

impl SerializeStruct for Fields<'_, '_> {
    type Ok = ();
    type Error = NotAnEvent;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), NotAnEvent> {
        self.known.push(name);
        let packet = self.packet.get(name).copied();
        self.report.below(name, |report| value.serialize(Place { packet, report }))
    }

    fn skip_field(&mut self, name: &'static str) -> Result<(), NotAnEvent> {
        self.known.push(name);
        // Skipped because it is absent, `null`, or something that the field's type cannot hold.
        let value = self.packet.get(name).and_then(|value| serde_json::from_str(value.get()).ok());
        if let Some(value) = value.filter(|value: &Value| !value.is_null()) {
            self.report.below(name, |report| report.unrecognized_value(value));
        }
        Ok(())
    }

    fn end(self) -> Result<(), NotAnEvent> {
        for name in self.packet.keys().filter(|name| !self.known.contains(&name.as_str())) {
            self.report.below(name, Report::unknown_field);
        }
        Ok(())
    }
}

/// A map: it is kept whole, whatever it contains.
struct Entries<'a, 'r> {
    packet: BTreeMap<String, &'a RawValue>,
    report: &'a mut Report<'r>,
    name: String,
}

impl SerializeMap for Entries<'_, '_> {
    type Ok = ();
    type Error = NotAnEvent;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), NotAnEvent> {
        let name = serde_json::to_value(name).map_err(ser::Error::custom)?;
        name.as_str().unwrap_or_default().clone_into(&mut self.name);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotAnEvent> {
        let packet = self.packet.get(&self.name).copied();
        self.report.below(&self.name, |report| value.serialize(Place { packet, report }))
    }

    fn end(self) -> Result<(), NotAnEvent> {
        Ok(())
    }
}

/// A list.
struct List<'a, 'r> {
    packet: std::vec::IntoIter<&'a RawValue>,
    report: &'a mut Report<'r>,
    index: usize,
}

impl SerializeSeq for List<'_, '_> {
    type Ok = ();
    type Error = NotAnEvent;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NotAnEvent> {
        let packet = self.packet.next();
        let token = self.index.to_string();
        self.index += 1;
        self.report.below(&token, |report| value.serialize(Place { packet, report }))
    }

    fn end(self) -> Result<(), NotAnEvent> {
        Ok(())
    }
}
