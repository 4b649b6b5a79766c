//! Shapes: the parts of a packet that its event models.

use std::fmt::Display;

use serde::{
    Serialize, Serializer,
    ser::{self, Impossible, SerializeMap, SerializeSeq, SerializeStruct},
};
use serde_json::Value;

use super::{finding::Findings, path::Path};
use crate::open_enum::{KEPT, UNMODELLED, UNRECOGNIZED};

/// What an event models of its packet.
pub(super) struct Drawing {
    pub(super) shape: Shape,
    pub(super) names: Names,
}

/// What an event models in one place of its packet.
pub(super) enum Shape {
    /// Everything, whatever it is. Also what is kept without being modelled: the event itself tells all about that.
    Whole,
    /// A field that the event left out: it is absent, `null`, or something that the field's type cannot hold.
    Absent,
    /// An object whose struct has certain fields and no others.
    Struct(Struct),
    /// An object of which every field is kept. Those of these names have a shape.
    Map(Vec<(String, Shape)>),
    /// A list of these elements.
    List(Vec<Shape>),
}

/// Shape of an object that a struct represents. Lists can have many of them, so it is small.
pub(super) struct Struct {
    /// Which of the lists of names has those of its fields.
    kind: usize,
    /// How many of them it has.
    len: usize,
    /// A bit for each field that is absent. A struct has fewer than 64 fields.
    absent: u64,
    /// The fields, by number, that are neither whole nor absent.
    parts: Vec<(usize, Shape)>,
}

impl Struct {
    /// Returns the shape of a field by its number.
    pub(super) fn field(&self, number: usize) -> &Shape {
        if self.absent & bit(number) != 0 {
            return &Shape::Absent;
        }
        self.parts.iter().find(|(part, _)| *part == number).map_or(&Shape::Whole, |(_, shape)| shape)
    }
}

fn bit(number: usize) -> u64 {
    u32::try_from(number).ok().and_then(|number| 1_u64.checked_shl(number)).unwrap_or_default()
}

/// Names of the fields of each kind of struct, once for all structs of the kind.
#[derive(Default)]
pub(super) struct Names(Vec<Kind>);

struct Kind {
    name: &'static str,
    fields: Vec<&'static str>,
}

impl Names {
    /// Returns the names of a struct's fields.
    pub(super) fn of(&self, shape: &Struct) -> &[&'static str] {
        self.0.get(shape.kind).and_then(|kind| kind.fields.get(..shape.len)).unwrap_or_default()
    }

    /// Returns the kind of a struct by its name.
    fn kind(&mut self, name: &'static str) -> usize {
        let known = self.0.iter().position(|kind| kind.name == name);
        known.unwrap_or_else(|| self.add(Kind { name, fields: Vec::new() }))
    }

    /// Returns the kind of a struct once its next field is known. Nearly always, it is what it seemed to be.
    fn with_field(&mut self, seeming: usize, number: usize, field: &'static str) -> usize {
        let Some(kind) = self.0.get_mut(seeming) else { return seeming };
        match kind.fields.get(number) {
            Some(known) if *known == field => return seeming,
            Some(_) => {}
            None => {
                kind.fields.push(field);
                return seeming;
            }
        }
        let (name, before) = (kind.name, kind.fields.iter().copied().take(number));
        let fields: Vec<_> = before.chain([field]).collect();
        let known = self.0.iter().position(|kind| kind.name == name && kind.fields.starts_with(&fields));
        known.unwrap_or_else(|| self.add(Kind { name, fields }))
    }

    fn add(&mut self, kind: Kind) -> usize {
        self.0.push(kind);
        self.0.len() - 1
    }
}

impl Drawing {
    /// Draws an event, and reports what is not modelled although the event has it.
    pub(super) fn of(event: &impl Serialize, findings: &mut Findings) -> Self {
        let mut names = Names::default();
        let draw = Draw { names: &mut names, findings, path: &Path::Packet };
        // Every event can be serialized. Of one that could not, nothing more would be reported.
        let shape = event.serialize(draw).unwrap_or(Shape::Whole);
        Self { shape, names }
    }
}

