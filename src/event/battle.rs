//! Battles between the owners of rooms: requested, started, ended.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_with::{serde_as, skip_serializing_none};

use super::packet::{About, Packet, Tag};
use crate::{
    command::Command,
    id::{BattleId, RoomId, UserId},
    object::Object,
    open_enum::open_enum,
    time::{LengthMillis, UnixMillis, UnixSeconds},
};

/// `Live.CallbackAfterCreateBattle`: the owner of a room requested a battle with the owners of other rooms.
///
/// Documentation: <https://trtc.io/document/68259>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterCreateBattle {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// User who requested the battle.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// Battle that was requested.
    pub battle_id: BattleId,
    /// Room whose owner requested the battle.
    pub from_room_id: Option<RoomId>,
    /// Rooms whose owners were invited.
    pub to_room_id_list: Option<Vec<RoomId>>,
    /// How long the owners have to answer, if [`need_response`](Self::need_response) is true. Whole
    /// milliseconds on the wire; a negative value counts as absent.
    #[serde_as(as = "LengthMillis")]
    #[serde(default)]
    pub timeout: Option<Duration>,
    /// How long the battle will last once it has started. Whole milliseconds on the wire; a negative value
    /// counts as absent.
    #[serde_as(as = "LengthMillis")]
    #[serde(default)]
    pub duration: Option<Duration>,
    /// Whether the owners must agree; if not, the battle starts at once.
    pub need_response: Option<bool>,
    /// Text that the application attached to the battle.
    pub extension_info: Option<String>,
    /// When the battle was requested.
    pub event_time: Option<UnixMillis>,
}

impl AfterCreateBattle {
    /// Makes an event with its required fields; the others are absent.
    pub fn new(battle_id: impl Into<BattleId>) -> Self {
        Self {
            tag: Tag::default(),
            operator_account: None,
            battle_id: battle_id.into(),
            from_room_id: None,
            to_room_id_list: None,
            timeout: None,
            duration: None,
            need_response: None,
            extension_info: None,
            event_time: None,
        }
    }
}

impl Packet for AfterCreateBattle {
    const COMMAND: &'static Command = &Command::AfterCreateBattle;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(self.from_room_id.as_ref())
            .operator(self.operator_account.as_ref())
            .time(self.event_time)
            // Its id is that of one battle, which happens once.
            .distinct(true)
    }
}

/// `Live.CallbackAfterStartBattle`: a battle started, either at once or when all invited owners had answered
/// and at least one had agreed.
///
/// Documentation: <https://trtc.io/document/68260>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterStartBattle {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// Battle that started.
    pub battle_id: BattleId,
    /// How long the battle will last. Whole milliseconds on the wire; a negative value counts as absent.
    #[serde_as(as = "LengthMillis")]
    #[serde(default)]
    pub duration: Option<Duration>,
    /// When the battle was requested.
    pub create_time: Option<UnixSeconds>,
    /// When the battle started.
    pub start_time: Option<UnixSeconds>,
    /// Room that requested the battle, without a score.
    #[serde_as(as = "Option<Object>")]
    pub from_room_info: Option<BattleRoom>,
    /// Rooms that were invited, without scores.
    #[serde_as(as = "Option<Vec<Object>>")]
    pub to_room_list: Option<Vec<BattleRoom>>,
    /// When the backend noticed the start.
    pub event_time: Option<UnixMillis>,
}

impl AfterStartBattle {
    /// Makes an event with its required fields; the others are absent.
    pub fn new(battle_id: impl Into<BattleId>) -> Self {
        Self {
            tag: Tag::default(),
            battle_id: battle_id.into(),
            duration: None,
            create_time: None,
            start_time: None,
            from_room_info: None,
            to_room_list: None,
            event_time: None,
        }
    }
}

impl Packet for AfterStartBattle {
    const COMMAND: &'static Command = &Command::AfterStartBattle;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(self.from_room_info.as_ref().map(|room| &room.room_id))
            .time(self.event_time)
            // Its id is that of one battle, which happens once.
            .distinct(true)
    }
}

/// `Live.CallbackAfterEndBattle`: a battle ended, or never took place.
///
/// Documentation: <https://trtc.io/document/68261>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterEndBattle {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// Battle that ended.
    pub battle_id: BattleId,
    /// How long the battle was set to last. Whole milliseconds on the wire; a negative value counts as
    /// absent.
    #[serde_as(as = "LengthMillis")]
    #[serde(default)]
    pub duration: Option<Duration>,
    /// When the battle was requested.
    pub create_time: Option<UnixSeconds>,
    /// When the battle started.
    pub start_time: Option<UnixSeconds>,
    /// When the battle ended.
    pub end_time: Option<UnixSeconds>,
    /// Why the battle ended.
    pub op_type: Option<OpType>,
    /// Room that requested the battle, with its score.
    #[serde_as(as = "Option<Object>")]
    pub from_room_info: Option<BattleRoom>,
    /// Rooms that were invited, with their scores.
    #[serde_as(as = "Option<Vec<Object>>")]
    pub to_room_list: Option<Vec<BattleRoom>>,
    /// When the backend noticed the end.
    pub event_time: Option<UnixMillis>,
}

impl AfterEndBattle {
    /// Makes an event with its required fields; the others are absent.
    pub fn new(battle_id: impl Into<BattleId>) -> Self {
        Self {
            tag: Tag::default(),
            battle_id: battle_id.into(),
            duration: None,
            create_time: None,
            start_time: None,
            end_time: None,
            op_type: None,
            from_room_info: None,
            to_room_list: None,
            event_time: None,
        }
    }
}

impl Packet for AfterEndBattle {
    const COMMAND: &'static Command = &Command::AfterEndBattle;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(self.from_room_info.as_ref().map(|room| &room.room_id))
            .time(self.event_time)
            // Its id is that of one battle, which happens once.
            .distinct(true)
    }
}

/// A room that takes part in a battle.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BattleRoom {
    /// Room that takes part.
    pub room_id: RoomId,
    /// Score of the room. Absent when the battle starts.
    pub score: Option<i64>,
    /// Owner of the room.
    #[serde(rename = "Owner_Account")]
    pub owner_account: Option<UserId>,
}

impl BattleRoom {
    /// Makes a room with its required fields; the others are absent.
    pub fn new(room_id: impl Into<RoomId>) -> Self {
        Self { room_id: room_id.into(), score: None, owner_account: None }
    }
}

open_enum! {
    /// Why a battle ended.
    pub enum OpType: i64 {
        /// Its time was up.
        TimeUp = 0,
        /// It had started, and all owners left.
        AllOwnersLeft = 1,
        /// It never started, because no invited owner joined.
        NotStarted = 2,
    }
}
