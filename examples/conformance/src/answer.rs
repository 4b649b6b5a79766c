//! The answer to a request.

use trtc_live_webhook::{ActionStatus, Reply};

/// What of a response the scenarios look at.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) allow: Option<String>,
    pub(crate) body: String,
}

impl Answer {
    /// Returns the reply of an answer with status 200.
    #[track_caller]
    pub(crate) fn reply(&self) -> Reply {
        assert_eq!(self.status, 200, "{self:?}");
        let reply = self.packet();
        assert_eq!(reply.action_status(), &ActionStatus::Ok, "{self:?}");
        reply
    }

    /// Demands another status, and a packet that says that the webhook failed.
    #[track_caller]
    pub(crate) fn assert_failure(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.packet().action_status(), &ActionStatus::Fail, "{self:?}");
    }

    #[track_caller]
    fn packet(&self) -> Reply {
        assert_eq!(self.content_type.as_deref(), Some("application/json"), "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }
}
