//! Rooms: created, changed, dissolved.

mod metadata;

use serde::{Deserialize, Serialize};
use serde_with::{serde_as, skip_serializing_none};

pub use self::metadata::{AfterDelMetadata, AfterSetMetadata, Metadata};
use super::{
    Event,
    packet::{About, Packet, Tag},
};
use crate::{Command, RoomId, UnixMillis, UnixSeconds, UserId, object::Object, open_enum::open_enum};

/// `Live.CallbackAfterCreateRoom`: a room was created, from a client or through the REST API.
///
/// Documentation: <https://trtc.io/document/64422>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// [`room_info`](Self::room_info); [`Event::event_time`] looks in both places.
    pub event_time: Option<UnixMillis>,
}

/// A room as it was created, in [`AfterCreateRoom`].
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CreatedRoomInfo {
    /// Room that was created.
    pub room_id: RoomId,
    /// Human-readable name.
    pub room_name: Option<String>,
    /// Kind of room.
    pub room_type: Option<RoomType>,
    /// Owner of the room.
    #[serde(rename = "Owner_Account")]
    pub owner_account: Option<UserId>,
    /// How many members are allowed in the room at once.
    pub max_member_count: Option<i64>,
    /// Whether members are prevented from sending text messages.
    pub is_message_disabled: Option<bool>,
    /// Text that the application attached to the room; empty if it attached none.
    pub custom_info: Option<String>,
    /// Whether the room has seats, from which members speak.
    pub is_seat_enabled: Option<bool>,
    /// How a member gets a seat.
    pub take_seat_mode: Option<TakeSeatMode>,
    /// How many seats the room has.
    pub max_seat_count: Option<i64>,
    /// When the room was created.
    pub create_time: Option<UnixSeconds>,
    /// Whether the room is listed publicly.
    pub is_public_visible: Option<bool>,
    /// Cover image. Any text that the application set, not always a URL.
    #[serde(rename = "CoverURL")]
    pub cover_url: Option<String>,
    /// Numbers by which the application categorizes its rooms.
    pub category: Option<Vec<i64>>,
    /// When the room was created, in the edition that prints it here.
    pub event_time: Option<UnixMillis>,
}

impl Packet for AfterCreateRoom {
    const COMMAND: &'static Command = &Command::AfterCreateRoom;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(&self.room_info.room_id)
            .operator(self.operator_account.as_ref())
            .time(self.event_time.or(self.room_info.event_time))
    }
}

impl From<AfterCreateRoom> for Event {
    fn from(event: AfterCreateRoom) -> Self {
        Self::AfterCreateRoom(event)
    }
}

