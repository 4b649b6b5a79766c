//! Failures and their answers.

use std::{borrow::Cow, fmt};

use bytes::Bytes;

use super::body::BoxError;
use crate::{
    command::Command,
    error::{EventError, RequestError},
    event::Event,
    reply::Reply,
    request::RequestInfo,
};

/// Why a request was not answered with its handler's reply.
///
/// What the backend is told about it is the text of this error, not of its source: neither what the handler nor what
/// the framework says goes out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure<E> {
    /// Not a POST.
    #[error("method is not POST")]
    Method,
    /// Query refused; the body was not read.
    #[error(transparent)]
    Request(RequestError),
    /// Body longer than the limit, which was not read further.
    #[error("body is longer than {limit} bytes")]
    #[non_exhaustive]
    BodyTooLong {
        /// Most bytes that a body may have.
        limit: usize,
    },
    /// Body that had not arrived at the deadline.
    #[error("body did not arrive in time")]
    BodyLate,
    /// Body that ended early or that the framework failed to read.
    #[error("body could not be read")]
    Body(#[source] BoxError),
    /// Body that is not a valid packet.
    #[error(transparent)]
    Event(EventError),
    /// URL that asks for a decision, with a body that is an unrecognized event. A failure with [`OnFailure::Refuse`] only;
    /// otherwise the handler takes the event.
    #[error("unrecognized event where a decision is asked for")]
    Unanswerable,
    /// Error that the handler returned.
    #[error("delivery could not be handled")]
    Handler(#[source] E),
    /// Handler that had not returned at the deadline. It was dropped where it was waiting.
    #[error("delivery was not handled in time")]
    HandlerLate,
    /// Handler that panicked, or a function that [inspects](crate::Webhook::inspect) deliveries.
    #[error("handler panicked")]
    HandlerPanicked,
    /// Body or handler that was not ready at once, where Tokio has no timer for the deadline. See
    /// [`Webhook::without_deadline`](crate::Webhook::without_deadline).
    #[error("deadline needs Tokio's timer")]
    NoTimer,
}

impl<E> Failure<E> {
    /// Returns the failure's HTTP status: 405 for another method, 413 for a body that is too long, 408 for one that is
    /// late, 400 for one that could not be read, 503 for a handler that failed and for a missing timer. For a refused query
    /// and an invalid packet, it is the status of the error: [`RequestError::status_code`], [`EventError::status_code`].
    #[must_use]
    pub const fn status_code(&self) -> u16 {
        match self {
            Self::Method => 405,
            Self::Request(error) => error.status_code(),
            Self::BodyTooLong { .. } => 413,
            Self::BodyLate => 408,
            Self::Body(_) | Self::Unanswerable => 400,
            Self::Event(error) => error.status_code(),
            Self::Handler(_) | Self::HandlerLate | Self::HandlerPanicked | Self::NoTimer => 503,
        }
    }

    /// Returns the refusal of what the request asks for; `None` if it asks nothing, or its query was refused.
    fn refusal(&self, seen: &Seen) -> Option<Reply> {
        match self {
            Self::Method | Self::Request(_) => None,
            Self::Event(error) if error.command().is_some() => Reply::refusal(error.command()?),
            // It may be what the URL says or what the body says. Refusing what was not asked for does no harm.
            Self::Event(_) => {
                let of_url = seen.command.as_ref().and_then(Reply::refusal);
                of_url.or_else(|| Reply::refusal(&Event::peek_command(seen.body.as_deref()?)?))
            }
            _ => Reply::refusal(seen.command.as_ref()?),
        }
    }
}

/// A request that failed, as [`Webhook::inspect_failure`](crate::Webhook::inspect_failure) shows it.
///
/// `Debug` shows the length of the body, not the body.
#[non_exhaustive]
pub struct Failed<'a, E> {
    /// What is wrong.
    pub failure: &'a Failure<E>,
    /// Command, as far as it is known: the body's, or else the URL's, and the URL's for [`Failure::Unanswerable`]. `None` if
    /// the query was refused.
    pub command: Option<&'a Command>,
    /// Checked parameters of the query. `None` if the query was refused.
    pub request: Option<&'a RequestInfo>,
    /// Body, if it was read.
    pub body: Option<&'a Bytes>,
    /// HTTP status of the answer: 200 for the refusal, otherwise [`Failure::status_code`].
    pub status: u16,
}

