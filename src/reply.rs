//! The way out: the response packet.
//!
//! Documentation: <https://trtc.io/document/64412>

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::string_enum::string_enum;

/// The packet that answers a delivery. Send it as JSON with status 200: any other status counts as a failed
/// webhook.
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::Reply;
///
/// assert_eq!(Reply::ok().to_json(), r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#);
/// let reply: Reply = serde_json::from_str(r#"{"ActionStatus":"FAIL","ErrorInfo":"busy","ErrorCode":7}"#)?;
/// assert_eq!(reply, Reply::fail(7, "busy"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Reply {
    action_status: ActionStatus,
    error_info: Cow<'static, str>,
    error_code: i64,
}

/// What `to_json` answers for most deliveries.
const OK: &str = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;

impl Reply {
    /// The delivery was taken note of; for a command that asks for a decision, it is allowed.
    #[must_use]
    pub fn ok() -> Self {
        Self {
            action_status: ActionStatus::OK,
            error_info: Cow::Borrowed(""),
            error_code: 0,
        }
    }

    /// The delivery could not be processed. What `error_code` and `error_info` say is the service's own; the
    /// backend documents no use of them beside this status.
    #[must_use]
    pub fn fail(error_code: i64, error_info: impl Into<String>) -> Self {
        Self {
            action_status: ActionStatus::FAIL,
            error_info: Cow::Owned(error_info.into()),
            error_code,
        }
    }

    /// Returns whether the delivery was processed. `OK` also where a gift or a message is refused.
    #[must_use]
    pub fn action_status(&self) -> &ActionStatus {
        &self.action_status
    }

    /// Returns the text that goes with the code; empty where there is nothing to say.
    #[must_use]
    pub fn error_info(&self) -> &str {
        &self.error_info
    }

    /// Returns the code; its meaning depends on the command that is answered. 0 is success for all.
    #[must_use]
    pub fn error_code(&self) -> i64 {
        self.error_code
    }

    /// Returns the packet as JSON, its fields in the documented order.
    #[must_use]
    pub fn to_json(&self) -> String {
        if *self == Self::ok() {
            return OK.to_owned();
        }
        // Strings and integers always are JSON. Were it otherwise, an empty body is a failed webhook.
        serde_json::to_string(self).unwrap_or_default()
    }
}

string_enum! {
    /// Whether the service processed a delivery.
    pub enum ActionStatus {
        /// It did.
        OK = "OK",
        /// It could not.
        FAIL = "FAIL",
    }
}
