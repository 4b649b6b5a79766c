//! Parts of a delivery that this version of the crate does not model.
//!
//! The backend adds fields, commands and values without notice, and none of these makes a delivery fail. Call
//! [`report`] before dispatching, for some deliveries or for all, and log or count its findings. It costs nothing
//! unless it is called.
//!
//! # Examples
//!
//! ```
//! use trtc_live_webhook::{Handler, ReceiveError, Receiver, Reply, dispatch, drift};
//!
//! async fn answer<H: Handler<Error = ReceiveError>>(
//!     receiver: &Receiver,
//!     handler: &H,
//!     query: &str,
//!     body: &[u8],
//! ) -> Result<Reply, ReceiveError> {
//!     let delivery = receiver.receive(query, body)?;
//!     for finding in drift::report(&delivery, body) {
//!         eprintln!("{}: {finding}", delivery.event.command());
//!     }
//!     dispatch(handler, delivery).await
//! }
//! ```
//!
//! A value that is not modelled can be read from the body, with the pointer that is reported:
//!
//! ```
//! use serde_json::Value;
//! use trtc_live_webhook::{Receiver, SdkAppId, drift};
//!
//! let receiver = Receiver::new(SdkAppId::new(1_400_000_000));
//! let body = br#"{
//!     "CallbackCommand": "Live.CallbackAfterDestroyRoom",
//!     "RoomId": "room-1",
//!     "EventType": "DestroyByUser",
//!     "Phase": 3
//! }"#;
//! let delivery = receiver.receive("SdkAppid=1400000000", body)?;
//!
//! let findings = drift::report(&delivery, body);
//! assert_eq!(findings[0].pointer(), Some("/Phase"));
//! let packet: Value = serde_json::from_slice(body)?;
//! assert_eq!(packet.pointer("/Phase"), Some(&Value::from(3)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod path;
mod shape;
mod walk;

use std::fmt;

use serde_json::Value;

use self::{path::Path, shape::Drawing};
use crate::{command::Command, event::Event, receiver::Delivery, request::name};

/// Part of a delivery that this version of the crate does not model.
///
/// Its `Display` is a single line of about 300 characters at most. Unlike errors, it quotes the delivery.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Finding {
    /// Field that the event's struct does not have.
    #[non_exhaustive]
    UnknownField {
        /// JSON Pointer (RFC 6901) to the field in the packet.
        pointer: String,
    },
    /// Unknown value of a known field: one of an open enum, or a length that a
    /// [`Duration`](std::time::Duration) cannot hold, such as -1.
    #[non_exhaustive]
    UnrecognizedValue {
        /// JSON Pointer (RFC 6901) to the value in the packet.
        pointer: String,
        /// Value in the packet.
        value: Value,
    },
    /// Command that this version does not model.
    #[non_exhaustive]
    UnrecognizedCommand {
        /// Command in the packet.
        command: Command,
    },
    /// Unknown value of a parameter in the URL's query.
    #[non_exhaustive]
    UnrecognizedParameter {
        /// Documented name of the parameter.
        name: &'static str,
        /// Value in the query.
        value: String,
    },
    /// Command in the URL that differs from the one in the body, and is neither a documented alias of it nor
    /// what its page documents for the URL.
    #[non_exhaustive]
    CommandMismatch {
        /// What the URL says.
        url: Command,
        /// What the body says, and what the delivery is treated as.
        body: Command,
    },
    /// Number of further findings. Last in a report that reached its limit.
    #[non_exhaustive]
    More {
        /// Findings left out.
        count: usize,
    },
}