impl<E: fmt::Debug> fmt::Debug for Failed<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failed")
            .field("failure", self.failure)
            .field("command", &self.command)
            .field("request", &self.request)
            .field("body", &self.body.map(Bytes::len))
            .field("status", &self.status)
            .finish()
    }
}

/// What a failure gets, if the query passed its check and the command asks for a decision. Any other failure gets its
/// status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnFailure {
    /// The failure's status. The backend then does what it does when a webhook fails: unless the console says
    /// otherwise, it **delivers** messages and blocks gifts after a time-out; expect the same of another status.
    #[default]
    Status,
    /// The [refusal](Reply::refusal), with status 200: what cannot be decided on is not let through. A URL that asks for
    /// a decision with a body that is an unrecognized event is refused as well, without the handler being called:
    /// [`Failure::Unanswerable`].
    ///
    /// It does not cover:
    ///
    /// - refused queries;
    /// - a body that could not be read, under a URL that names no command that asks; the backend's URLs name it;
    /// - a handler that blocks its thread for longer than the backend waits;
    /// - a method that the handler leaves to its default, which allows;
    /// - an [`Ok`] reply that says [`FAIL`](Reply::fail), which goes out as it is: return an `Err`;
    /// - a panic in a program that aborts on panics.
    Refuse,
}

/// What is known of a request so far. The request, and the body of a delivery that could be read, are kept only for
/// somebody who looks at failures.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) command: Option<Command>,
    pub(super) request: Option<RequestInfo>,
    pub(super) body: Option<Bytes>,
}

/// Status and reply that a request is answered with.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: u16,
    /// Value of the header `Allow`.
    pub(crate) allow: Option<&'static str>,
    pub(crate) reply: Reply,
}

impl OnFailure {
    pub(super) fn answer<E>(self, failure: &Failure<E>, seen: &Seen) -> Outcome {
        let refusal = match self {
            Self::Status => None,
            Self::Refuse => failure.refusal(seen),
        };
        if let Some(reply) = refusal {
            return Outcome::from(reply);
        }
        let status = failure.status_code();
        let allow = matches!(failure, Failure::Method).then_some("POST");
        Outcome { status, allow, reply: Reply::fail(status.into(), failure.to_string()) }
    }
}

impl Outcome {
    /// Returns the packet as it is sent.
    pub(crate) fn packet(&self) -> Bytes {
        match self.reply.json() {
            Cow::Borrowed(json) => Bytes::from_static(json.as_bytes()),
            Cow::Owned(json) => json.into(),
        }
    }
}

impl From<Reply> for Outcome {
    fn from(reply: Reply) -> Self {
        Self { status: 200, allow: None, reply }
    }
}

impl Seen {
    /// Tells whether the URL asks for a decision that no method of a handler can make, because the body says something
    /// that is not recognized.
    pub(super) fn is_unanswerable(&self, event: &Event) -> bool {
        matches!(event, Event::Unrecognized(_))
            && self.command.as_ref().is_some_and(Command::asks_for_decision)
    }

    /// Shows what failed, once it has been decided what that is answered with.
    pub(super) fn failed<'a, E>(&'a self, failure: &'a Failure<E>, outcome: &Outcome) -> Failed<'a, E> {
        let of_body = match failure {
            Failure::Event(error) => error.command(),
            _ => None,
        };
        Failed {
            failure,
            command: of_body.or(self.command.as_ref()),
            request: self.request.as_ref(),
            body: self.body.as_ref(),
            status: outcome.status,
        }
    }
}
