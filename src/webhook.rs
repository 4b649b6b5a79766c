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

use self::{body::Unread, failure::Seen, guard::Timeout};
pub(crate) use self::{
    body::{BoxError, Pieces, content_length},
    failure::Outcome,
};
pub use self::{
    failure::{Failed, Failure, OnFailure},
    raw_handler::RawHandler,
};
use crate::{
    error::{EventError, RequestError},
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
/// # From request to answer
///
/// Every answer is a packet in JSON, a failure's with `FAIL` and what is wrong. In this order:
///
/// 1. A method other than POST gets 405, and a query that the receiver refuses gets 400, 401 or 403, before the body is
///    read.
/// 2. A body longer than [the limit](Self::with_max_body) gets 413 and is not read further; one that has not arrived at
///    [the deadline](Self::with_deadline) gets 408; one that cannot be read, or is no packet, gets 400.
/// 3. A handler that returns an `Err`, panics or has not returned at the deadline gets 503.
///
/// A status other than 200 counts as a failed webhook: expect the backend to deliver the message that it asked about, as
/// it does after a time-out. A service that moderates sets [`OnFailure::Refuse`]: a failure in the second or third step is
/// then answered with the documented refusal and 200, if the command asks for a decision. Requests that fail the first
/// step never get a refusal.
///
/// # Good to know
///
/// - A handler is dropped at an `.await`, and does not go on, at the deadline and when the server drops the request
///   because the client closed its connection. The service then sees neither an answer nor a failure. Work that must be
///   finished belongs in a task of its own or in a queue. A handler that blocks its thread cannot be interrupted.
/// - A panic in the handler is caught, after the panic hook has run, and the service goes on; a mutex that was locked
///   is poisoned. With `panic = "abort"` in the program's profile, the process ends, no request that it was working on
///   is answered, and what it asked about is most likely delivered.
/// - With `post_service`, axum itself answers methods other than POST, with 405 and no packet.
/// - The limit is this type's own: axum's `DefaultBodyLimit` and actix-web's `PayloadConfig` do not reach it.
/// - The deadline needs Tokio's timer, which all of these frameworks have running. Without it, a body or a handler that
///   is not ready at once fails with [`Failure::NoTimer`]: use [`without_deadline`](Self::without_deadline).
/// - A clone shares everything with the original, and costs one reference count.
///
/// # Examples
///
#[cfg_attr(feature = "tower", doc = "```")]
#[cfg_attr(not(feature = "tower"), doc = "```ignore")]
/// use std::convert::Infallible;
/// use trtc_live_webhook::{
///     Handler, OnFailure, Receiver, RequestInfo, SdkAppId, Webhook, event::message,
/// };
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
///         Ok(match event.msg_body {
///             Some(_) => message::Decision::Allow,
///             None => message::Decision::Forbid,
///         })
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
pub struct Webhook<H: RawHandler>(Arc<Settings<H>>);

struct Settings<H: RawHandler> {
    handler: Arc<H>,
    receiver: SharedReceiver,
    max_body: usize,
    deadline: Option<Duration>,
    on_failure: OnFailure,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    inspect: Option<Arc<Inspect>>,
    inspect_failure: Option<Arc<InspectFailure<H::Error>>>,
}

type Inspect = dyn Fn(&Delivery, &Bytes) + Send + Sync;

type InspectFailure<E> = dyn Fn(&Failed<'_, E>) + Send + Sync;

impl<H: RawHandler> Webhook<H> {
    /// Default maximum length of a body: the backend's are some kilobytes.
    const MAX_BODY: usize = 64 * 1024;

    /// Default time limit. The backend waits for 2 seconds
    /// (<https://www.tencentcloud.com/document/product/1047/34354>), in which its request must arrive as well.
    const DEADLINE: Duration = Duration::from_millis(1500);

    /// Mounts a handler behind a [`Receiver`](crate::Receiver), or behind a [`SharedReceiver`] whose tokens change
    /// while the service runs.
    pub fn new(receiver: impl Into<SharedReceiver>, handler: H) -> Self {
        Self(Arc::new(Settings {
            handler: Arc::new(handler),
            receiver: receiver.into(),
            max_body: Self::MAX_BODY,
            deadline: Some(Self::DEADLINE),
            on_failure: OnFailure::default(),
            clock: Arc::new(SystemTime::now),
            inspect: None,
            inspect_failure: None,
        }))
    }

    /// Returns the handler.
    #[must_use]
    pub fn handler(&self) -> &H {
        &self.0.handler
    }

    /// Sets the maximum length of a body, in bytes. Default: 64 KiB.
    #[must_use]
    pub fn with_max_body(self, bytes: usize) -> Self {
        self.with(|settings| settings.max_body = bytes)
    }

    /// Sets the time limit for the body and the handler together. Default: 1.5 seconds; the backend waits for 2.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        self.with(|settings| settings.deadline = Some(deadline))
    }

    /// Removes the time limit, and with it the need for Tokio's timer: for a service that has a deadline of its own, or
    /// another runtime.
    #[must_use]
    pub fn without_deadline(self) -> Self {
        self.with(|settings| settings.deadline = None)
    }

    /// Sets the answer to a failure of a command that asks for a decision. Default: the failure's status.
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

    fn with(mut self, set: impl FnOnce(&mut Settings<H>)) -> Self {
        set(Arc::make_mut(&mut self.0));
        self
    }

    /// Answers a request.
    pub(crate) async fn answer(&self, head: Head<'_>, body: impl Pieces) -> Outcome {
        let mut seen = Seen::default();
        let failure = match self.reply(head, body, &mut seen).await {
            Ok(reply) => return reply.into(),
            Err(failure) => failure,
        };
        let outcome = self.0.on_failure.answer(&failure, &seen);
        guard::catch(|| {
            if let Some(inspect) = &self.0.inspect_failure {
                inspect(&seen.failed(&failure, &outcome));
            }
        });
        // The handler's error is the user's, and can panic while it is dropped.
        guard::catch(|| drop(failure));
        outcome
    }

    async fn reply(
        &self,
        head: Head<'_>,
        body: impl Pieces,
        seen: &mut Seen,
    ) -> Result<Reply, Failure<H::Error>> {
        let checked = self.check(head)?;
        seen.command.clone_from(&checked.request().command);
        if self.0.inspect_failure.is_some() {
            seen.request = Some(checked.request().clone());
        }

        let Settings { max_body: limit, deadline, .. } = *self.0;
        let deadline = deadline.and_then(|deadline| Instant::now().checked_add(deadline));
        let body = match guard::until(deadline, pin!(body::read(body, limit))).await {
            Ok(Ok(body)) => body,
            Ok(Err(Unread::TooLong)) => return Err(Failure::BodyTooLong { limit }),
            Ok(Err(Unread::Lost(error))) => return Err(Failure::Body(error)),
            Err(Timeout::Late) => return Err(Failure::BodyLate),
            Err(Timeout::NoTimer) => return Err(Failure::NoTimer),
        };

        let mut handling = pin!(Some(self.handle(checked, body, seen)?));
        let handled = guard::until(deadline, pin!(guard::unwound(handling.as_mut()))).await;
        // What a handler holds at the deadline can panic while it is dropped.
        guard::catch(|| handling.set(None));
        match handled {
            Ok(Some(handled)) => handled.map_err(Failure::Handler),
            Ok(None) => Err(Failure::HandlerPanicked),
            Err(Timeout::Late) => Err(Failure::HandlerLate),
            Err(Timeout::NoTimer) => Err(Failure::NoTimer),
        }
    }

    // What the next two need is not kept in the future while it waits.

    fn check(&self, head: Head<'_>) -> Result<Checked, Failure<H::Error>> {
        if head.method != "POST" {
            return Err(Failure::Method);
        }
        let receiver = self.0.receiver.load();
        receiver.check_by(head.query, &*self.0.clock).map_err(|error| match error {
            RequestError::MissingSdkAppId if head.has_sdk_app_id => Failure::Event(EventError::TrtcCallback),
            error => Failure::Request(error),
        })
    }

    /// Reads the delivery, and calls the handler with it.
    fn handle(
        &self,
        checked: Checked,
        body: Bytes,
        seen: &mut Seen,
    ) -> Result<impl Future<Output = Result<Reply, H::Error>> + Send, Failure<H::Error>> {
        let read = guard::catch(|| checked.read(&body)).ok_or(Failure::HandlerPanicked)?;
        let delivery = match read {
            Ok(delivery) => delivery,
            Err(error) => {
                seen.body = Some(body);
                return Err(Failure::Event(error));
            }
        };
        if self.0.inspect_failure.is_some() {
            seen.body = Some(body.clone());
        }
        if self.0.on_failure == OnFailure::Refuse && seen.is_unanswerable(&delivery.event) {
            return Err(Failure::Unanswerable);
        }
        seen.command = Some(delivery.event.command().clone());
        let handling = guard::catch(|| {
            if let Some(inspect) = &self.0.inspect {
                inspect(&delivery, &body);
            }
            self.0.handler.handle(delivery, body)
        });
        handling.ok_or(Failure::HandlerPanicked)
    }
}

/// What a request says before its body.
#[derive(Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) method: &'a str,
    pub(crate) query: &'a str,
    /// Whether there is a header `SdkAppId`, with which TRTC's callbacks name their application.
    pub(crate) has_sdk_app_id: bool,
}

impl Head<'_> {
    /// Name of that header.
    pub(crate) const SDK_APP_ID: &'static str = "sdkappid";
}

impl<H: RawHandler> Clone for Webhook<H> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<H: RawHandler> fmt::Debug for Webhook<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { receiver, max_body, deadline, on_failure, .. } = &*self.0;
        f.debug_struct("Webhook")
            .field("receiver", receiver)
            .field("max_body", max_body)
            .field("deadline", deadline)
            .field("on_failure", on_failure)
            .finish_non_exhaustive()
    }
}

impl<H: RawHandler> Clone for Settings<H> {
    fn clone(&self) -> Self {
        Self {
            handler: Arc::clone(&self.handler),
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
