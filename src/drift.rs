//! What a packet holds that this version of the crate does not model.
//!
//! The backend grows without notice, and nothing that is new fails a delivery. So that it does not pass unseen either,
//! call [`report`] on some of the deliveries, or on all, and log or count what it finds. It costs nothing where it is
//! not called.
//!
//! # Examples
//!
//! ```
//! use serde_json::Value;
//! use trtc_live_webhook::{Receiver, SdkAppId, drift};
//!
//! let receiver = Receiver::new(SdkAppId::new(1_400_000_000));
//! let body = br#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"r","EventType":"DestroyByMoon","Phase":3}"#;
//! let delivery = receiver.receive("SdkAppid=1400000000", body)?;
//!
//! // One delivery in a hundred is enough to learn of a change on the day it is made.
//! # let number = 100;
//! if number % 100 == 0 {
//!     for finding in drift::report(&delivery, body) {
//!         eprintln!("{}: {finding}", delivery.event.command());
//!     }
//! }
//!
//! // The body remains the caller's, so that what is not modelled yet can be read all the same.
//! let pointer = drift::report(&delivery, body).iter().find_map(|finding| match finding {
//!     drift::Finding::UnknownField { pointer, .. } => Some(pointer.clone()),
//!     _ => None,
//! });
//! let packet: Value = serde_json::from_slice(body)?;
//! assert_eq!(pointer.as_deref(), Some("/Phase"));
//! assert_eq!(packet.pointer("/Phase"), Some(&Value::from(3)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod walk;

use std::fmt;

use serde_json::Value;

use crate::{Command, Delivery, Event};

/// Something that a delivery holds and this version of the crate does not model.
///
/// Its `Display` is one line, whatever the packet holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// Field that the event's struct does not have.
    #[non_exhaustive]
    UnknownField {
        /// JSON Pointer (RFC 6901) to the field in the packet.
        pointer: String,
    },
    /// Value of a known field that this version does not know: of an open enum, or a sentinel in place of a length.
    #[non_exhaustive]
    UnrecognizedValue {
        /// JSON Pointer (RFC 6901) to the value in the packet.
        pointer: String,
        /// The value.
        value: Value,
    },
    /// Command that is not modelled.
    #[non_exhaustive]
    UnrecognizedCommand {
        /// The command.
        command: Command,
    },
    /// Command in the URL other than that in the body, which is not one of its documented aliases.
    #[non_exhaustive]
    CommandMismatch {
        /// What the URL says.
        url: Command,
        /// What the body says, and what the delivery is taken for.
        body: Command,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownField { pointer } => write!(f, "unknown field {pointer:?}"),
            Self::UnrecognizedValue { pointer, value } => {
                write!(f, "unrecognized value {value} at {pointer:?}")
            }
            Self::UnrecognizedCommand { command } => write!(f, "unrecognized command {:?}", command.as_str()),
            Self::CommandMismatch { url, body } => {
                write!(f, "command {:?} in the URL, {:?} in the body", url.as_str(), body.as_str())
            }
        }
    }
}

/// Reports what the delivery holds that this version of the crate does not model; nothing for a documented packet.
///
/// `body` is the body that the delivery was received with. The time that it takes and the memory are linear in its
/// size.
#[must_use]
pub fn report(delivery: &Delivery, body: &[u8]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let command = delivery.event.command();
    if let Some(url) = delivery.request.command.as_ref().filter(|url| *url != command) {
        findings.push(Finding::CommandMismatch { url: url.clone(), body: command.clone() });
    }
    if let Event::Unrecognized(_) = delivery.event {
        findings.push(Finding::UnrecognizedCommand { command: command.clone() });
    } else {
        let packet = serde_json::from_slice(body).unwrap_or_default();
        walk::compare(&delivery.event, &packet, &mut findings);
    }
    findings
}
