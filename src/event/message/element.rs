//! Elements, which make up a message's body.
//!
//! Documentation: <https://trtc.io/document/74355>

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, IgnoredAny},
    ser::{SerializeMap, SerializeStruct},
};
use serde_json::{Map, Value};
use serde_with::{de::DeserializeAsWrap, skip_serializing_none};

use crate::{
    event::{kept::Kept, locate, packet::Name},
    object::Object,
    open_enum::{UNMODELLED, open_enum},
};

const MSG_TYPE: &str = "MsgType";
const MSG_CONTENT: &str = "MsgContent";

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Element {
    /// `TIMTextElem`: text.
    Text(TextElem),
    /// `TIMCustomElem`: content defined by the application.
    Custom(CustomElem),
    /// Any other kind, kept whole.
    Other(OtherElem),
}

impl Element {
    /// Makes a text element.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(TextElem { text: text.into() })
    }

    /// Returns the kind of element.
    #[must_use]
    pub fn msg_type(&self) -> &MsgType {
        match self {
            Self::Text(_) => &MsgType::TimTextElem,
            Self::Custom(_) => &MsgType::TimCustomElem,
            Self::Other(element) => &element.msg_type,
        }
    }
}

/// Text, in [`Element::Text`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TextElem {
    /// What the sender wrote.
    pub text: String,
}

/// Content that only the application understands, in [`Element::Custom`].
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
}

/// An element of any other kind, in [`Element::Other`].
///
/// To send one, read it from JSON:
/// `serde_json::from_value::<Element>(json!({"MsgType": …, "MsgContent": …}))`. It keeps what an
/// [`UnrecognizedEvent`](crate::UnrecognizedEvent) keeps: see there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OtherElem {
    msg_type: MsgType,
    fields: Map<String, Value>,
}

impl OtherElem {
    /// Returns the kind of element.
    #[must_use]
    pub fn msg_type(&self) -> &MsgType {
        &self.msg_type
    }

    /// Returns every field except the kind; the content is `MsgContent`.
    #[must_use]
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }
}

impl From<TextElem> for Element {
    fn from(element: TextElem) -> Self {
        Self::Text(element)
    }
}

impl From<CustomElem> for Element {
    fn from(element: CustomElem) -> Self {
        Self::Custom(element)
    }
}

open_enum! {
    /// Kind of an element.
    pub enum MsgType {
        /// Text.
        TimTextElem = "TIMTextElem",
        /// A location.
        TimLocationElem = "TIMLocationElem",
        /// An emoticon.
        TimFaceElem = "TIMFaceElem",
        /// Content defined by the application.
        TimCustomElem = "TIMCustomElem",
        /// A voice message.
        TimSoundElem = "TIMSoundElem",
        /// A picture.
        TimImageElem = "TIMImageElem",
        /// A file.
        TimFileElem = "TIMFileElem",
        /// A video.
        TimVideoFileElem = "TIMVideoFileElem",
    }
}

/// Reads the next value as an object.
fn object<'de, T: Deserialize<'de>, A: de::MapAccess<'de>>(element: &mut A) -> Result<T, A::Error> {
    element.next_value().map(DeserializeAsWrap::<T, Object>::into_inner)
}

impl Serialize for Element {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn typed<S: Serializer>(
            serializer: S,
            kind: &MsgType,
            content: &impl Serialize,
        ) -> Result<S::Ok, S::Error> {
            let mut element = serializer.serialize_struct("Element", 2)?;
            element.serialize_field(MSG_TYPE, kind)?;
            element.serialize_field(MSG_CONTENT, content)?;
            element.end()
        }

        match self {
            Self::Text(content) => typed(serializer, self.msg_type(), content),
            Self::Custom(content) => typed(serializer, self.msg_type(), content),
            Self::Other(OtherElem { msg_type, fields }) => {
                let mut element = serializer.serialize_map(Some(fields.len() + 1))?;
                element.serialize_entry(MSG_TYPE, msg_type)?;
                for (name, value) in fields {
                    if name == MSG_CONTENT {
                        element.serialize_entry(name, value)?;
                    } else {
                        element.serialize_entry(name, &Unmodelled(value))?;
                    }
                }
                element.end()
            }
        }
    }
}

/// A field of an element other than its kind and its content.
struct Unmodelled<'a>(&'a Value);

impl Serialize for Unmodelled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(UNMODELLED, self.0)
    }
}

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ElementVisitor;

        impl<'de> de::Visitor<'de> for ElementVisitor {
            type Value = Element;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an element of a message")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut element: A) -> Result<Element, A::Error> {
                let mut kind = None;
                let mut typed: Option<Element> = None;
                let mut fields = Map::new();
                // In every documented packet the kind comes first, and the content is read straight into its
                // type. If the content comes first, it is set aside.
                while let Some(Name(name)) = element.next_key()? {
                    match (&*name, &kind) {
                        (MSG_TYPE, None) => kind = Some(element.next_value()?),
                        (MSG_TYPE, Some(_)) => return Err(de::Error::duplicate_field(MSG_TYPE)),
                        (MSG_CONTENT, _) if typed.is_some() || fields.contains_key(MSG_CONTENT) => {
                            return Err(de::Error::duplicate_field(MSG_CONTENT));
                        }
                        (MSG_CONTENT, Some(MsgType::TimTextElem)) => {
                            typed = Some(Element::Text(object(&mut element)?));
                        }
                        (MSG_CONTENT, Some(MsgType::TimCustomElem)) => {
                            typed = Some(Element::Custom(object(&mut element)?));
                        }
                        (_, Some(MsgType::TimTextElem | MsgType::TimCustomElem)) => {
                            element.next_value::<IgnoredAny>()?;
                        }
                        _ => {
                            let Kept(value) = element.next_value()?;
                            fields.insert(name.into_owned(), value);
                        }
                    }
                }
                let kind = kind.ok_or_else(|| de::Error::missing_field(MSG_TYPE))?;
                if let Some(typed) = typed {
                    return Ok(typed);
                }
                let mut content =
                    || fields.remove(MSG_CONTENT).ok_or_else(|| de::Error::missing_field(MSG_CONTENT));
                match kind {
                    MsgType::TimTextElem => locate::kept_aside(MSG_CONTENT, content()?).map(Element::Text),
                    MsgType::TimCustomElem => {
                        locate::kept_aside(MSG_CONTENT, content()?).map(Element::Custom)
                    }
                    msg_type => Ok(Element::Other(OtherElem { msg_type, fields })),
                }
            }
        }

        deserializer.deserialize_map(ElementVisitor)
    }
}
