//! Messages in a live room, before and after they are sent.

mod element;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as, skip_serializing_none};

pub use self::element::{CustomElem, Element, MsgType, OtherElem, TextElem};
use super::packet::{About, Packet, Tag};
use crate::{
    command::Command,
    id::{RoomId, UserId},
    open_enum::open_enum,
    time::{UnixMillis, UnixSeconds},
};

/// `Group.CallbackBeforeSendMsg`: a user is about to send a message, and the service decides what is to
/// happen to it.
///
/// Documentation: <https://trtc.io/document/74347>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct BeforeSendMsg {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// Room that the message is sent in.
    pub group_id: RoomId,
    /// Kind of group: a live room.
    pub r#type: Option<GroupType>,
    /// Sender of the message.
    #[serde(rename = "From_Account")]
    pub from_account: Option<UserId>,
    /// User who asks for it to be sent; an administrator account can do so on a user's behalf.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// Random number that tells the sender's messages apart.
    pub random: Option<i64>,
    /// Id of the message on the client.
    pub msg_id: Option<String>,
    /// Content, in one or more elements. Also `None` for `null` in place of an empty list.
    pub msg_body: Option<Vec<Element>>,
    /// Data that the sender attached, to be kept with the message.
    pub cloud_custom_data: Option<String>,
    /// When the event was triggered. A numeric string on the wire.
    #[serde_as(serialize_as = "Option<DisplayFromStr>")]
    pub event_time: Option<UnixMillis>,
}

impl BeforeSendMsg {
    /// Makes an event with its required fields; the others are absent.
    pub fn new(group_id: impl Into<RoomId>) -> Self {
        Self {
            tag: Tag::default(),
            group_id: group_id.into(),
            r#type: None,
            from_account: None,
            operator_account: None,
            random: None,
            msg_id: None,
            msg_body: None,
            cloud_custom_data: None,
            event_time: None,
        }
    }
}

impl Packet for BeforeSendMsg {
    const COMMAND: &'static Command = &Command::BeforeSendMsg;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(&self.group_id)
            .operator(self.operator_account.as_ref())
            .time(self.event_time)
    }
}

/// `Group.CallbackAfterSendMsg`: a message was sent.
///
/// Documentation: <https://trtc.io/document/74348>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterSendMsg {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// Room that the message was sent in.
    pub group_id: RoomId,
    /// Kind of group: a live room.
    pub r#type: Option<GroupType>,
    /// Sender of the message.
    #[serde(rename = "From_Account")]
    pub from_account: Option<UserId>,
    /// User who asked for it to be sent; an administrator account can do so on a user's behalf.
    #[serde(rename = "Operator_Account")]
    pub operator_account: Option<UserId>,
    /// Random number that tells the sender's messages apart.
    pub random: Option<i64>,
    /// Id of the message on the client.
    pub msg_id: Option<String>,
    /// Number that orders the messages in a room.
    pub msg_seq: Option<i64>,
    /// When the server received the message.
    pub msg_time: Option<UnixSeconds>,
    /// Content, in one or more elements. Also `None` for `null` in place of an empty list.
    pub msg_body: Option<Vec<Element>>,
    /// Data that the sender attached, to be kept with the message.
    pub cloud_custom_data: Option<String>,
    /// When it happened. A numeric string on the wire.
    #[serde_as(serialize_as = "Option<DisplayFromStr>")]
    pub event_time: Option<UnixMillis>,
}

impl AfterSendMsg {
    /// Makes an event with its required fields; the others are absent.
    pub fn new(group_id: impl Into<RoomId>) -> Self {
        Self {
            tag: Tag::default(),
            group_id: group_id.into(),
            r#type: None,
            from_account: None,
            operator_account: None,
            random: None,
            msg_id: None,
            msg_seq: None,
            msg_time: None,
            msg_body: None,
            cloud_custom_data: None,
            event_time: None,
        }
    }
}

impl Packet for AfterSendMsg {
    const COMMAND: &'static Command = &Command::AfterSendMsg;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(&self.group_id)
            .operator(self.operator_account.as_ref())
            .time(self.event_time)
    }
}

open_enum! {
    /// Kind of group that a message is sent in.
    pub enum GroupType {
        /// A live room.
        Live = "Live",
    }
}

/// Decision on a message.
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::{Reply, event::message::{Code, Decision}};
///
/// const RUDE: Code = Code::new(10_100).unwrap();
///
/// let decision = Decision::forbid_with(RUDE, "mind your words");
/// assert_eq!(
///     Reply::from(decision).to_json(),
///     r#"{"ActionStatus":"OK","ErrorInfo":"mind your words","ErrorCode":10100}"#
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Decision {
    /// Send it.
    Allow,
    /// Send it with different content.
    AllowChanged(Changes),
    /// Do not send it, and tell the sender's client error 10016.
    Forbid,
    /// Do not send it, and tell the sender's client that it was sent.
    Discard,
    /// Do not send it, and tell the sender's client a code and a text.
    #[non_exhaustive]
    ForbidWith {
        /// Code of the service's own.
        code: Code,
        /// Text that goes with it.
        info: Cow<'static, str>,
    },
}

impl Decision {
    /// Makes a [`ForbidWith`](Self::ForbidWith).
    pub fn forbid_with(code: Code, info: impl Into<Cow<'static, str>>) -> Self {
        Self::ForbidWith { code, info: info.into() }
    }
}

/// Code from 10100 to 10200 for the client of a sender whose message is forbidden.
pub type Code = super::code::Code<10_100, 10_200>;

/// Content to send in place of the message's own, in [`Decision::AllowChanged`].
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::{Reply, event::message::{Changes, Decision, Element}};
///
/// let changes = Changes::new().with_msg_body([Element::text("***")]);
/// assert_eq!(
///     Reply::from(Decision::AllowChanged(changes)).to_json(),
///     r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"***"}}]}"#
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Changes {
    /// Message to send; if absent, the sender's own is sent.
    pub msg_body: Option<Vec<Element>>,
    /// Data to keep with the message. The page does not say what is kept if this is absent.
    pub cloud_custom_data: Option<String>,
}

impl Changes {
    /// Changes nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends these elements in place of the sender's.
    #[must_use]
    pub fn with_msg_body(self, msg_body: impl Into<Vec<Element>>) -> Self {
        Self { msg_body: Some(msg_body.into()), ..self }
    }

    /// Keeps this data in place of the sender's.
    #[must_use]
    pub fn with_cloud_custom_data(self, cloud_custom_data: impl Into<String>) -> Self {
        Self { cloud_custom_data: Some(cloud_custom_data.into()), ..self }
    }
}
