//! Elements, which make up a message's body.
//!
//! Documentation: <https://trtc.io/document/74355>

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeSeed},
    ser::{SerializeMap, SerializeStruct},
};
use serde_json::{Map, Value};
use serde_with::{DeserializeAs, serde_as, skip_serializing_none};

use super::{
    content::{CustomElem, FaceElem, LocationElem, TextElem},
    kind::{MsgType, OtherElem},
    media::{FileElem, ImageElem, SoundElem, VideoFileElem},
};
use crate::{
    event::{
        kept::Kept,
        locate,
        packet::MSG_TYPE,
        unmodelled::{Extended, Extensible, Marked, Unmodelled, Whole, extensible},
    },
    id::{RoomId, UserId},
    time::UnixSeconds,
};

const MSG_CONTENT: &str = "MsgContent";

/// Part of a message.
///
/// An element is written with everything that it was read with, in its content and beside it, modelled or not: a service
/// that [changes](super::Changes) one element of a message sends the others back as they came. Exceptions:
///
/// - A modelled field that is `null` is left out.
/// - Of a duplicate field that is not modelled, the last value is kept.
/// - A fraction, and an integer of more than 64 bits, is rounded to an `f64`, unless the feature
///   `arbitrary_precision` of `serde_json` is on.
/// - A time that is a numeric string loses leading zeros.
///
/// An element's own struct carries its unmodelled fields with it. It has them only if it was read as an element, not if
/// the struct was deserialized on its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Element {
    /// `TIMTextElem`: text.
    Text(TextElem),
    // The others in boxes, because they are rarer and larger: a list of texts is read faster for it.
    /// `TIMCustomElem`: content defined by the application.
    Custom(Box<CustomElem>),
    /// `TIMLocationElem`: location.
    Location(Box<LocationElem>),
    /// `TIMFaceElem`: emoticon.
    Face(Box<FaceElem>),
    /// `TIMSoundElem`: voice message.
    Sound(Box<SoundElem>),
    /// `TIMImageElem`: image.
    Image(Box<ImageElem>),
    /// `TIMFileElem`: file.
    File(Box<FileElem>),
    /// `TIMVideoFileElem`: video.
    VideoFile(Box<VideoFileElem>),
    /// `TIMRelayElem`: forwarded messages.
    Relay(Box<RelayElem>),
    /// Any other kind, kept whole.
    Other(Box<OtherElem>),
}

