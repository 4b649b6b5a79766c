//! Rooms: created, changed, dissolved.

mod info;
mod metadata;

use serde::{Deserialize, Serialize};
use serde_with::{serde_as, skip_serializing_none};

pub use self::{
    info::{CreatedRoomInfo, DestroyedRoomInfo, RoomType, Statistic, TakeSeatMode, UpdatedRoomInfo},
    metadata::{AfterDelMetadata, AfterSetMetadata, Metadata},
};
use super::packet::{About, Packet, Tag};
use crate::{
    command::Command,
    id::{RoomId, UserId},
    object::Object,
    open_enum::open_enum,
    time::UnixMillis,
};

/// `Live.CallbackAfterCreateRoom`: a room was created, from a client or through the REST API.
///
/// Documentation: <https://trtc.io/document/64422>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterCreateRoom {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// User who requested the room, or an administrator account of the application.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// Settings of the room.
    #[serde_as(as = "Object")]
    pub room_info: CreatedRoomInfo,
    /// When the room was created. The documented sample has none, and one edition prints it inside
    /// [`room_info`](Self::room_info); [`Event::event_time`](crate::Event::event_time) looks in both places.
    pub event_time: Option<UnixMillis>,
}

impl AfterCreateRoom {
    /// Makes an event with its required fields; the others are absent.
    #[must_use]
    pub fn new(room_info: CreatedRoomInfo) -> Self {
        Self { tag: Tag::default(), operator_account: None, room_info, event_time: None }
    }
}

impl Packet for AfterCreateRoom {
    const COMMAND: &'static Command = &Command::AfterCreateRoom;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(&self.room_info.room_id)
            .operator(self.operator_account.as_ref())
            .time(self.event_time.or(self.room_info.event_time))
            // In seconds: nobody makes a room, dissolves it and makes it again within one.
            .distinct(self.room_info.create_time.is_some_and(|time| time.get() != 0))
    }
}

/// `Live.CallbackAfterUpdateRoomInfo`: the settings of a room were changed.
///
/// Documentation: <https://trtc.io/document/67938>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterUpdateRoomInfo {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// User who made the change.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// Settings. The page does not say whether fields that did not change are present.
    #[serde_as(as = "Object")]
    pub room_info: UpdatedRoomInfo,
    /// When the change was made.
    pub event_time: Option<UnixMillis>,
}

impl AfterUpdateRoomInfo {
    /// Makes an event with its required fields; the others are absent.
    #[must_use]
    pub fn new(room_info: UpdatedRoomInfo) -> Self {
        Self { tag: Tag::default(), operator_account: None, room_info, event_time: None }
    }
}

impl Packet for AfterUpdateRoomInfo {
    const COMMAND: &'static Command = &Command::AfterUpdateRoomInfo;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(&self.room_info.room_id)
            .operator(self.operator_account.as_ref())
            .time(self.event_time)
    }
}

/// `Live.CallbackAfterDestroyRoom`: a room was dissolved.
///
/// Documentation: <https://trtc.io/document/64423>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterDestroyRoom {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// User who asked for the room to be dissolved.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// Room that was dissolved.
    pub room_id: RoomId,
    /// Whether someone dissolved it or it was empty.
    pub event_type: EventType,
    /// When the room was dissolved.
    pub event_time: Option<UnixMillis>,
    /// Final settings of the room. Absent in the 2024 edition.
    #[serde_as(as = "Option<Object>")]
    pub room_info: Option<DestroyedRoomInfo>,
    /// Totals of what happened in the room. Absent in the 2024 edition and in one later edition.
    #[serde_as(as = "Option<Object>")]
    pub statistic: Option<Statistic>,
}

impl AfterDestroyRoom {
    /// Makes an event with its required fields; the others are absent.
    pub fn new(room_id: impl Into<RoomId>, event_type: EventType) -> Self {
        Self {
            tag: Tag::default(),
            operator_account: None,
            room_id: room_id.into(),
            event_type,
            event_time: None,
            room_info: None,
            statistic: None,
        }
    }
}

impl Packet for AfterDestroyRoom {
    const COMMAND: &'static Command = &Command::AfterDestroyRoom;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(&self.room_id)
            .operator(self.operator_account.as_ref())
            .time(self.event_time)
    }
}

/// `Live.CallbackAfterCreateRoomReachingThreshold`: with the room just created, the application has 70% or
/// more of the rooms it is allowed. The page does not say whether this is sent once or for each such room.
///
/// Documentation: <https://trtc.io/document/70485>
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterCreateRoomReachingThreshold {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// User who created the room. The packet does not say which room.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// When the room was created.
    pub event_time: Option<UnixMillis>,
    /// How many rooms the application has.
    pub cur_room_count: Option<i64>,
    /// How many rooms it is allowed.
    pub max_room_count: Option<i64>,
}

impl AfterCreateRoomReachingThreshold {
    /// Makes an event with every field absent.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "an empty event is not a default")]
    pub fn new() -> Self {
        Self {
            tag: Tag::default(),
            operator_account: None,
            event_time: None,
            cur_room_count: None,
            max_room_count: None,
        }
    }
}

impl Packet for AfterCreateRoomReachingThreshold {
    const COMMAND: &'static Command = &Command::AfterCreateRoomReachingThreshold;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND).operator(self.operator_account.as_ref()).time(self.event_time)
    }
}

open_enum! {
    /// Why a room was dissolved.
    pub enum EventType {
        /// Someone dissolved it.
        DestroyByUser = "DestroyByUser",
        /// It was empty, and the backend dissolved it.
        DestroyBySystem = "DestroyBySystem",
    }
}
