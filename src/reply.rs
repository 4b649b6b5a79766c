//! Replies: the packets that answer deliveries.
//!
//! Documentation: <https://trtc.io/document/64412>

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::{
    command::{Answer, Command, commands},
    error::{EventError, ReceiveError, RequestError},
    event::{
        gift,
        message::{self, Changes, Element},
    },
    open_enum::open_enum,
};

/// Packet that answers a delivery. Send it as JSON with status 200: any other status counts as a failed
/// webhook.
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::Reply;
///
/// assert_eq!(Reply::ok().to_json(), r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#);
/// let json = r#"{"ActionStatus":"FAIL","ErrorInfo":"busy","ErrorCode":7}"#;
/// assert_eq!(serde_json::from_str::<Reply>(json)?, Reply::fail(7, "busy"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Reply {
    action_status: ActionStatus,
    error_info: Cow<'static, str>,
    error_code: i64,
    msg_body: Option<Vec<Element>>,
    cloud_custom_data: Option<String>,
}

/// JSON of [`Reply::ok`], by far the most frequent reply.
const OK: &str = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;

impl Reply {
    /// Acknowledges the delivery; if its command asks for a decision, the decision is to allow it.
    #[must_use]
    pub fn ok() -> Self {
        Self::decided(0, "")
    }

    /// Reports that the delivery could not be processed. Code and text are the service's own; no page documents a use of
    /// them.
    #[must_use]
    pub fn fail(error_code: i64, error_info: impl Into<String>) -> Self {
        Self { action_status: ActionStatus::Fail, ..Self::decided(error_code, error_info.into()) }
    }

    /// Refuses what the command asks for: rejects a gift, forbids a message. `None` for a command that asks for no
    /// decision, and for an unrecognized one.
    ///
    /// Answer with it, and with status 200, if a delivery cannot be processed and that must not mean that it is allowed:
    /// see [`failing_closed`](crate::guide::failing_closed).
    ///
    /// # Examples
    ///
    /// ```
    /// use trtc_live_webhook::{Command, Reply};
    ///
    /// let refusal = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":1}"#;
    /// assert_eq!(Reply::refusal(&Command::BeforeSendMsg).unwrap().to_json(), refusal);
    /// assert_eq!(Reply::refusal(&Command::AfterSendMsg), None);
    /// ```
    #[must_use]
    pub fn refusal(command: &Command) -> Option<Self> {
        macro_rules! refusal {
            ($(
                $(#[$doc:meta])*
                $method:ident($family:ident::$event:ident) $(-> $answer:ty)? = $word:literal $(| $alias:literal)*, $page:literal;
            )+) => {
                match command {
                    $(Command::$event => {
                        let refusal: Option<Answer<$($answer)?>> = Refuse::refusal();
                        refusal.map(Self::from)
                    })+
                    Command::Unrecognized(_) => None,
                }
            };
        }
        commands!(refusal)
    }

    /// The status is `OK` even for a refusal: the service did what it was asked to do.
    fn decided(error_code: i64, error_info: impl Into<Cow<'static, str>>) -> Self {
        Self {
            action_status: ActionStatus::Ok,
            error_info: error_info.into(),
            error_code,
            msg_body: None,
            cloud_custom_data: None,
        }
    }

    /// Returns whether the delivery was processed. `OK` even if a gift or a message is refused.
    #[must_use]
    pub fn action_status(&self) -> &ActionStatus {
        &self.action_status
    }

    /// Returns the text that goes with the code; empty if there is none.
    #[must_use]
    pub fn error_info(&self) -> &str {
        &self.error_info
    }

    /// Returns the code; its meaning depends on the command being answered. 0 means success for every
    /// command.
    #[must_use]
    pub fn error_code(&self) -> i64 {
        self.error_code
    }

    /// Returns the elements to send in place of a message's own; `None` if those are left unchanged, and for
    /// other commands.
    #[must_use]
    pub fn msg_body(&self) -> Option<&[Element]> {
        self.msg_body.as_deref()
    }

    /// Returns the data to keep in place of a message's own; `None` if the reply says nothing about it, and
    /// for other commands.
    #[must_use]
    pub fn cloud_custom_data(&self) -> Option<&str> {
        self.cloud_custom_data.as_deref()
    }

    /// Returns the packet as JSON, with its fields in the documented order.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.json().into_owned()
    }

    /// Returns what [`to_json`](Self::to_json) returns, without a copy where it is always the same.
    pub(crate) fn json(&self) -> Cow<'static, str> {
        if *self == Self::ok() {
            return OK.into();
        }
        // Strings, integers and JSON values can always be written as JSON. If they could not, the empty body
        // would count as a failed webhook.
        serde_json::to_string(self).unwrap_or_default().into()
    }
}