/// Draws the shape of what it serializes.
struct Draw<'d> {
    names: &'d mut Names,
    findings: &'d mut Findings,
    path: &'d Path<'d>,
}

impl Draw<'_> {
    /// Draws a part of it.
    fn part<T: Serialize + ?Sized>(&mut self, path: &Path<'_>, part: &T) -> Result<Shape, NoShape> {
        part.serialize(Draw { names: self.names, findings: self.findings, path })
    }
}

/// Scalars are modelled: they have no parts.
macro_rules! whole {
    ($($method:ident($($value:ty),*);)+) => {
        $(fn $method(self, $(_: $value),*) -> Result<Shape, NoShape> {
            Ok(Shape::Whole)
        })+
    };
}

impl<'d> Serializer for Draw<'d> {
    type Ok = Shape;
    type Error = NoShape;
    type SerializeSeq = Elements<'d>;
    type SerializeTuple = Impossible<Shape, NoShape>;
    type SerializeTupleStruct = Impossible<Shape, NoShape>;
    type SerializeTupleVariant = Impossible<Shape, NoShape>;
    type SerializeMap = Entries<'d>;
    type SerializeStruct = Fields<'d>;
    type SerializeStructVariant = Impossible<Shape, NoShape>;

    whole! {
        serialize_bool(bool);
        serialize_i8(i8); serialize_i16(i16); serialize_i32(i32); serialize_i64(i64);
        serialize_u8(u8); serialize_u16(u16); serialize_u32(u32); serialize_u64(u64);
        serialize_f32(f32); serialize_f64(f64);
        serialize_char(char); serialize_str(&str); serialize_bytes(&[u8]);
        serialize_none(); serialize_unit(); serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    fn collect_str<T: Display + ?Sized>(self, _value: &T) -> Result<Shape, NoShape> {
        Ok(Shape::Whole)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Shape, NoShape> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Shape, NoShape> {
        match name {
            KEPT => {}
            UNMODELLED => self.findings.unknown_field(self.path),
            UNRECOGNIZED => {
                // Of an enum: text or a number.
                let value = || serde_json::to_value(value).unwrap_or_default();
                self.findings.unrecognized_value(self.path, value);
            }
            _ => return value.serialize(self),
        }
        Ok(Shape::Whole)
    }

    fn serialize_struct(self, name: &'static str, _len: usize) -> Result<Fields<'d>, NoShape> {
        let kind = self.names.kind(name);
        Ok(Fields { draw: self, shape: Struct { kind, len: 0, absent: 0, parts: Vec::new() } })
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Entries<'d>, NoShape> {
        Ok(Entries { draw: self, shapes: Vec::new(), key: String::new() })
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Elements<'d>, NoShape> {
        Ok(Elements { draw: self, len, whole: 0, shapes: Vec::new() })
    }

    // No event contains any of the following.

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<Shape, NoShape> {
        Err(NoShape)
    }

    fn serialize_tuple(self, _len: usize) -> Result<Self::SerializeTuple, NoShape> {
        Err(NoShape)
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleStruct, NoShape> {
        Err(NoShape)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleVariant, NoShape> {
        Err(NoShape)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeStructVariant, NoShape> {
        Err(NoShape)
    }
}

/// Fields of a struct, as far as they are serialized.
struct Fields<'d> {
    draw: Draw<'d>,
    shape: Struct,
}

impl Fields<'_> {
    /// Returns the number of the next field.
    fn number(&mut self, name: &'static str) -> usize {
        let number = self.shape.len;
        self.shape.kind = self.draw.names.with_field(self.shape.kind, number, name);
        self.shape.len += 1;
        number
    }
}

impl SerializeStruct for Fields<'_> {
    type Ok = Shape;
    type Error = NoShape;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), NoShape> {
        let number = self.number(name);
        match self.draw.part(&Path::Field(self.draw.path, name), value)? {
            Shape::Whole => {}
            shape => self.shape.parts.push((number, shape)),
        }
        Ok(())
    }

    fn skip_field(&mut self, name: &'static str) -> Result<(), NoShape> {
        let number = self.number(name);
        self.shape.absent |= bit(number);
        Ok(())
    }

    fn end(self) -> Result<Shape, NoShape> {
        Ok(Shape::Struct(self.shape))
    }
}

/// Entries of a map, as far as they are serialized.
struct Entries<'d> {
    draw: Draw<'d>,
    shapes: Vec<(String, Shape)>,
    key: String,
}

impl SerializeMap for Entries<'_> {
    type Ok = Shape;
    type Error = NoShape;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NoShape> {
        let Ok(Value::String(key)) = serde_json::to_value(key) else { return Err(NoShape) };
        self.key = key;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoShape> {
        match self.draw.part(&Path::Field(self.draw.path, &self.key), value)? {
            Shape::Whole => {}
            shape => self.shapes.push((std::mem::take(&mut self.key), shape)),
        }
        Ok(())
    }

    fn end(self) -> Result<Shape, NoShape> {
        Ok(if self.shapes.is_empty() { Shape::Whole } else { Shape::Map(self.shapes) })
    }
}

/// Elements of a list, as far as they are serialized.
struct Elements<'d> {
    draw: Draw<'d>,
    len: Option<usize>,
    /// How many elements are whole, and precede the others.
    whole: usize,
    shapes: Vec<Shape>,
}

