//! [`Webhook`] as a service of tower. Feature `tower`.

use std::{
    convert::Infallible,
    fmt, mem,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header, request::Parts};
use http_body::{Body, Frame, SizeHint};
use tower_service::Service;

use crate::{
    http::json_response,
    webhook::{BoxError, Head, Outcome, Pieces, RawHandler, Webhook, content_length},
};

/// Answers any request with a packet, whatever its path is.
impl<H, B> Service<Request<B>> for Webhook<H>
where
    H: RawHandler + 'static,
    B: Body<Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response<ReplyBody>;
    type Error = Infallible;
    type Future = ResponseFuture;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let webhook = self.clone();
        let (Parts { method, uri, headers, .. }, body) = request.into_parts();
        let length = content_length(headers.get(header::CONTENT_LENGTH).map(HeaderValue::as_bytes));
        let has_sdk_app_id = headers.contains_key(Head::SDK_APP_ID);
        ResponseFuture(Box::pin(async move {
            let body = Incoming { length, body: pin!(body) };
            let query = uri.query().unwrap_or_default();
            let head = Head { method: method.as_str(), query, has_sdk_app_id };
            webhook.answer(head, body).await.into()
        }))
    }
}

/// Future of a [`Webhook`]'s answer.
pub struct ResponseFuture(Pin<Box<dyn Future<Output = Response<ReplyBody>> + Send>>);

impl Future for ResponseFuture {
    type Output = Result<Response<ReplyBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// Body of a request.
struct Incoming<'a, B> {
    length: u64,
    body: Pin<&'a mut B>,
}

impl<B: Body<Error: Into<BoxError>>> Pieces for Incoming<'_, B> {
    type Piece = B::Data;

    fn announced(&self) -> u64 {
        self.body.size_hint().lower().max(self.length)
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Option<B::Data>, BoxError>>> {
        let frame = ready!(self.body.as_mut().poll_frame(cx));
        // What is no data are trailers, which say nothing.
        Poll::Ready(frame.map(|frame| Ok(frame.map_err(Into::into)?.into_data().ok())))
    }
}

/// Response body: one packet in a single frame.
#[derive(Clone, Debug, Default)]
pub struct ReplyBody(Bytes);

impl From<String> for ReplyBody {
    fn from(packet: String) -> Self {
        Self(packet.into())
    }
}

impl From<ReplyBody> for Bytes {
    fn from(ReplyBody(packet): ReplyBody) -> Self {
        packet
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let packet = mem::take(&mut self.0);
        Poll::Ready((!packet.is_empty()).then(|| Ok(Frame::data(packet))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.len() as u64)
    }
}

impl From<Outcome> for Response<ReplyBody> {
    fn from(outcome: Outcome) -> Self {
        let status = StatusCode::from_u16(outcome.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        let mut response = json_response(ReplyBody(outcome.packet()), status);
        if let Some(method) = outcome.allow {
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(method));
        }
        response
    }
}
