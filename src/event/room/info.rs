//! Rooms as events describe them: when created, changed and dissolved.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    id::{RoomId, UserId},
    open_enum::open_enum,
    time::{UnixMillis, UnixSeconds},
};

/// A room as it was created, in [`AfterCreateRoom`](super::AfterCreateRoom).
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

impl CreatedRoomInfo {
    /// Makes a room with its required fields; the others are absent.
    pub fn new(room_id: impl Into<RoomId>) -> Self {
        Self {
            room_id: room_id.into(),
            room_name: None,
            room_type: None,
            owner_account: None,
            max_member_count: None,
            is_message_disabled: None,
            custom_info: None,
            is_seat_enabled: None,
            take_seat_mode: None,
            max_seat_count: None,
            create_time: None,
            is_public_visible: None,
            cover_url: None,
            category: None,
            event_time: None,
        }
    }
}

/// A room whose settings were changed, in [`AfterUpdateRoomInfo`](super::AfterUpdateRoomInfo).
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

impl UpdatedRoomInfo {
    /// Makes a room with its required fields; the others are absent.
    pub fn new(room_id: impl Into<RoomId>) -> Self {
        Self {
            room_id: room_id.into(),
            room_name: None,
            max_member_count: None,
            is_message_disabled: None,
            cover_url: None,
            category: None,
            activity_status: None,
            is_public_visible: None,
            take_seat_mode: None,
            custom_info: None,
        }
    }
}

/// A room as it was when it was dissolved, in [`AfterDestroyRoom`](super::AfterDestroyRoom).
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

impl DestroyedRoomInfo {
    /// Creates an empty `DestroyedRoomInfo`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// Totals of what happened in a room before it was dissolved, in [`AfterDestroyRoom`](super::AfterDestroyRoom).
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

impl Statistic {
    /// Creates an empty `Statistic`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
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
        /// Meeting room. Only the table of one page names it (<https://trtc.io/document/64423>).
        Meeting = "Meeting",
    }
}