impl Element {
    /// Makes a text element.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(TextElem::new(text))
    }

    /// Makes a custom element with the given data.
    pub fn custom(data: impl Into<String>) -> Self {
        let mut element = CustomElem::new();
        element.data = Some(data.into());
        element.into()
    }

    /// Returns the kind of element.
    #[must_use]
    pub fn msg_type(&self) -> &MsgType {
        match self {
            Self::Text(_) => &MsgType::TimTextElem,
            Self::Custom(_) => &MsgType::TimCustomElem,
            Self::Location(_) => &MsgType::TimLocationElem,
            Self::Face(_) => &MsgType::TimFaceElem,
            Self::Sound(_) => &MsgType::TimSoundElem,
            Self::Image(_) => &MsgType::TimImageElem,
            Self::File(_) => &MsgType::TimFileElem,
            Self::VideoFile(_) => &MsgType::TimVideoFileElem,
            Self::Relay(_) => &MsgType::TimRelayElem,
            Self::Other(element) => &element.msg_type,
        }
    }

    /// Returns the text of a text element; `None` for any other kind.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(element) => Some(&element.text),
            _ => None,
        }
    }

    /// Returns the text of a text element, to be replaced in place: everything else in the element stays. `None` for
    /// any other kind.
    #[must_use]
    pub fn as_text_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Text(element) => Some(&mut element.text),
            _ => None,
        }
    }

    /// Returns every text that the element has, those of forwarded messages included.
    ///
    /// Only [`Text`](Self::Text) elements count: names of files, titles of forwarded messages and the data of custom
    /// elements are not among them, and forwarded messages that are stored elsewhere
    /// ([`RelayElem::json_msg_key`]) cannot be looked into.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Text(element) => vec![&element.text],
            Self::Relay(relay) => {
                let forwarded = relay.msg_list.iter().flatten().flat_map(|message| &message.msg_body);
                forwarded.flatten().flat_map(Self::texts).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns the same texts, to be replaced in place: everything else in the element stays.
    #[must_use]
    pub fn texts_mut(&mut self) -> Vec<&mut String> {
        match self {
            Self::Text(element) => vec![&mut element.text],
            Self::Relay(relay) => {
                let forwarded = relay.msg_list.iter_mut().flatten().flat_map(|message| &mut message.msg_body);
                forwarded.flatten().flat_map(Self::texts_mut).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Adds the fields that stand beside the kind and the content.
    fn with_beside(mut self, beside: Map<String, Value>) -> Self {
        let content: &mut dyn Extensible = match &mut self {
            Self::Text(content) => content,
            Self::Custom(content) => &mut **content,
            Self::Location(content) => &mut **content,
            Self::Face(content) => &mut **content,
            Self::Sound(content) => &mut **content,
            Self::Image(content) => &mut **content,
            Self::File(content) => &mut **content,
            Self::VideoFile(content) => &mut **content,
            Self::Relay(content) => &mut **content,
            Self::Other(element) => {
                element.fields.extend(beside);
                return self;
            }
        };
        content.unmodelled_mut().set_beside(beside);
        self
    }
}

/// Forwarded messages, in [`Element::Relay`].
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RelayElem {
    /// Title that clients show.
    pub title: Option<String>,
    /// Number of messages.
    pub msg_num: Option<i64>,
    /// Text for clients that cannot show forwarded messages.
    pub compatible_text: Option<String>,
    /// Lines that clients show before the element is opened.
    pub abstract_list: Option<Vec<String>>,
    /// Messages. Absent if they are too large: then there is a [`json_msg_key`](Self::json_msg_key).
    #[serde_as(as = "Option<Vec<Extended>>")]
    pub msg_list: Option<Vec<RelayedMsg>>,
    /// Key of messages that are stored elsewhere.
    pub json_msg_key: Option<String>,
    #[serde(flatten, skip_deserializing)]
    unmodelled: Unmodelled,
}

impl RelayElem {
    /// Creates an empty `RelayElem`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// A forwarded message, in [`RelayElem`].
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct RelayedMsg {
    /// Sender of the message.
    #[serde(rename = "From_Account")]
    pub from_account: Option<UserId>,
    /// Recipient of a message between two users.
    #[serde(rename = "To_Account")]
    pub to_account: Option<UserId>,
    /// Group that the message was sent in.
    pub group_id: Option<RoomId>,
    /// Number that orders the messages of that group.
    pub msg_seq: Option<i64>,
    /// Random number that tells the sender's messages apart.
    pub msg_random: Option<i64>,
    /// When the message was sent.
    pub msg_time_stamp: Option<UnixSeconds>,
    /// Content, in one or more elements.
    pub msg_body: Option<Vec<Element>>,
    /// Data that the sender attached.
    pub cloud_custom_data: Option<String>,
    #[serde(flatten, skip_deserializing)]
    unmodelled: Unmodelled,
}

impl RelayedMsg {
    /// Creates an empty `RelayedMsg`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

extensible!(RelayElem, RelayedMsg);

impl Serialize for Element {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn typed<S: Serializer>(
            serializer: S,
            kind: &MsgType,
            content: &(impl Serialize + Extensible),
        ) -> Result<S::Ok, S::Error> {
            let Some(beside) = content.unmodelled().beside() else {
                let mut element = serializer.serialize_struct("Element", 2)?;
                element.serialize_field(MSG_TYPE, kind)?;
                element.serialize_field(MSG_CONTENT, content)?;
                return element.end();
            };
            let mut element = serializer.serialize_map(Some(beside.len() + 2))?;
            element.serialize_entry(MSG_TYPE, kind)?;
            element.serialize_entry(MSG_CONTENT, content)?;
            for (name, value) in beside {
                element.serialize_entry(name, &Marked(value))?;
            }
            element.end()
        }

        let kind = self.msg_type();
        match self {
            Self::Text(content) => typed(serializer, kind, content),
            Self::Custom(content) => typed(serializer, kind, &**content),
            Self::Location(content) => typed(serializer, kind, &**content),
            Self::Face(content) => typed(serializer, kind, &**content),
            Self::Sound(content) => typed(serializer, kind, &**content),
            Self::Image(content) => typed(serializer, kind, &**content),
            Self::File(content) => typed(serializer, kind, &**content),
            Self::VideoFile(content) => typed(serializer, kind, &**content),
            Self::Relay(content) => typed(serializer, kind, &**content),
            Self::Other(other) => {
                let fields = &other.fields;
                let mut element = serializer.serialize_map(Some(fields.len() + 1))?;
                element.serialize_entry(MSG_TYPE, kind)?;
                for (name, value) in fields.iter().filter(|(name, _)| *name != MSG_TYPE) {
                    if name == MSG_CONTENT {
                        element.serialize_entry(name, &Whole(value))?;
                    } else {
                        element.serialize_entry(name, &Marked(value))?;
                    }
                }
                element.end()
            }
        }
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
                // Nearly every element is its kind, then its content, which is read straight into its type, and nothing
                // else.
                let (mut kind, mut content, mut next) = (None, None, element.next_key()?);
                if let Some(Field::MsgType) = next {
                    let first = element.next_value()?;
                    next = element.next_key()?;
                    if let Some(Field::MsgContent) = next {
                        let typed = element.next_value_seed(ContentOf(&first))?;
                        next = element.next_key()?;
                        if next.is_none() {
                            return Ok(typed);
                        }
                        content = Some(typed);
                    }
                    kind = Some(first);
                }
                in_any_order(element, kind, content, next)
            }
        }

        deserializer.deserialize_map(ElementVisitor)
    }
}

/// Field of an element.
#[derive(Deserialize)]
#[serde(field_identifier)]
enum Field {
    MsgType,
    MsgContent,
    Beside(String),
}

/// Reads the rest of an element, from the value of the field `next` on. A content that comes before its kind is set
/// aside.
fn in_any_order<'de, A: de::MapAccess<'de>>(
    mut element: A,
    mut kind: Option<MsgType>,
    mut typed: Option<Element>,
    mut next: Option<Field>,
) -> Result<Element, A::Error> {
    let (mut aside, mut beside) = (None, Map::new());
    while let Some(field) = next {
        match (field, &kind) {
            (Field::MsgType, None) => kind = Some(element.next_value()?),
            (Field::MsgType, Some(_)) => return Err(de::Error::duplicate_field(MSG_TYPE)),
            (Field::MsgContent, _) if typed.is_some() || aside.is_some() => {
                return Err(de::Error::duplicate_field(MSG_CONTENT));
            }
            (Field::MsgContent, Some(kind)) => typed = Some(element.next_value_seed(ContentOf(kind))?),
            (Field::MsgContent, None) => aside = Some(element.next_value()?),
            (Field::Beside(name), _) => {
                let Kept(value) = element.next_value()?;
                beside.insert(name, value);
            }
        }
        next = element.next_key()?;
    }
    let kind = kind.ok_or_else(|| de::Error::missing_field(MSG_TYPE))?;
    let typed = match (typed, aside) {
        (Some(typed), _) => typed,
        (None, Some(Kept(content))) => {
            locate::kept_aside(MSG_CONTENT, &content, |content| ContentOf(&kind).deserialize(content))?
        }
        (None, None) if kind.is_recognized() => return Err(de::Error::missing_field(MSG_CONTENT)),
        (None, None) => OtherElem { msg_type: kind, fields: Map::new() }.into(),
    };
    Ok(if beside.is_empty() { typed } else { typed.with_beside(beside) })
}

/// Reads the content of an element of the given kind.
struct ContentOf<'k>(&'k MsgType);

impl<'de> DeserializeSeed<'de> for ContentOf<'_> {
    type Value = Element;

    fn deserialize<D: Deserializer<'de>>(self, content: D) -> Result<Element, D::Error> {
        fn boxed<'de, T, D>(content: D) -> Result<Box<T>, D::Error>
        where
            T: Deserialize<'de> + Extensible,
            D: Deserializer<'de>,
        {
            Extended::deserialize_as(content).map(Box::new)
        }

        match self.0 {
            MsgType::TimTextElem => TextElem::read(content).map(Element::Text),
            MsgType::TimCustomElem => boxed(content).map(Element::Custom),
            MsgType::TimLocationElem => boxed(content).map(Element::Location),
            MsgType::TimFaceElem => boxed(content).map(Element::Face),
            MsgType::TimSoundElem => boxed(content).map(Element::Sound),
            MsgType::TimImageElem => boxed(content).map(Element::Image),
            MsgType::TimFileElem => boxed(content).map(Element::File),
            MsgType::TimVideoFileElem => boxed(content).map(Element::VideoFile),
            MsgType::TimRelayElem => boxed(content).map(Element::Relay),
            MsgType::Unrecognized(_) => {
                let Kept(content) = Deserialize::deserialize(content)?;
                let fields = Map::from_iter([(MSG_CONTENT.to_owned(), content)]);
                Ok(OtherElem { msg_type: self.0.clone(), fields }.into())
            }
        }
    }
}
