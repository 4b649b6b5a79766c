//! Gifts: whether one may be sent.

use serde::{Deserialize, Serialize};
use serde_with::{serde_as, skip_serializing_none};

use super::{
    Event,
    packet::{About, Packet, Tag},
};
use crate::{Command, RoomId, UnixSeconds, UserId, object::Object, reply};

/// `Live.CallbackBeforeSendGift`: a user is about to send a gift, and the service decides whether that is
/// allowed.
///
/// Documentation: <https://trtc.io/document/72210>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

impl Packet for BeforeSendGift {
    const COMMAND: &'static Command = &Command::BeforeSendGift;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND).room(&self.room_id).operator(self.operator_account.as_ref())
    }
}

impl From<BeforeSendGift> for Event {
    fn from(event: BeforeSendGift) -> Self {
        Self::BeforeSendGift(event)
    }
}

/// A gift about to be sent, in [`BeforeSendGift`].
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Value in the application's coins. The page does not say whether that is for one gift or for all of
    /// them.
    pub coins: Option<i64>,
}

/// What is to happen to a gift.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// It is sent.
    Allow,
    /// It is not sent.
    Reject,
    /// It is not sent, and the sender's client is told the code. The page does not say whether it is also
    /// told the text.
    RejectWith(PassThrough),
}

/// A code from 102100 to 102200, and a text, for the client of a sender whose gift is rejected.
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::{Reply, event::gift::{Decision, PassThrough}};
///
/// let decision = Decision::RejectWith(PassThrough::new(102_100, "no coins left")?);
/// assert_eq!(
///     Reply::from(decision).to_json(),
///     r#"{"ActionStatus":"OK","ErrorInfo":"no coins left","ErrorCode":102100}"#
/// );
/// assert!(PassThrough::new(1, "not in the range").is_err());
/// # Ok::<(), trtc_live_webhook::CodeOutOfRange>(())
/// ```
pub type PassThrough = reply::PassThrough<102_100, 102_200>;
