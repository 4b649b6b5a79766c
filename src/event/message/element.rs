//! Elements, which make up a message's body.
//!
//! Documentation: <https://trtc.io/document/74355>

use serde::{Deserialize, Serialize};
use serde_with::{serde_as, skip_serializing_none};

use super::{
    content::{CustomElem, FaceElem, LocationElem, TextElem},
    kind::{MsgType, OtherElem},
    media::{FileElem, ImageElem, SoundElem, VideoFileElem},
};
use crate::{
    event::unmodelled::{Extended, Unmodelled, extensible},
    id::{RoomId, UserId},
    time::UnixSeconds,
};

/// Part of a message.
///
/// An element is written with everything that it was read with, in its content and beside it, modelled or not: a service
/// that [changes](super::Changes) one element of a message sends the others back as they came. Exceptions:
///
/// - A modelled field that is `null` is left out.
/// - Of a duplicate field that is not modelled, the last value is kept.
/// - A number that is not an integer of 64 bits is kept as an `f64`, unless the feature `arbitrary_precision` of
///   `serde_json` is on.
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

    /// Returns the text of a text element, and those of all text elements in forwarded messages.
    ///
    /// Other elements can hold words, too, and none of these is among the texts: the title, the preview
    /// ([`RelayElem::abstract_list`]) and the compatible text of forwarded messages, names of files, descriptions of
    /// locations, the data of emoticons and everything in custom elements. Forwarded messages that are stored elsewhere
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

    /// Returns the same texts as [`texts`](Self::texts), to be replaced in place: everything else in the element stays.
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