impl Finding {
    /// Returns the JSON Pointer (RFC 6901) into the packet; `None` for a finding that does not concern a single field.
    #[must_use]
    pub fn pointer(&self) -> Option<&str> {
        match self {
            Self::UnknownField { pointer } | Self::UnrecognizedValue { pointer, .. } => Some(pointer),
            Self::UnrecognizedCommand { .. }
            | Self::UnrecognizedParameter { .. }
            | Self::CommandMismatch { .. }
            | Self::More { .. } => None,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownField { pointer } => write!(f, "unknown field {}", Short(pointer)),
            Self::UnrecognizedValue { pointer, value: Value::String(value) } => {
                write!(f, "unrecognized value {} at {}", Short(value), Short(pointer))
            }
            Self::UnrecognizedValue { pointer, value } => {
                write!(f, "unrecognized value {value} at {}", Short(pointer))
            }
            Self::UnrecognizedParameter { name, value } => {
                write!(f, "unrecognized value {} of parameter {name}", Short(value))
            }
            Self::UnrecognizedCommand { command } => {
                write!(f, "unrecognized command {}", Short(command.as_str()))
            }
            Self::CommandMismatch { url, body } => {
                let (url, body) = (Short(url.as_str()), Short(body.as_str()));
                write!(f, "command {url} in the URL, {body} in the body")
            }
            Self::More { count } => write!(f, "and {count} more"),
        }
    }
}

/// Text in quotes, shortened. Rust's quoting escapes everything that could break the line.
struct Short<'a>(&'a str);

impl fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MAX: usize = 100;
        match self.0.char_indices().nth(MAX) {
            Some((end, _)) => write!(f, "{:?}…", self.0.get(..end).unwrap_or_default()),
            None => write!(f, "{:?}", self.0),
        }
    }
}

/// Maximum number of findings in a report, besides [`Finding::More`].
const MAX_FINDINGS: usize = 100;

/// Reports the parts of a delivery that this version of the crate does not model. Empty for a documented packet.
///
/// `body` is the body that the delivery was received with. It is read once more, in time proportional to its size. An
/// unknown field is reported once for each list element that has it. A report has at most 100 findings, followed by a
/// [`Finding::More`] if there were more.
#[must_use]
pub fn report(delivery: &Delivery, body: &[u8]) -> Vec<Finding> {
    let mut findings = Findings::default();
    let Delivery { request, event } = delivery;
    let command = event.command();
    if let Some(url) = request.command.as_ref().filter(|url| !may_stand_in_url(url, command)) {
        findings.list.push(Finding::CommandMismatch { url: url.clone(), body: command.clone() });
    }
    if let Some(platform) = request.opt_platform.as_ref().filter(|platform| !platform.is_recognized()) {
        let value = platform.as_str().to_owned();
        findings.list.push(Finding::UnrecognizedParameter { name: name::OPT_PLATFORM, value });
    }
    if let Event::Unrecognized(_) = event {
        findings.list.push(Finding::UnrecognizedCommand { command: command.clone() });
    } else {
        let drawing = Drawing::of(event, &mut findings);
        walk::compare(&drawing, body, &mut findings);
    }
    findings.into_list()
}

/// Findings, up to a limit.
#[derive(Default)]
struct Findings {
    list: Vec<Finding>,
    more: usize,
}

impl Findings {
    fn unknown_field(&mut self, path: &Path<'_>) {
        self.add(|| Finding::UnknownField { pointer: path.pointer() });
    }

    fn unrecognized_value(&mut self, path: &Path<'_>, value: impl FnOnce() -> Value) {
        self.add(|| Finding::UnrecognizedValue { pointer: path.pointer(), value: value() });
    }

    fn add(&mut self, finding: impl FnOnce() -> Finding) {
        if self.list.len() < MAX_FINDINGS {
            self.list.push(finding());
        } else {
            self.more += 1;
        }
    }

    fn into_list(mut self) -> Vec<Finding> {
        if self.more > 0 {
            self.list.push(Finding::More { count: self.more });
        }
        self.list
    }
}

/// Tells whether a URL is documented to carry the command `url` for a body of the command `body`.
fn may_stand_in_url(url: &Command, body: &Command) -> bool {
    // The page of the second (https://trtc.io/document/68223) prints the first in its URL.
    url == body || matches!((url, body), (Command::AfterSetMetadata, Command::AfterDelMetadata))
}