impl SerializeSeq for Elements<'_> {
    type Ok = Shape;
    type Error = NoShape;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoShape> {
        let index = self.whole.max(self.shapes.len());
        match self.draw.part(&Path::Element(self.draw.path, index), value)? {
            Shape::Whole if self.shapes.is_empty() => self.whole += 1,
            shape => {
                if self.shapes.is_empty() {
                    self.shapes.reserve_exact(self.len.unwrap_or_default());
                    self.shapes.resize_with(self.whole, || Shape::Whole);
                }
                self.shapes.push(shape);
            }
        }
        Ok(())
    }

    fn end(self) -> Result<Shape, NoShape> {
        Ok(if self.shapes.is_empty() { Shape::Whole } else { Shape::List(self.shapes) })
    }
}

/// Something that no event contains.
#[derive(Debug, thiserror::Error)]
#[error("not an event")]
struct NoShape;

impl ser::Error for NoShape {
    fn custom<T: Display>(_message: T) -> Self {
        Self
    }
}

#[cfg(test)]
mod tests {
    use serde::{Serialize, Serializer, ser::SerializeStruct};

    use super::{Draw, Names, Shape};
    use crate::drift::{finding::Findings, path::Path};

    /// A struct that is not always written alike, as one can be that is written by hand.
    struct Unlike(&'static [&'static str]);

    impl Serialize for Unlike {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut object = serializer.serialize_struct("Unlike", self.0.len())?;
            for name in self.0 {
                object.serialize_field(name, &0)?;
            }
            object.end()
        }
    }

    #[test]
    fn every_struct_has_its_own_names_and_the_list_of_them_is_shared() {
        let written: [&[&str]; 5] = [&["a", "b"], &["a"], &["a", "c"], &["a", "b", "d"], &[]];
        let (mut names, mut findings) = (Names::default(), Findings::default());
        for fields in written.into_iter().cycle().take(100) {
            let draw = Draw { names: &mut names, findings: &mut findings, path: &Path::Packet };
            let Ok(Shape::Struct(shape)) = Unlike(fields).serialize(draw) else { panic!("{fields:?}") };
            assert_eq!(names.of(&shape), fields);
            assert!(matches!(shape.field(0), Shape::Whole));
        }
        assert_eq!(names.0.len(), 2);
    }
}
