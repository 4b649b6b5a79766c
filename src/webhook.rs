//! Mounted webhook: the way from a request to its answer.

mod body;
mod failure;
mod guard;
mod raw_handler;

use std::{
    fmt,
    pin::pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use tokio::time::Instant;

use self::{body::Unread, failure::Seen};
pub(crate) use self::{
    body::{BoxError, Pieces, content_length},
    failure::Answer,
};
pub use self::{
    failure::{Failed, Failure, OnFailure},
    raw_handler::RawHandler,
};
use crate::{
    event::Event,
    receiver::{Checked, Delivery, SharedReceiver},
    reply::Reply,
};

/// A [`Handler`](crate::Handler) behind a [`Receiver`](crate::Receiver), mounted in one line. Features `tower` and
/// `actix-web`.
///
/// | framework | to mount it |
/// |---|---|
/// | axum 0.7, 0.8 | `Router::new().route_service("/webhook", webhook)`, or `nest_service`, `fallback_service`, `post_service` |
/// | hyper 1 | `http1::Builder::new().serve_connection(io, TowerToHyperService::new(webhook))`, with `hyper-util` |
/// | poem 3 | `Route::new().at("/webhook", webhook.compat())`, with `TowerCompatExt` |
/// | Lambda | `lambda_http::run(webhook).await` |
/// | actix-web 4 | `App::new().service(web::resource("/webhook").to(webhook.clone()))` |
///
#[cfg_attr(feature = "tower", doc = "```")]
#[cfg_attr(not(feature = "tower"), doc = "```ignore")]
/// use std::convert::Infallible;
/// use trtc_live_webhook::{Handler, OnFailure, Receiver, RequestInfo, SdkAppId, Webhook, event::message};
///
/// struct Moderation;
///
/// impl Handler for Moderation {
///     type Error = Infallible;
///
///     async fn before_send_msg(
///         &self,
///         _request: &RequestInfo,
///         event: message::BeforeSendMsg,
///     ) -> Result<message::Decision, Infallible> {
///         let elements = event.msg_body.unwrap_or_default();
///         Ok(if elements.is_empty() { message::Decision::Forbid } else { message::Decision::Allow })
///     }
/// }
///
/// // Give it the application's token as well: anyone can post to an application without one.
/// let receiver = Receiver::new(SdkAppId::new(1_400_000_000));
/// let webhook = Webhook::new(receiver, Moderation)
///     .on_failure(OnFailure::Refuse)
///     .inspect_failure(|failed| eprintln!("{}: {}", failed.status, failed.failure));
/// let router: axum::Router = axum::Router::new().route_service("/webhook", webhook);
/// ```
///
/// # From request to answer
///
/// Every answer is a packet in JSON, a failure's with `FAIL` and what is wrong. In this order:
///
/// 1. What is not a POST gets 405, and a query that the receiver refuses gets 400, 401 or 403, before the body is read.
/// 2. A body longer than [the limit](Self::with_max_body) gets 413 and is not read further; one that has not arrived at
///    [the deadline](Self::with_deadline) gets 408; one that cannot be read, or is no packet, gets 400.
/// 3. A handler that returns an `Err`, panics or has not returned at the deadline gets 503.
///
/// A status other than 200 counts as a failed webhook: expect the backend to deliver the message that it asked about, as
/// it does after a time-out. A service that moderates sets
/// [`OnFailure::Refuse`]: whatever goes wrong in the second and third step is then answered with the documented refusal,
/// if the command asks for a decision. The first step's failures are not: nobody who is not let in gets a refusal.
///
/// # Good to know
///
/// - A handler is dropped at an `.await`, and does not go on, at the deadline, and in most frameworks when the client
///   closes its connection. Work that must be finished belongs in a task of its own or in a queue. A handler that
///   blocks its thread cannot be interrupted.
/// - A panic in the handler is caught, after the panic hook has run, and the service goes on; a mutex that was locked
///   is poisoned. With `panic = "abort"` in the program's profile, the process ends, no request that it was working on
///   is answered, and what it asked about is most likely delivered.
/// - With `post_service`, axum itself answers what is not a POST, with 405 and no packet.
/// - The limit is this type's own: axum's `DefaultBodyLimit` and actix-web's `PayloadConfig` do not reach it.
/// - The deadline needs Tokio's timer, which all of these frameworks have running; elsewhere, or where there is none,
///   use [`without_deadline`](Self::without_deadline).
/// - A clone shares everything with the original, and costs two reference counts.
pub struct Webhook<H: RawHandler> {
    handler: Arc<H>,
    settings: Arc<Settings<H::Error>>,
}

struct Settings<E> {
    receiver: SharedReceiver,
    max_body: usize,
    deadline: Option<Duration>,
    on_failure: OnFailure,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    inspect: Option<Arc<Inspect>>,
    inspect_failure: Option<Arc<InspectFailure<E>>>,
}

type Inspect = dyn Fn(&Delivery, &Bytes) + Send + Sync;

type InspectFailure<E> = dyn Fn(&Failed<'_, E>) + Send + Sync;

impl<H: RawHandler> Webhook<H> {
    /// Most bytes of a body, unless told otherwise: the backend's are some kilobytes.
    const MAX_BODY: usize = 64 * 1024;

    /// How long an answer may take, unless told otherwise. The backend waits for 2 seconds
    /// (<https://www.tencentcloud.com/document/product/1047/34354>), in which its request must arrive as well.
    const DEADLINE: Duration = Duration::from_millis(1500);

    /// Mounts a handler behind a [`Receiver`](crate::Receiver), or behind a [`SharedReceiver`] whose tokens change
    /// while the service runs.
    pub fn new(receiver: impl Into<SharedReceiver>, handler: H) -> Self {
        let settings = Settings {
            receiver: receiver.into(),
            max_body: Self::MAX_BODY,
            deadline: Some(Self::DEADLINE),
            on_failure: OnFailure::default(),
            clock: Arc::new(SystemTime::now),
            inspect: None,
            inspect_failure: None,
        };
        Self { handler: Arc::new(handler), settings: Arc::new(settings) }
    }

    /// Sets how many bytes a body may have. The default is 64 KiB.
    #[must_use]
    pub fn with_max_body(self, bytes: usize) -> Self {
        self.with(|settings| settings.max_body = bytes)
    }

    /// Sets how long the body and the handler may take together. The default is 1.5 seconds, because the backend waits
    /// for 2.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        self.with(|settings| settings.deadline = Some(deadline))
    }

    /// Lets the body and the handler take as long as they like, without a timer: for a service that has a deadline of
    /// its own, or no Tokio.
    #[must_use]
    pub fn without_deadline(self) -> Self {
        self.with(|settings| settings.deadline = None)
    }

    /// Sets what a failure gets if the command asks for a decision. The default is its status.
    #[must_use]
    pub fn on_failure(self, on_failure: OnFailure) -> Self {
        self.with(|settings| settings.on_failure = on_failure)
    }

    /// Sets the clock by which signatures are fresh or stale: for tests, and for platforms without one. It is read for
    /// signed applications only.
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.clock = Arc::new(clock))
    }

    /// Shows each delivery and the body that it was read from to the function, before the handler takes it: for logs,
    /// for [`drift`](crate::drift), for a record. A panic in it counts as one of the handler.
    ///
    /// It must not block. Replaces an earlier function.
    #[must_use]
    pub fn inspect(self, inspect: impl Fn(&Delivery, &Bytes) + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.inspect = Some(Arc::new(inspect)))
    }

    /// Shows each request that was refused or failed to the function, before it is answered: for logs and metrics. A
    /// panic in it changes nothing.
    ///
    /// It must not block. Replaces an earlier function.
    #[must_use]
    pub fn inspect_failure(self, inspect: impl Fn(&Failed<'_, H::Error>) + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.inspect_failure = Some(Arc::new(inspect)))
    }

    fn with(mut self, set: impl FnOnce(&mut Settings<H::Error>)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self
    }

    /// Answers a request.
    pub(crate) async fn answer(&self, method: &str, query: &str, body: impl Pieces) -> Answer {
        let mut seen = Seen::default();
        let failure = match self.reply(method, query, body, &mut seen).await {
            Ok(reply) => return reply.into(),
            Err(failure) => failure,
        };
        let answer = self.settings.on_failure.answer(&failure, &seen);
        if let Some(inspect) = &self.settings.inspect_failure {
            guard::catch(|| inspect(&seen.failed(&failure, &answer)));
        }
        answer
    }

    /// Tells whether the URL asks for a decision that no method of a handler can make, because the body says something
    /// that is not recognized.
    fn is_unanswerable(delivery: &Delivery, seen: &Seen) -> bool {
        let asks = || seen.command.as_ref().and_then(Reply::refusal).is_some();
        matches!(delivery.event, Event::Unrecognized(_)) && asks()
    }

    async fn reply(
        &self,
        method: &str,
        query: &str,
        body: impl Pieces,
        seen: &mut Seen,
    ) -> Result<Reply, Failure<H::Error>> {
        let checked = self.check(method, query)?;
        seen.command.clone_from(&checked.request().command);

        let Settings { max_body: limit, deadline, .. } = *self.settings;
        let deadline = deadline.and_then(|deadline| Instant::now().checked_add(deadline));
        let body = match guard::until(deadline, pin!(body::read(body, limit))).await {
            Some(Ok(body)) => body,
            Some(Err(Unread::TooLong)) => return Err(Failure::BodyTooLong { limit }),
            Some(Err(Unread::Lost(error))) => return Err(Failure::Body(error)),
            None => return Err(Failure::BodyLate),
        };
        seen.body = Some(body.clone());

        let handling = pin!(self.handle(checked, body, seen)?);
        match guard::until(deadline, pin!(guard::unwound(handling))).await {
            Some(Some(handled)) => handled.map_err(Failure::Handler),
            Some(None) => Err(Failure::HandlerPanicked),
            None => Err(Failure::HandlerLate),
        }
    }

    // What the next two need is not kept in the future while it waits.

    fn check(&self, method: &str, query: &str) -> Result<Checked, Failure<H::Error>> {
        if method != "POST" {
            return Err(Failure::Method);
        }
        let receiver = self.settings.receiver.load();
        receiver.check_by(query, &*self.settings.clock).map_err(Failure::Request)
    }

    /// Reads the delivery, and calls the handler with it.
    fn handle(
        &self,
        checked: Checked,
        body: Bytes,
        seen: &mut Seen,
    ) -> Result<impl Future<Output = Result<Reply, H::Error>> + Send, Failure<H::Error>> {
        let read = guard::catch(|| checked.read(&body)).ok_or(Failure::HandlerPanicked)?;
        let delivery = read.map_err(Failure::Event)?;
        if self.settings.on_failure == OnFailure::Refuse && Self::is_unanswerable(&delivery, seen) {
            return Err(Failure::Unanswerable);
        }
        seen.command = Some(delivery.event.command().clone());
        let handling = guard::catch(|| {
            if let Some(inspect) = &self.settings.inspect {
                inspect(&delivery, &body);
            }
            self.handler.handle(delivery, body)
        });
        handling.ok_or(Failure::HandlerPanicked)
    }
}

impl<H: RawHandler> Clone for Webhook<H> {
    fn clone(&self) -> Self {
        Self { handler: Arc::clone(&self.handler), settings: Arc::clone(&self.settings) }
    }
}

impl<H: RawHandler> fmt::Debug for Webhook<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { receiver, max_body, deadline, on_failure, .. } = &*self.settings;
        f.debug_struct("Webhook")
            .field("receiver", receiver)
            .field("max_body", max_body)
            .field("deadline", deadline)
            .field("on_failure", on_failure)
            .finish_non_exhaustive()
    }
}

impl<E> Clone for Settings<E> {
    fn clone(&self) -> Self {
        Self {
            receiver: self.receiver.clone(),
            max_body: self.max_body,
            deadline: self.deadline,
            on_failure: self.on_failure,
            clock: Arc::clone(&self.clock),
            inspect: self.inspect.clone(),
            inspect_failure: self.inspect_failure.clone(),
        }
    }
}
