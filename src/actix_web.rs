//! [`Webhook`] as a handler of actix-web 4. Feature `actix-web`.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll},
};

use actix_web::{
    Handler, HttpRequest, HttpResponse,
    body::{BodyStream, MessageBody},
    http::{StatusCode, header},
    web::{Bytes, Payload},
};

use crate::webhook::{BoxError, Head, Outcome, Pieces, RawHandler, Webhook, content_length};

/// Answers any request with a packet, whatever its path is.
///
/// actix-web decodes the path before it routes, so that `/%77ebhook` reaches `/webhook`; and it answers
/// `Expect: 100-continue` before the query is checked, so that a stranger may send a body, which is not read.
///
/// # Examples
///
/// ```no_run
/// use actix_web::{App, HttpServer, web};
/// use trtc_live_webhook::{Receiver, SdkAppId, Webhook};
/// # struct Log;
/// # impl trtc_live_webhook::Handler for Log {
/// #     type Error = std::convert::Infallible;
/// # }
///
/// #[actix_web::main]
/// async fn main() -> std::io::Result<()> {
///     let webhook = Webhook::new(Receiver::new(SdkAppId::new(1_400_000_000)), Log);
///     HttpServer::new(move || App::new().service(web::resource("/webhook").to(webhook.clone())))
///         .bind("127.0.0.1:3000")?
///         .run()
///         .await
/// }
/// ```
impl<H: RawHandler + 'static> Handler<(HttpRequest, Payload)> for Webhook<H> {
    type Output = HttpResponse;
    type Future = Pin<Box<dyn Future<Output = HttpResponse>>>;

    fn call(&self, (request, payload): (HttpRequest, Payload)) -> Self::Future {
        let webhook = self.clone();
        Box::pin(async move {
            let length = request.headers().get(header::CONTENT_LENGTH);
            let length = content_length(length.map(header::HeaderValue::as_bytes));
            let body = Incoming { length, body: pin!(BodyStream::new(payload)) };
            let has_sdk_app_id = request.headers().contains_key(Head::SDK_APP_ID);
            let head =
                Head { method: request.method().as_str(), query: request.query_string(), has_sdk_app_id };
            webhook.answer(head, body).await.into()
        })
    }
}

/// Body of a request. [`BodyStream`] polls the payload without a dependency on `futures-core`.
struct Incoming<'a> {
    length: u64,
    body: Pin<&'a mut BodyStream<Payload>>,
}

impl Pieces for Incoming<'_> {
    type Piece = Bytes;

    fn announced(&self) -> u64 {
        self.length
    }

    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Option<Bytes>, BoxError>>> {
        self.body.as_mut().poll_next(cx).map_ok(Some).map_err(Into::into)
    }
}

impl From<Outcome> for HttpResponse {
    fn from(outcome: Outcome) -> Self {
        let mut response =
            Self::build(StatusCode::from_u16(outcome.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE));
        if let Some(method) = outcome.allow {
            response.insert_header((header::ALLOW, method));
        }
        response.content_type("application/json").body(outcome.packet())
    }
}
