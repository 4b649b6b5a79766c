//! Elements that carry text and little data: text, locations, emoticons and custom content.
//!
//! Documentation: <https://trtc.io/document/74355>

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Number;
use serde_with::skip_serializing_none;

use crate::event::{
    kept::Kept,
    unmodelled::{Unmodelled, extensible},
};

/// Text, in [`Element::Text`](super::Element::Text).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TextElem {
    /// What the sender wrote. The kits write emoji as codes in square brackets, such as `[TUIEmoji_Smile]`.
    pub text: String,
    #[serde(flatten, skip_deserializing)]
    unmodelled: Unmodelled,
}

/// Location, in [`Element::Location`](super::Element::Location).
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct LocationElem {
    /// Text that the sender gave to the location.
    pub desc: Option<String>,
    /// Latitude in degrees, written back with the digits that an `f64` holds, or with all digits if the feature
    /// `arbitrary_precision` of `serde_json` is on.
    #[serde(default, with = "number")]
    pub latitude: Option<Number>,
    /// Longitude in degrees, kept like the latitude.
    #[serde(default, with = "number")]
    pub longitude: Option<Number>,
    #[serde(flatten, skip_deserializing)]
    unmodelled: Unmodelled,
}

/// Emoticon, in [`Element::Face`](super::Element::Face).
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FaceElem {
    /// Number by which the application knows the emoticon.
    pub index: Option<i64>,
    /// Further data of the application's.
    pub data: Option<String>,
    #[serde(flatten, skip_deserializing)]
    unmodelled: Unmodelled,
}

/// Content that only the application understands, in [`Element::Custom`](super::Element::Custom).
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CustomElem {
    /// Content. Not included in an offline push to Apple devices.
    pub data: Option<String>,
    /// Text that an offline push shows.
    pub desc: Option<String>,
    /// Data that an offline push to Apple devices carries.
    pub ext: Option<String>,
    /// Sound that an offline push to Apple devices plays.
    pub sound: Option<String>,
    #[serde(flatten, skip_deserializing)]
    unmodelled: Unmodelled,
}

impl TextElem {
    /// Creates a text element's content.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), unmodelled: Unmodelled::default() }
    }
}

impl TextElem {
    /// Reads the text of an element, and keeps what is not modelled. It is the one kind that nearly every message is of,
    /// and is read directly rather than by way of [`Extended`](crate::event::unmodelled::Extended).
    #[inline]
    pub(super) fn read<'de, D: Deserializer<'de>>(content: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(field_identifier)]
        enum Field {
            Text,
            Unmodelled(String),
        }

        struct TextVisitor;

        impl<'de> de::Visitor<'de> for TextVisitor {
            type Value = TextElem;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("struct TextElem")
            }

            #[inline]
            fn visit_map<A: de::MapAccess<'de>>(self, mut content: A) -> Result<TextElem, A::Error> {
                let mut text = None;
                let mut unmodelled = Unmodelled::default();
                while let Some(field) = content.next_key()? {
                    match field {
                        Field::Text if text.is_none() => text = Some(content.next_value()?),
                        Field::Text => return Err(de::Error::duplicate_field("Text")),
                        Field::Unmodelled(name) => {
                            let Kept(value) = content.next_value()?;
                            unmodelled.insert(name, value);
                        }
                    }
                }
                let text = text.ok_or_else(|| de::Error::missing_field("Text"))?;
                Ok(TextElem { text, unmodelled })
            }
        }

        content.deserialize_map(TextVisitor)
    }
}

impl LocationElem {
    /// Creates an empty `LocationElem`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl FaceElem {
    /// Creates an empty `FaceElem`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl CustomElem {
    /// Creates an empty `CustomElem`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

extensible!(TextElem, LocationElem, FaceElem, CustomElem);

/// Numbers that may be fractions.
mod number {
    use serde::{Deserialize, Deserializer, Serializer, de};
    use serde_json::{Number, Value};

    use crate::{event::kept::Kept, open_enum::KEPT};

    /// Marks a number as modelled: it has parts if `serde_json` keeps its text.
    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(super) fn serialize<S: Serializer>(
        number: &Option<Number>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(KEPT, number)
    }

    /// Reads a number by way of any value: `Number` takes some objects for one, and an error in them names their keys.
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Number>, D::Error> {
        let found = match Option::<Kept>::deserialize(deserializer)? {
            None => return Ok(None),
            Some(Kept(Value::Number(number))) => return Ok(Some(number)),
            Some(Kept(Value::Bool(value))) => de::Unexpected::Bool(value),
            Some(Kept(Value::String(_))) => de::Unexpected::Other("string"),
            Some(Kept(Value::Array(_))) => de::Unexpected::Seq,
            Some(Kept(_)) => de::Unexpected::Map,
        };
        Err(de::Error::invalid_type(found, &"a number"))
    }
}
