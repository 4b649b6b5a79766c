//! A request to send, and the answer to it.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::Method;
use http_body::{Body, Frame, SizeHint};
use trtc_live_webhook::{ActionStatus, Event, Reply, samples};

use crate::service::OURS;

/// A request whose body may be announced, and may stop arriving.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) query: String,
    pub(crate) body: Sent,
}

impl Request {
    pub(crate) fn new(event: impl Into<Event>) -> Self {
        samples::Request::new(OURS, event).into()
    }

    pub(crate) fn from_json(json: impl Into<Vec<u8>>) -> Self {
        samples::Request::from_json(OURS, json).into()
    }

    pub(crate) fn with_method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Without an announced length.
    pub(crate) fn chunked(mut self) -> Self {
        self.body.length = None;
        let whole: Vec<_> = self.body.pieces.drain(..).flatten().collect();
        self.body.pieces = whole.chunks(10_000).map(Bytes::copy_from_slice).collect();
        self
    }

    /// With only so much of the body, and no end.
    pub(crate) fn stalled_after(mut self, bytes: usize) -> Self {
        let whole: Vec<_> = self.body.pieces.drain(..).flatten().collect();
        self.body.pieces =
            whole.chunks(bytes.max(1)).take(bytes.min(1)).map(Bytes::copy_from_slice).collect();
        self.body.stalls = true;
        self
    }
}

impl From<samples::Request> for Request {
    fn from(request: samples::Request) -> Self {
        let query = request.query();
        let body = Bytes::from(request.into_body());
        let body = Sent { length: Some(body.len() as u64), pieces: [body].into(), stalls: false };
        Self { method: Method::POST, query, body }
    }
}

/// Body of a request.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    length: Option<u64>,
    pub(crate) pieces: VecDeque<Bytes>,
    stalls: bool,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.pieces.pop_front() {
            Some(piece) => Poll::Ready(Some(Ok(Frame::data(piece)))),
            None if self.stalls => Poll::Pending,
            None => Poll::Ready(None),
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// What of a response the scenarios look at.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) allow: Option<String>,
    pub(crate) body: String,
}

impl Answer {
    /// Demands status 200 and a packet that says that the webhook worked.
    #[track_caller]
    pub(crate) fn assert_reply(&self, reply: &Reply) {
        assert_eq!(self.status, 200, "{self:?}");
        assert_eq!(&self.packet(), reply, "{self:?}");
    }

    /// Demands another status, and a packet that says that the webhook failed.
    #[track_caller]
    pub(crate) fn assert_failure(&self, status: u16, text: &str) {
        assert_eq!(self.status, status, "{self:?}");
        let packet = self.packet();
        assert_eq!(packet.action_status(), &ActionStatus::Fail, "{self:?}");
        assert_eq!((packet.error_code(), packet.error_info()), (status.into(), text));
    }

    #[track_caller]
    fn packet(&self) -> Reply {
        assert_eq!(self.content_type.as_deref(), Some("application/json"), "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }
}
