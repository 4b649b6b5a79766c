//! The service that is mounted.

use std::{future, time::Duration};

use trtc_live_webhook::{
    Handler, Receiver, RequestInfo, SdkAppId, Token, Webhook,
    event::{gift, message, room},
};

pub(crate) const OURS: SdkAppId = SdkAppId::new(1_400_000_000);

/// Deadline of the scenarios that wait for it.
pub(crate) const SOON: Duration = Duration::from_millis(100);

pub(crate) fn token() -> Token {
    Token::new("xxxxyyyy").unwrap()
}

/// Lets everything through, unless it fails.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Service {
    Works,
    Fails,
    Stalls,
    Panics,
}

impl Service {
    pub(crate) fn unsigned(self) -> Webhook<Self> {
        Webhook::new(Receiver::new(OURS), self).with_deadline(Duration::from_secs(60))
    }

    async fn work(self) -> Result<(), Failed> {
        match self {
            Self::Works => Ok(()),
            Self::Fails => Err(Failed),
            Self::Stalls => future::pending().await,
            Self::Panics => {
                tokio::task::yield_now().await;
                panic!("a test's handler panics, as it should")
            }
        }
    }
}

#[derive(Debug)]
pub(crate) struct Failed;

impl Handler for Service {
    type Error = Failed;

    async fn after_create_room(&self, _: &RequestInfo, _: room::AfterCreateRoom) -> Result<(), Failed> {
        self.work().await
    }

    async fn before_send_gift(
        &self,
        _: &RequestInfo,
        _: gift::BeforeSendGift,
    ) -> Result<gift::Decision, Failed> {
        self.work().await.map(|()| gift::Decision::Allow)
    }

    async fn before_send_msg(
        &self,
        _: &RequestInfo,
        _: message::BeforeSendMsg,
    ) -> Result<message::Decision, Failed> {
        self.work().await.map(|()| message::Decision::Allow)
    }
}
