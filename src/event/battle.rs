//! Battles between the owners of rooms.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_with::{DurationMilliSeconds, serde_as, skip_serializing_none};

use super::{
    Event,
    packet::{About, Packet, Tag},
};
use crate::{BattleId, Command, RoomId, UnixMillis, UnixSeconds, UserId, string_enum::Unrecognized};

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
    /// The battle that is over.
    pub battle_id: BattleId,
    /// How long the battle was set to last. Whole milliseconds on the wire.
    #[serde_as(as = "Option<DurationMilliSeconds<u64>>")]
    pub duration: Option<Duration>,
    /// When the battle was asked for.
    pub create_time: Option<UnixSeconds>,
    /// When the battle started.
    pub start_time: Option<UnixSeconds>,
    /// When the battle ended.
    pub end_time: Option<UnixSeconds>,
    /// Why the battle ended.
    pub op_type: Option<OpType>,
    /// The room that asked for the battle, with its score.
    pub from_room_info: Option<BattleRoom>,
    /// The rooms that were asked, with their scores.
    pub to_room_list: Option<Vec<BattleRoom>>,
    /// When the backend noticed the end.
    pub event_time: Option<UnixMillis>,
}

/// A room that takes part in a battle.
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BattleRoom {
    /// The room.
    pub room_id: RoomId,
    /// What the room has scored.
    pub score: Option<i64>,
    /// Host of the room.
    #[serde(rename = "Owner_Account")]
    pub owner_account: Option<UserId>,
}

impl Packet for AfterEndBattle {
    const COMMAND: &'static Command = &Command::AfterEndBattle;

    fn about(&self) -> About<'_> {
        About {
            room_id: self.from_room_info.as_ref().map(|room| &room.room_id),
            event_time: self.event_time,
            ..About::new(Self::COMMAND)
        }
    }
}

impl From<AfterEndBattle> for Event {
    fn from(event: AfterEndBattle) -> Self {
        Self::AfterEndBattle(event)
    }
}

/// Why a battle ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OpType {
    /// 0: its time was up.
    TimeUp,
    /// 1: it had started, and all owners left it.
    AllOwnersLeft,
    /// 2: it never started, because no owner who was asked joined.
    NotStarted,
    /// A number that this version of the crate does not know, kept as it came.
    Unrecognized(Unrecognized<Self, i64>),
}

impl OpType {
    /// Returns the number on the wire.
    #[must_use]
    pub const fn get(self) -> i64 {
        match self {
            Self::TimeUp => 0,
            Self::AllOwnersLeft => 1,
            Self::NotStarted => 2,
            Self::Unrecognized(number) => number.get(),
        }
    }

    /// Tells whether this version of the crate knows the number.
    #[must_use]
    pub const fn is_recognized(self) -> bool {
        !matches!(self, Self::Unrecognized(_))
    }
}

impl From<i64> for OpType {
    fn from(number: i64) -> Self {
        match number {
            0 => Self::TimeUp,
            1 => Self::AllOwnersLeft,
            2 => Self::NotStarted,
            _ => Self::Unrecognized(Unrecognized::new(number)),
        }
    }
}

impl Serialize for OpType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unrecognized(number) => number.serialize(serializer),
            recognized => serializer.serialize_i64(recognized.get()),
        }
    }
}

impl<'de> Deserialize<'de> for OpType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(Self::from)
    }
}
