//! Metadata of a room: set, deleted.

use serde::{Deserialize, Serialize};
use serde_with::{serde_as, skip_serializing_none};

use crate::{
    command::Command,
    event::packet::{About, Packet, Tag},
    id::{RoomId, UserId},
    object::Object,
    time::UnixMillis,
};

/// `Live.CallbackAfterSetMetadata`: metadata of a room was set.
///
/// Documentation: <https://trtc.io/document/68222>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterSetMetadata {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// User who set it.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// Room that it belongs to.
    pub room_id: RoomId,
    /// Entries that were set. Also `None` for `null` in place of an empty list.
    #[serde_as(as = "Option<Vec<Object>>")]
    pub metadata: Option<Vec<Metadata>>,
    /// When it was set.
    pub event_time: Option<UnixMillis>,
}

impl AfterSetMetadata {
    /// Makes an event with its required fields; the others are absent.
    pub fn new(room_id: impl Into<RoomId>) -> Self {
        Self {
            tag: Tag::default(),
            operator_account: None,
            room_id: room_id.into(),
            metadata: None,
            event_time: None,
        }
    }
}

/// An entry in a room's metadata, in [`AfterSetMetadata`].
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Metadata {
    /// Name of the entry, chosen by the application.
    pub key: String,
    /// New value of the entry.
    pub value: Option<String>,
}

impl Metadata {
    /// Makes an entry with its required fields; the others are absent.
    pub fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), value: None }
    }
}

impl Packet for AfterSetMetadata {
    const COMMAND: &'static Command = &Command::AfterSetMetadata;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(&self.room_id)
            .operator(self.operator_account.as_ref())
            .time(self.event_time)
    }
}

/// `Live.CallbackAfterDelMetadata`: metadata of a room was deleted.
///
/// Documentation: <https://trtc.io/document/68223>
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterDelMetadata {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// User who deleted it.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// Room that it belonged to.
    pub room_id: RoomId,
    /// Names of the entries that were deleted. Also `None` for `null` in place of an empty list.
    pub keys: Option<Vec<String>>,
    /// When it was deleted.
    pub event_time: Option<UnixMillis>,
}

impl AfterDelMetadata {
    /// Makes an event with its required fields; the others are absent.
    pub fn new(room_id: impl Into<RoomId>) -> Self {
        Self {
            tag: Tag::default(),
            operator_account: None,
            room_id: room_id.into(),
            keys: None,
            event_time: None,
        }
    }
}

impl Packet for AfterDelMetadata {
    const COMMAND: &'static Command = &Command::AfterDelMetadata;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(&self.room_id)
            .operator(self.operator_account.as_ref())
            .time(self.event_time)
    }
}
