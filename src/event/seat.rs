//! Seats of a room, from which members speak.

use serde::{Deserialize, Serialize};
use serde_with::{serde_as, skip_serializing_none};

use super::packet::{About, Packet, Tag};
use crate::{
    command::Command,
    id::{RoomId, UserId},
    object::Object,
    time::UnixMillis,
};

/// `Mic.CallbackAfterSeatInfoChanged`: seats were taken, left, locked or unlocked, or their audio or video was
/// disabled or enabled.
///
/// Documentation: <https://trtc.io/document/64425>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterSeatInfoChanged {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// User who made the change. Only a sibling product, which sends the same command, sets it.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// Room that the seats are in.
    pub room_id: RoomId,
    /// Seats. The page does not say whether those that did not change are included. Also `None` for `null` in
    /// place of an empty list.
    #[serde_as(as = "Option<Vec<Object>>")]
    pub seat_list: Option<Vec<Seat>>,
    /// When the change happened.
    pub event_time: Option<UnixMillis>,
}

impl AfterSeatInfoChanged {
    /// Makes an event with its required fields; the others are absent.
    pub fn new(room_id: impl Into<RoomId>) -> Self {
        Self {
            tag: Tag::default(),
            operator_account: None,
            room_id: room_id.into(),
            seat_list: None,
            event_time: None,
        }
    }
}

impl Packet for AfterSeatInfoChanged {
    const COMMAND: &'static Command = &Command::AfterSeatInfoChanged;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(&self.room_id)
            .operator(self.operator_account.as_ref())
            .time(self.event_time)
    }
}

/// A seat, in [`AfterSeatInfoChanged`].
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Seat {
    /// Number of the seat. The page does not say whether the first is 0 or 1.
    pub index: i64,
    /// Who occupies the seat, as it arrived: absent or empty if nobody does. [`occupant`](Self::occupant)
    /// treats both alike.
    #[serde(rename = "Member_Account")]
    pub member_account: Option<UserId>,
    /// Whether the seat is locked, so that nobody can take it.
    pub is_taken_disabled: Option<bool>,
    /// Whether video from the seat is disabled.
    pub is_video_disabled: Option<bool>,
    /// Whether audio from the seat is disabled.
    pub is_audio_disabled: Option<bool>,
}

impl Seat {
    /// Makes a seat with its required fields; the others are absent.
    #[must_use]
    pub fn new(index: i64) -> Self {
        Self {
            index,
            member_account: None,
            is_taken_disabled: None,
            is_video_disabled: None,
            is_audio_disabled: None,
        }
    }

    /// Returns who occupies the seat; `None` if the seat is free.
    #[must_use]
    pub fn occupant(&self) -> Option<&UserId> {
        self.member_account.as_ref().filter(|account| !account.as_str().is_empty())
    }
}