/// `Live.CallbackAfterUpdateRoomInfo`: the settings of a room were changed.
///
/// Documentation: <https://trtc.io/document/67938>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// A room whose settings were changed, in [`AfterUpdateRoomInfo`].
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct UpdatedRoomInfo {
    /// Room that was changed.
    pub room_id: RoomId,
    /// Human-readable name.
    pub room_name: Option<String>,
    /// How many members are allowed in the room at once.
    pub max_member_count: Option<i64>,
    /// Whether members are prevented from sending text messages.
    pub is_message_disabled: Option<bool>,
    /// Cover image. Any text that the application set, not always a URL.
    #[serde(rename = "CoverURL")]
    pub cover_url: Option<String>,
    /// Numbers by which the application categorizes its rooms.
    pub category: Option<Vec<i64>>,
    /// Status of the live stream; the application defines the numbers.
    pub activity_status: Option<i64>,
    /// Whether the room is listed publicly.
    pub is_public_visible: Option<bool>,
    /// How a member gets a seat.
    pub take_seat_mode: Option<TakeSeatMode>,
    /// Text that the application attached to the room; empty if it attached none.
    pub custom_info: Option<String>,
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

impl From<AfterUpdateRoomInfo> for Event {
    fn from(event: AfterUpdateRoomInfo) -> Self {
        Self::AfterUpdateRoomInfo(event)
    }
}

/// `Live.CallbackAfterDestroyRoom`: a room was dissolved.
///
/// Documentation: <https://trtc.io/document/64423>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// A room as it was when it was dissolved, in [`AfterDestroyRoom`].
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DestroyedRoomInfo {
    /// Room that was dissolved, repeated. Not documented here, but observed.
    pub room_id: Option<RoomId>,
    /// Human-readable name.
    pub room_name: Option<String>,
    /// Kind of room.
    pub room_type: Option<RoomType>,
    /// Owner of the room.
    #[serde(rename = "Owner_Account")]
    pub owner_account: Option<UserId>,
    /// Whether the room had seats, from which members speak.
    pub is_seat_enabled: Option<bool>,
    /// How a member got a seat.
    pub take_seat_mode: Option<TakeSeatMode>,
    /// How many members were allowed in the room at once.
    pub max_member_count: Option<i64>,
    /// How many seats the room had.
    pub max_seat_count: Option<i64>,
    /// Numbers by which the application categorizes its rooms.
    pub category: Option<Vec<i64>>,
    /// Text that the application attached to the room; empty if it attached none.
    pub custom_info: Option<String>,
    /// Whether members were prevented from sending text messages.
    pub is_message_disabled: Option<bool>,
    /// Cover image. Any text that the application set, not always a URL.
    #[serde(rename = "CoverURL")]
    pub cover_url: Option<String>,
    /// Status of the live stream; the application defines the numbers.
    pub activity_status: Option<i64>,
    /// Whether the room was listed publicly.
    pub is_public_visible: Option<bool>,
    /// How many times users entered the room, counting repeat visits.
    pub view_count: Option<i64>,
    /// Background image. Any text that the application set, not always a URL.
    #[serde(rename = "BackgroundURL")]
    pub background_url: Option<String>,
    /// Whether the room was for very large numbers of members, the kind that `TUILiveKit` makes.
    pub is_unlimited_room_enabled: Option<bool>,
}

/// Totals of what happened in a room before it was dissolved, in [`AfterDestroyRoom`].
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Statistic {
    /// How many times users entered, counting repeat visits.
    pub total_viewers: Option<i64>,
    /// How many gifts were sent.
    pub total_gifts_sent: Option<i64>,
    /// What the gifts were worth, in the application's coins.
    pub total_gift_coins: Option<i64>,
    /// How many users sent gifts.
    pub total_unique_gift_senders: Option<i64>,
    /// How many likes were received.
    pub total_likes_received: Option<i64>,
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

impl From<AfterDestroyRoom> for Event {
    fn from(event: AfterDestroyRoom) -> Self {
        Self::AfterDestroyRoom(event)
    }
}

/// `Live.CallbackAfterCreateRoomReachingThreshold`: with the room just created, the application has 70% or
/// more of the rooms it is allowed. The page does not say whether this is sent once or for each such room.
///
/// Documentation: <https://trtc.io/document/70485>
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl Packet for AfterCreateRoomReachingThreshold {
    const COMMAND: &'static Command = &Command::AfterCreateRoomReachingThreshold;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND).operator(self.operator_account.as_ref()).time(self.event_time)
    }
}

impl From<AfterCreateRoomReachingThreshold> for Event {
    fn from(event: AfterCreateRoomReachingThreshold) -> Self {
        Self::AfterCreateRoomReachingThreshold(event)
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

open_enum! {
    /// How a member gets a seat.
    pub enum TakeSeatMode {
        /// Not at all: the room has no seats.
        None = "None",
        /// By taking a free one.
        FreeToTake = "FreeToTake",
        /// By asking for one.
        ApplyToTake = "ApplyToTake",
    }
}

open_enum! {
    /// Kind of room.
    pub enum RoomType {
        /// A live room.
        Live = "Live",
        /// A meeting room, in older texts.
        Meeting = "Meeting",
    }
}
