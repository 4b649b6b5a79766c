//! Kinds of elements, and elements of any other kind.
//!
//! Documentation: <https://trtc.io/document/74355>

use serde_json::{Map, Value};

use crate::open_enum::open_enum;

open_enum! {
    /// Kind of an element.
    pub enum MsgType {
        /// Text.
        TimTextElem = "TIMTextElem",
        /// Location.
        TimLocationElem = "TIMLocationElem",
        /// Emoticon.
        TimFaceElem = "TIMFaceElem",
        /// Content defined by the application.
        TimCustomElem = "TIMCustomElem",
        /// Voice message.
        TimSoundElem = "TIMSoundElem",
        /// Image.
        TimImageElem = "TIMImageElem",
        /// File.
        TimFileElem = "TIMFileElem",
        /// Video.
        TimVideoFileElem = "TIMVideoFileElem",
        /// Forwarded messages.
        TimRelayElem = "TIMRelayElem",
    }
}

/// Element of a kind that this version of the crate does not model, in [`Element::Other`](super::Element::Other).
///
/// Its values have the same limits as those of an [`UnrecognizedEvent`](crate::UnrecognizedEvent).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OtherElem {
    pub(super) msg_type: MsgType,
    pub(super) fields: Map<String, Value>,
}

impl OtherElem {
    /// Makes an element from its kind and its other fields; the content is `MsgContent`. Returns `None` for a kind that
    /// has a struct of its own.
    #[must_use]
    pub fn new(msg_type: MsgType, fields: Map<String, Value>) -> Option<Self> {
        (!msg_type.is_recognized()).then_some(Self { msg_type, fields })
    }

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
