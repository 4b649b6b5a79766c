//! Shape of an event: the parts of its packet that it models.

use std::{borrow::Cow, fmt::Display};

use serde::{
    Serialize, Serializer,
    ser::{self, Impossible, SerializeMap, SerializeSeq, SerializeStruct},
};
use serde_json::Value;

use crate::open_enum::{KEPT, UNMODELLED, UNRECOGNIZED};

/// What an event models at one place in its packet.
#[derive(Debug)]
pub(super) enum Shape {
    /// Everything, whatever it is.
    Whole,
    /// A field that the event left out: it is absent, `null`, or something that the field's type cannot hold.
    Absent,
    /// A value that an open enum does not know.
    Unrecognized(Box<Value>),
    /// A field that is kept, but not modelled.
    Unmodelled,
    /// An object whose struct has these fields and no others.
    Struct(Vec<(Cow<'static, str>, Shape)>),
    /// An object of which these fields are kept, modelled or not.
    Map(Vec<(Cow<'static, str>, Shape)>),
    /// A list of these elements.
    List(Vec<Shape>),
}

impl Shape {
    /// Takes the shape of an event.
    pub(super) fn of(event: &impl Serialize) -> Self {
        // Every event can be serialized. Of one that could not, nothing would be reported.
        event.serialize(Draw).unwrap_or(Self::Whole)
    }

    /// Tells whether there may be something to report below it.
    pub(super) fn has_parts(&self) -> bool {
        matches!(self, Self::Unrecognized(_) | Self::Struct(_) | Self::Map(_) | Self::List(_))
    }
}

/// Draws the shape of what it serializes.
struct Draw;

/// Scalars are modelled: they have no parts.
macro_rules! whole {
    ($($method:ident($($value:ty),*);)+) => {
        $(fn $method(self, $(_: $value),*) -> Result<Shape, NoShape> {
            Ok(Shape::Whole)
        })+
    };
}

impl Serializer for Draw {
    type Ok = Shape;
    type Error = NoShape;
    type SerializeSeq = List;
    type SerializeTuple = Impossible<Shape, NoShape>;
    type SerializeTupleStruct = Impossible<Shape, NoShape>;
    type SerializeTupleVariant = Impossible<Shape, NoShape>;
    type SerializeMap = Object;
    type SerializeStruct = Object;
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
            KEPT => Ok(Shape::Whole),
            UNMODELLED => Ok(Shape::Unmodelled),
            UNRECOGNIZED => {
                let value = serde_json::to_value(value).map_err(ser::Error::custom)?;
                Ok(Shape::Unrecognized(Box::new(value)))
            }
            _ => value.serialize(self),
        }
    }

    fn serialize_struct(self, _name: &'static str, len: usize) -> Result<Object, NoShape> {
        Ok(Object { fields: Vec::with_capacity(len), key: Cow::Borrowed("") })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Object, NoShape> {
        Ok(Object { fields: Vec::with_capacity(len.unwrap_or_default()), key: Cow::Borrowed("") })
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<List, NoShape> {
        Ok(List(Vec::with_capacity(len.unwrap_or_default())))
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

/// Fields of an object, as far as they are serialized.
struct Object {
    fields: Vec<(Cow<'static, str>, Shape)>,
    key: Cow<'static, str>,
}

impl SerializeStruct for Object {
    type Ok = Shape;
    type Error = NoShape;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), NoShape> {
        self.fields.push((Cow::Borrowed(name), value.serialize(Draw)?));
        Ok(())
    }

    fn skip_field(&mut self, name: &'static str) -> Result<(), NoShape> {
        self.fields.push((Cow::Borrowed(name), Shape::Absent));
        Ok(())
    }

    fn end(self) -> Result<Shape, NoShape> {
        Ok(Shape::Struct(self.fields))
    }
}

impl SerializeMap for Object {
    type Ok = Shape;
    type Error = NoShape;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), NoShape> {
        let Ok(Value::String(name)) = serde_json::to_value(name) else { return Err(NoShape) };
        self.key = Cow::Owned(name);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoShape> {
        self.fields.push((std::mem::take(&mut self.key), value.serialize(Draw)?));
        Ok(())
    }

    fn end(self) -> Result<Shape, NoShape> {
        Ok(Shape::Map(self.fields))
    }
}

/// Elements of a list, as far as they are serialized.
struct List(Vec<Shape>);

impl SerializeSeq for List {
    type Ok = Shape;
    type Error = NoShape;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoShape> {
        self.0.push(value.serialize(Draw)?);
        Ok(())
    }

    fn end(self) -> Result<Shape, NoShape> {
        Ok(Shape::List(self.0))
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