impl Command {
    /// Tells whether the backend asks for a decision and waits for it: a gift or a message to come. `false` for an
    /// unrecognized command.
    ///
    /// Anything else has happened already, and can be handled after the answer.
    #[must_use]
    pub fn asks_for_decision(&self) -> bool {
        Reply::refusal(self).is_some()
    }
}

/// Decision of a handler's method.
trait Refuse: Sized {
    /// Returns the decision that refuses; `None` if there is nothing to refuse.
    fn refusal() -> Option<Self>;
}

impl Refuse for () {
    fn refusal() -> Option<Self> {
        None
    }
}

impl Refuse for gift::Decision {
    fn refusal() -> Option<Self> {
        Some(Self::Reject)
    }
}

impl Refuse for message::Decision {
    fn refusal() -> Option<Self> {
        Some(Self::Forbid)
    }
}

/// Acknowledges, for a method that decides nothing.
impl From<()> for Reply {
    fn from((): ()) -> Self {
        Self::ok()
    }
}

/// Makes a failure with the error's status as its code. Send it with that status.
impl From<RequestError> for Reply {
    fn from(error: RequestError) -> Self {
        Self::fail(error.status_code().into(), error.to_string())
    }
}

/// Makes a failure with the error's status as its code. Send it with that status.
impl From<EventError> for Reply {
    fn from(error: EventError) -> Self {
        Self::fail(error.status_code().into(), error.to_string())
    }
}

/// Makes a failure with the error's status as its code. Send it with that status.
impl From<ReceiveError> for Reply {
    fn from(error: ReceiveError) -> Self {
        Self::fail(error.status_code().into(), error.to_string())
    }
}

impl From<gift::Decision> for Reply {
    fn from(decision: gift::Decision) -> Self {
        match decision {
            gift::Decision::Allow => Self::ok(),
            gift::Decision::Reject => Self::decided(1, ""),
            gift::Decision::RejectWith { code, info } => Self::decided(code.get(), info),
        }
    }
}

impl From<message::Decision> for Reply {
    fn from(decision: message::Decision) -> Self {
        match decision {
            message::Decision::Allow => Self::ok(),
            message::Decision::AllowChanged(Changes { msg_body, cloud_custom_data }) => {
                Self { msg_body, cloud_custom_data, ..Self::ok() }
            }
            message::Decision::Forbid => Self::decided(1, ""),
            message::Decision::Discard => Self::decided(2, ""),
            message::Decision::ForbidWith { code, info } => Self::decided(code.get(), info),
        }
    }
}

impl TryFrom<Reply> for gift::Decision {
    type Error = NotADecision;

    /// Returns the documented decision that the reply expresses as a reply to a [`gift::BeforeSendGift`].
    /// Anything else in the reply is ignored. The backend blocks a gift for any code other than 0, documented
    /// or not.
    ///
    /// # Errors
    ///
    /// [`NotADecision`] if the reply is a failure or its code is not a documented one.
    fn try_from(reply: Reply) -> Result<Self, NotADecision> {
        match (reply.action_status, reply.error_code) {
            (ActionStatus::Ok, 0) => Ok(Self::Allow),
            (ActionStatus::Ok, 1) => Ok(Self::Reject),
            (ActionStatus::Ok, code) => match gift::Code::new(code) {
                Some(code) => Ok(Self::reject_with(code, reply.error_info)),
                None => Err(NotADecision),
            },
            _ => Err(NotADecision),
        }
    }
}

impl TryFrom<Reply> for message::Decision {
    type Error = NotADecision;

    /// Returns the documented decision that the reply expresses as a reply to a [`message::BeforeSendMsg`].
    /// Anything else in the reply is ignored.
    ///
    /// # Errors
    ///
    /// [`NotADecision`] if the reply is a failure or its code is not a documented one.
    fn try_from(reply: Reply) -> Result<Self, NotADecision> {
        let changes = Changes { msg_body: reply.msg_body, cloud_custom_data: reply.cloud_custom_data };
        match (reply.action_status, reply.error_code) {
            (ActionStatus::Ok, 0) if changes == Changes::new() => Ok(Self::Allow),
            (ActionStatus::Ok, 0) => Ok(Self::AllowChanged(changes)),
            (ActionStatus::Ok, 1) => Ok(Self::Forbid),
            (ActionStatus::Ok, 2) => Ok(Self::Discard),
            (ActionStatus::Ok, code) => match message::Code::new(code) {
                Some(code) => Ok(Self::forbid_with(code, reply.error_info)),
                None => Err(NotADecision),
            },
            _ => Err(NotADecision),
        }
    }
}

/// Why a [`Reply`] is not a decision: its code is not a documented one, or it is a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("reply carries no documented decision")]
#[non_exhaustive]
pub struct NotADecision;

open_enum! {
    /// Whether the service processed a delivery.
    pub enum ActionStatus {
        /// Processed. Also the status of a refusal.
        Ok = "OK",
        /// Not processed.
        Fail = "FAIL",
    }
}
