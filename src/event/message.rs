//! Messages in a live room, before and after they are sent.

mod content;
mod convert;
mod element;
mod json;
mod kind;
mod media;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_with::{DisplayFromStr, serde_as, skip_serializing_none};

pub use self::{
    content::{CustomElem, FaceElem, LocationElem, TextElem},
    element::{Element, RelayElem, RelayedMsg},
    kind::{MsgType, OtherElem},
    media::{FileElem, ImageElem, ImageFormat, ImageInfo, ImageType, SoundElem, VideoFileElem},
};
use super::packet::{About, Packet, Tag};
use crate::{
    command::Command,
    id::{RoomId, UserId},
    object::Object,
    open_enum::open_enum,
    time::{UnixMillis, UnixSeconds},
};

/// `Group.CallbackBeforeSendMsg`: a user is about to send a message. The service decides whether it is sent, and with
/// what content.
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
    /// Kind of group: [`Live`](GroupType::Live), unless the webhooks of Chat come to the same URL.
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
    /// 1 if the message is only for members who are online. Documented by Chat
    /// (<https://trtc.io/document/34374>).
    pub online_only_flag: Option<i64>,
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
            online_only_flag: None,
            msg_body: None,
            cloud_custom_data: None,
            event_time: None,
        }
    }

    /// Returns the texts of the message's text elements, those of forwarded messages included. [`Element::texts`] says
    /// which words are not among them.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.msg_body.iter().flatten().flat_map(Element::texts)
    }
}

impl Packet for BeforeSendMsg {
    const COMMAND: &'static Command = &Command::BeforeSendMsg;

    fn about(&self) -> About<'_> {
        let about = About::new(Self::COMMAND).room(&self.group_id).operator(self.operator_account.as_ref());
        // A user can send the same text twice, and the backend asks once for each.
        About { is_distinct: false, ..about.time(self.event_time) }
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
    /// Kind of group: [`Live`](GroupType::Live), unless the webhooks of Chat come to the same URL.
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
    /// 1 if the message was only for members who were online. Documented by Chat
    /// (<https://trtc.io/document/34375>), like the next two.
    pub online_only_flag: Option<i64>,
    /// Topic of a community that the message was sent in. Absent in any other kind of group.
    pub topic_id: Option<String>,
    /// Who was mentioned in the message.
    #[serde_as(as = "Option<Vec<Object>>")]
    pub group_at_info: Option<Vec<GroupAtInfo>>,
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
            online_only_flag: None,
            topic_id: None,
            group_at_info: None,
            msg_body: None,
            cloud_custom_data: None,
            event_time: None,
        }
    }

    /// Returns the texts of the message's text elements, those of forwarded messages included. [`Element::texts`] says
    /// which words are not among them.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.msg_body.iter().flatten().flat_map(Element::texts)
    }
}

impl Packet for AfterSendMsg {
    const COMMAND: &'static Command = &Command::AfterSendMsg;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND)
            .room(&self.group_id)
            .operator(self.operator_account.as_ref())
            .time(self.event_time)
            .distinct(self.msg_seq.is_some_and(|seq| seq != 0))
            .distinct(self.msg_id.as_ref().is_some_and(|id| !id.is_empty()))
    }
}

/// Mention of one member or of all, in [`AfterSendMsg`].
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GroupAtInfo {
    /// 1 if all members are mentioned, 0 if one is.
    #[serde(rename = "GroupAtAllFlag")]
    pub group_at_all_flag: Option<i64>,
    /// Member who is mentioned. Absent if all are.
    #[serde(rename = "GroupAt_Account")]
    pub group_at_account: Option<UserId>,
}

impl GroupAtInfo {
    /// Creates an empty `GroupAtInfo`: every field is absent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

open_enum! {
    /// Kind of group that a message is sent in. All but the first are groups of Chat, whose webhooks for messages are
    /// the same.
    ///
    /// Documentation: <https://trtc.io/document/34375>
    pub enum GroupType {
        /// Live room.
        Live = "Live",
        /// Public group.
        Public = "Public",
        /// Private group.
        Private = "Private",
        /// Chat room.
        ChatRoom = "ChatRoom",
        /// Audio-video chat room.
        AvChatRoom = "AVChatRoom",
        /// Community, with topics.
        Community = "Community",
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
/// Masks a word in the text elements, and sends everything else in the message back as it came:
///
/// ```
/// use trtc_live_webhook::event::message::{BeforeSendMsg, Changes, Decision, Element};
///
/// fn mask(event: BeforeSendMsg) -> Decision {
///     let mut elements = event.msg_body.unwrap_or_default();
///     for text in elements.iter_mut().flat_map(Element::texts_mut) {
///         *text = text.replace("duck", "***");
///     }
///     Decision::AllowChanged(Changes::new().with_msg_body(elements))
/// }
///
/// let mut event = BeforeSendMsg::new("room");
/// event.msg_body = Some(vec![Element::text("what the duck"), Element::custom("{}")]);
/// let expected = [Element::text("what the ***"), Element::custom("{}")];
/// let expected = Changes::new().with_msg_body(expected);
/// assert_eq!(mask(event), Decision::AllowChanged(expected));
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
