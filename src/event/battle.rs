//! Battles between the owners of rooms: asked for, started, ended.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_with::{serde_as, skip_serializing_none};

use super::{
    Event,
    packet::{About, Packet, Tag},
};
use crate::{
    BattleId, Command, RoomId, UnixMillis, UnixSeconds, UserId, object::Object, open_enum::open_enum,
    time::LengthMillis,
};

/// `Live.CallbackAfterCreateBattle`: the owner of a room asked the owners of others for a battle.
///
/// Documentation: <https://trtc.io/document/68259>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterCreateBattle {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// Who asked for the battle.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// Battle that was asked for.
    pub battle_id: BattleId,
    /// Room whose owner asks.
    pub from_room_id: Option<RoomId>,
    /// Rooms whose owners are asked.
    pub to_room_id_list: Option<Vec<RoomId>>,
    /// How long the owners may take to answer, if [`need_response`](Self::need_response). Whole milliseconds on
    /// the wire; absent, too, if negative.
    #[serde_as(as = "LengthMillis")]
    #[serde(default)]
    pub timeout: Option<Duration>,
    /// How long the battle is to last once it has started. Whole milliseconds on the wire; absent, too, if negative.
    #[serde_as(as = "LengthMillis")]
    #[serde(default)]
    pub duration: Option<Duration>,
    /// Whether the owners must agree; if not, the battle starts at once.
    pub need_response: Option<bool>,
    /// Text that the application attached to the battle.
    pub extension_info: Option<String>,
    /// When the battle was asked for.
    pub event_time: Option<UnixMillis>,
}

impl Packet for AfterCreateBattle {
    const COMMAND: &'static Command = &Command::AfterCreateBattle;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(self.from_room_id.as_ref())
            .operator(self.operator_account.as_ref())
            .time(self.event_time)
    }
}

impl From<AfterCreateBattle> for Event {
    fn from(event: AfterCreateBattle) -> Self {
        Self::AfterCreateBattle(event)
    }
}

/// `Live.CallbackAfterStartBattle`: a battle started: at once, or when all who were asked had answered and one at
/// least had agreed.
///
/// Documentation: <https://trtc.io/document/68260>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterStartBattle {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// Battle that is on.
    pub battle_id: BattleId,
    /// How long the battle is to last. Whole milliseconds on the wire; absent, too, if negative.
    #[serde_as(as = "LengthMillis")]
    #[serde(default)]
    pub duration: Option<Duration>,
    /// When the battle was asked for.
    pub create_time: Option<UnixSeconds>,
    /// When the battle started.
    pub start_time: Option<UnixSeconds>,
    /// Room that asked for the battle, without a score.
    #[serde_as(as = "Option<Object>")]
    pub from_room_info: Option<BattleRoom>,
    /// Rooms that were asked, without scores.
    #[serde_as(as = "Option<Vec<Object>>")]
    pub to_room_list: Option<Vec<BattleRoom>>,
    /// When the backend noticed the start.
    pub event_time: Option<UnixMillis>,
}

impl Packet for AfterStartBattle {
    const COMMAND: &'static Command = &Command::AfterStartBattle;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(self.from_room_info.as_ref().map(|room| &room.room_id))
            .time(self.event_time)
    }
}

impl From<AfterStartBattle> for Event {
    fn from(event: AfterStartBattle) -> Self {
        Self::AfterStartBattle(event)
    }
}

/// `Live.CallbackAfterEndBattle`: a battle ended, or did not come about.
///
/// Documentation: <https://trtc.io/document/68261>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterEndBattle {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// Battle that is over.
    pub battle_id: BattleId,
    /// How long the battle was set to last. Whole milliseconds on the wire; absent, too, if negative.
    #[serde_as(as = "LengthMillis")]
    #[serde(default)]
    pub duration: Option<Duration>,
    /// When the battle was asked for.
    pub create_time: Option<UnixSeconds>,
    /// When the battle started.
    pub start_time: Option<UnixSeconds>,
    /// When the battle ended.
    pub end_time: Option<UnixSeconds>,
    /// Why the battle ended.
    pub op_type: Option<OpType>,
    /// Room that asked for the battle, with its score.
    #[serde_as(as = "Option<Object>")]
    pub from_room_info: Option<BattleRoom>,
    /// Rooms that were asked, with their scores.
    #[serde_as(as = "Option<Vec<Object>>")]
    pub to_room_list: Option<Vec<BattleRoom>>,
    /// When the backend noticed the end.
    pub event_time: Option<UnixMillis>,
}

impl Packet for AfterEndBattle {
    const COMMAND: &'static Command = &Command::AfterEndBattle;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(self.from_room_info.as_ref().map(|room| &room.room_id))
            .time(self.event_time)
    }
}

impl From<AfterEndBattle> for Event {
    fn from(event: AfterEndBattle) -> Self {
        Self::AfterEndBattle(event)
    }
}

/// A room that takes part in a battle.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BattleRoom {
    /// Room that takes part.
    pub room_id: RoomId,
    /// What the room has scored. Absent when the battle starts.
    pub score: Option<i64>,
    /// Host of the room.
    #[serde(rename = "Owner_Account")]
    pub owner_account: Option<UserId>,
}

open_enum! {
    /// Why a battle ended.
    pub enum OpType: i64 {
        /// Its time was up.
        TimeUp = 0,
        /// It had started, and all owners left it.
        AllOwnersLeft = 1,
        /// It never started, because no owner who was asked joined.
        NotStarted = 2,
    }
}
