//! Members of a room: presence, ownership and administrators.

use serde::{Deserialize, Serialize};
use serde_with::{serde_as, skip_serializing_none};

use super::packet::{About, Packet, Tag};
use crate::{
    command::Command,
    id::{RoomId, UserId},
    object::Object,
    open_enum::open_enum,
    time::UnixMillis,
};

/// `Live.CallbackAfterMemberStateChanged`: members of a room came online or went offline.
///
/// Not sent when the room is dissolved: that ends every membership.
///
/// Documentation: <https://trtc.io/document/64424>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterMemberStateChanged {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// Room in which they came online or went offline.
    pub room_id: RoomId,
    /// Whether they are now online.
    pub event_type: EventType,
    /// Cause of the change.
    pub event_cause: Option<EventCause>,
    /// Members whose state changed. Also `None` for `null` in place of an empty list.
    #[serde_as(as = "Option<Vec<Object>>")]
    pub member_list: Option<Vec<Member>>,
    /// When the change happened.
    pub event_time: Option<UnixMillis>,
}

impl AfterMemberStateChanged {
    /// Makes an event with its required fields; the others are absent.
    pub fn new(room_id: impl Into<RoomId>, event_type: EventType) -> Self {
        Self {
            tag: Tag::default(),
            room_id: room_id.into(),
            event_type,
            event_cause: None,
            member_list: None,
            event_time: None,
        }
    }
}

/// A user whose state changed, in [`AfterMemberStateChanged`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Member {
    /// User whose state changed.
    #[serde(rename = "Member_Account")]
    pub member_account: UserId,
}

impl Member {
    /// Makes a member.
    pub fn new(member_account: impl Into<UserId>) -> Self {
        Self { member_account: member_account.into() }
    }
}

impl Packet for AfterMemberStateChanged {
    const COMMAND: &'static Command = &Command::AfterMemberStateChanged;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND).room(&self.room_id).time(self.event_time)
    }
}

/// `Live.CallbackAfterChangeOwner`: a room has a new owner.
///
/// Documentation: <https://trtc.io/document/72553>
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterChangeOwner {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// Room that changed hands.
    pub room_id: RoomId,
    /// When it changed hands.
    pub event_time: Option<UnixMillis>,
    /// User who handed it over.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// New owner.
    #[serde(rename = "CurrentOwner_Account")]
    pub current_owner_account: UserId,
    /// Previous owner.
    #[serde(rename = "OriginalOwner_Account")]
    pub original_owner_account: Option<UserId>,
}

impl AfterChangeOwner {
    /// Makes an event with its required fields; the others are absent.
    pub fn new(room_id: impl Into<RoomId>, current_owner_account: impl Into<UserId>) -> Self {
        Self {
            tag: Tag::default(),
            room_id: room_id.into(),
            event_time: None,
            operator_account: None,
            current_owner_account: current_owner_account.into(),
            original_owner_account: None,
        }
    }
}

impl Packet for AfterChangeOwner {
    const COMMAND: &'static Command = &Command::AfterChangeOwner;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(&self.room_id)
            .operator(self.operator_account.as_ref())
            .time(self.event_time)
    }
}

/// `Live.CallbackAfterModifyAdmin`: members became administrators of a room or stopped being administrators.
///
/// Documentation: <https://trtc.io/document/72554>
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterModifyAdmin {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// Room whose administrators changed.
    pub room_id: RoomId,
    /// When the change happened.
    pub event_time: Option<UnixMillis>,
    /// User who made the change.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// Members whose role changed; not all administrators of the room. Also `None` for `null` in place of an
    /// empty list.
    #[serde(rename = "Admin_Account")]
    pub admin_account: Option<Vec<UserId>>,
    /// Whether they are now administrators. `opType` on the wire.
    #[serde(rename = "opType")]
    pub op_type: OpType,
}

impl AfterModifyAdmin {
    /// Makes an event with its required fields; the others are absent.
    pub fn new(room_id: impl Into<RoomId>, op_type: OpType) -> Self {
        Self {
            tag: Tag::default(),
            room_id: room_id.into(),
            event_time: None,
            operator_account: None,
            admin_account: None,
            op_type,
        }
    }
}

impl Packet for AfterModifyAdmin {
    const COMMAND: &'static Command = &Command::AfterModifyAdmin;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(&self.room_id)
            .operator(self.operator_account.as_ref())
            .time(self.event_time)
    }
}

open_enum! {
    /// Whether members are online.
    pub enum EventType {
        /// They came online.
        Online = "Online",
        /// They went offline.
        Offline = "Offline",
    }
}

open_enum! {
    /// Why the state of members changed.
    pub enum EventCause {
        /// They entered the room.
        Enter = "Enter",
        /// They left the room.
        Leave = "Leave",
        /// Their client's heartbeat stopped.
        HeartbeatInterrupt = "HeartbeatInterrupt",
        /// Their client's heartbeat resumed.
        HeartbeatRecover = "HeartbeatRecover",
        /// They were removed from the room or banned (<https://trtc.io/document/64424>).
        Kicked = "Kicked",
    }
}

open_enum! {
    /// How the administrators changed.
    pub enum OpType {
        /// They are now administrators.
        Add = "add",
        /// They are no longer administrators.
        Delete = "delete",
    }
}
