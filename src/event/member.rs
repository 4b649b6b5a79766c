//! Members of a room: they come and go.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::{
    Event,
    packet::{About, Packet, Tag},
};
use crate::{Command, RoomId, UnixMillis, UserId, string_enum::string_enum};

/// `Live.CallbackAfterMemberStateChanged`: members came online in a room or went offline.
///
/// The backend sends none when the room is dissolved: that ends them all.
///
/// Documentation: <https://trtc.io/document/64424>
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterMemberStateChanged {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// The room that they came to or left.
    pub room_id: RoomId,
    /// Whether they are online now.
    pub event_type: EventType,
    /// What brought the change about.
    pub event_cause: Option<EventCause>,
    /// Who they are. Absent where the backend sends `null` for an empty list.
    pub member_list: Option<Vec<Member>>,
    /// When the change happened.
    pub event_time: Option<UnixMillis>,
}

/// A user whose state changed, in [`AfterMemberStateChanged`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Member {
    /// The user.
    #[serde(rename = "Member_Account")]
    pub member_account: UserId,
}

impl Packet for AfterMemberStateChanged {
    const COMMAND: &'static Command = &Command::AfterMemberStateChanged;

    fn about(&self) -> About<'_> {
        About {
            room_id: Some(&self.room_id),
            event_time: self.event_time,
            ..About::new(Self::COMMAND)
        }
    }
}

impl From<AfterMemberStateChanged> for Event {
    fn from(event: AfterMemberStateChanged) -> Self {
        Self::AfterMemberStateChanged(event)
    }
}

string_enum! {
    /// Whether members are online.
    pub enum EventType {
        /// They came.
        Online = "Online",
        /// They went.
        Offline = "Offline",
    }
}

string_enum! {
    /// What changed the state of members.
    pub enum EventCause {
        /// They entered the room.
        Enter = "Enter",
        /// They left the room.
        Leave = "Leave",
        /// Their client was no longer heard of.
        HeartbeatInterrupt = "HeartbeatInterrupt",
        /// Their client was heard of again.
        HeartbeatRecover = "HeartbeatRecover",
        /// They were removed from the room. In newer editions.
        Kicked = "Kicked",
    }
}
