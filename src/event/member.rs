//! Members of a room: they come and go, own it and administer it.

use serde::{Deserialize, Serialize};
use serde_with::{serde_as, skip_serializing_none};

use super::{
    Event,
    packet::{About, Packet, Tag},
};
use crate::{Command, RoomId, UnixMillis, UserId, object::Object, open_enum::open_enum};

/// `Live.CallbackAfterMemberStateChanged`: members came online in a room or went offline.
///
/// None is sent when the room is dissolved: that ends them all.
///
/// Documentation: <https://trtc.io/document/64424>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterMemberStateChanged {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// Room that they came to or left.
    pub room_id: RoomId,
    /// Whether they are online now.
    pub event_type: EventType,
    /// What brought the change about.
    pub event_cause: Option<EventCause>,
    /// Who they are. `None`, too, for a `null` in place of an empty list.
    #[serde_as(as = "Option<Vec<Object>>")]
    pub member_list: Option<Vec<Member>>,
    /// When the change happened.
    pub event_time: Option<UnixMillis>,
}

/// A user whose state changed, in [`AfterMemberStateChanged`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Member {
    /// Who it is.
    #[serde(rename = "Member_Account")]
    pub member_account: UserId,
}

impl Packet for AfterMemberStateChanged {
    const COMMAND: &'static Command = &Command::AfterMemberStateChanged;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND).room(&self.room_id).time(self.event_time)
    }
}

impl From<AfterMemberStateChanged> for Event {
    fn from(event: AfterMemberStateChanged) -> Self {
        Self::AfterMemberStateChanged(event)
    }
}

/// `Live.CallbackAfterChangeOwner`: a room has another owner.
///
/// Documentation: <https://trtc.io/document/72553>
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterChangeOwner {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// Room that changed hands.
    pub room_id: RoomId,
    /// When it did.
    pub event_time: Option<UnixMillis>,
    /// Who handed it over.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// Who owns the room now.
    #[serde(rename = "CurrentOwner_Account")]
    pub current_owner_account: UserId,
    /// Who owned the room before.
    #[serde(rename = "OriginalOwner_Account")]
    pub original_owner_account: Option<UserId>,
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

impl From<AfterChangeOwner> for Event {
    fn from(event: AfterChangeOwner) -> Self {
        Self::AfterChangeOwner(event)
    }
}

/// `Live.CallbackAfterModifyAdmin`: members became administrators of a room, or ceased to be.
///
/// Documentation: <https://trtc.io/document/72554>
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterModifyAdmin {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// Room whose administrators changed.
    pub room_id: RoomId,
    /// When the change happened.
    pub event_time: Option<UnixMillis>,
    /// Who made the change.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// Whose part changed; not all administrators of the room. `None`, too, for a `null` in place of an empty list.
    #[serde(rename = "Admin_Account")]
    pub admin_account: Option<Vec<UserId>>,
    /// Whether they are administrators now. `opType` on the wire.
    #[serde(rename = "opType")]
    pub op_type: OpType,
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

impl From<AfterModifyAdmin> for Event {
    fn from(event: AfterModifyAdmin) -> Self {
        Self::AfterModifyAdmin(event)
    }
}

open_enum! {
    /// Whether members are online.
    pub enum EventType {
        /// They came.
        Online = "Online",
        /// They went.
        Offline = "Offline",
    }
}

open_enum! {
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

open_enum! {
    /// What became of administrators.
    pub enum OpType {
        /// They are administrators now.
        Add = "add",
        /// They are administrators no more.
        Delete = "delete",
    }
}
