//! Gifts: whether one may be sent.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_with::{serde_as, skip_serializing_none};

use super::packet::{About, Packet, Tag};
use crate::{
    command::Command,
    id::{RoomId, UserId},
    object::Object,
    time::UnixSeconds,
};

/// `Live.CallbackBeforeSendGift`: a user is about to send a gift, and the service decides whether that is
/// allowed.
///
/// Documentation: <https://trtc.io/document/72210>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BeforeSendGift {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// User who asks for the gift to be sent.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// Room that the gift is sent in.
    pub room_id: RoomId,
    /// What is sent, by whom and to whom.
    #[serde_as(as = "Object")]
    pub gift_water: GiftWater,
}

impl BeforeSendGift {
    /// Makes an event with its required fields; the others are absent.
    pub fn new(room_id: impl Into<RoomId>, gift_water: GiftWater) -> Self {
        Self { tag: Tag::default(), operator_account: None, room_id: room_id.into(), gift_water }
    }
}

impl Packet for BeforeSendGift {
    const COMMAND: &'static Command = &Command::BeforeSendGift;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND).room(&self.room_id).operator(self.operator_account.as_ref())
    }
}

/// A gift about to be sent, in [`BeforeSendGift`].
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GiftWater {
    /// Sender.
    #[serde(rename = "From_Account")]
    pub from_account: Option<UserId>,
    /// Recipients. Also `None` for `null` in place of an empty list.
    #[serde(rename = "To_Account")]
    pub to_account: Option<Vec<UserId>>,
    /// Time of the request to send it.
    pub time: Option<UnixSeconds>,
    /// Which of the application's gifts it is.
    pub gift_id: String,
    /// How many are sent.
    pub count: Option<i64>,
    /// Value of one gift in the application's coins, says the Chinese edition of the page; the English one only says
    /// "gift value". [`total_coins`](Self::total_coins) is what all of them cost.
    pub coins: Option<i64>,
}

impl GiftWater {
    /// Makes a gift with its required fields; the others are absent.
    pub fn new(gift_id: impl Into<String>) -> Self {
        Self {
            from_account: None,
            to_account: None,
            time: None,
            gift_id: gift_id.into(),
            count: None,
            coins: None,
        }
    }

    /// Returns what the gifts cost together: [`count`](Self::count) times [`coins`](Self::coins). `None` if either is
    /// absent or negative, or the product does not fit in 64 bits: the cost is unknown then, not zero.
    #[must_use]
    pub fn total_coins(&self) -> Option<i64> {
        let (count, coins) = (self.count?, self.coins?);
        if count < 0 || coins < 0 { None } else { count.checked_mul(coins) }
    }
}

/// Decision on a gift.
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::{Reply, event::gift::{Code, Decision}};
///
/// const BROKE: Code = Code::new(102_100).unwrap();
///
/// let decision = Decision::reject_with(BROKE, "no coins left");
/// assert_eq!(
///     Reply::from(decision).to_json(),
///     r#"{"ActionStatus":"OK","ErrorInfo":"no coins left","ErrorCode":102100}"#
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Decision {
    /// Send it.
    Allow,
    /// Do not send it.
    Reject,
    /// Do not send it, and tell the sender's client a code. The page does not say whether the client is also told
    /// the text.
    #[non_exhaustive]
    RejectWith {
        /// Code of the service's own.
        code: Code,
        /// Text that goes with it.
        info: Cow<'static, str>,
    },
}

impl Decision {
    /// Makes a [`RejectWith`](Self::RejectWith).
    pub fn reject_with(code: Code, info: impl Into<Cow<'static, str>>) -> Self {
        Self::RejectWith { code, info: info.into() }
    }
}

/// Code from 102100 to 102200 for the client of a sender whose gift is rejected.
pub type Code = super::code::Code<102_100, 102_200>;
