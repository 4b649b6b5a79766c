//! Parts of a delivery that this version of the crate does not model.
//!
//! The backend adds fields, commands and values without notice, and none of these makes a delivery fail. Call
//! [`report`] before dispatching, for some deliveries or for all, and log or count its findings. It costs nothing
//! unless it is called.
//!
//! # Examples
//!
//! ```
//! use trtc_live_webhook::{Delivery, Receiver, SdkAppId, drift};
//!
//! /// For each delivery, or for one in a hundred.
//! fn log_drift(delivery: &Delivery, body: &[u8]) {
//!     for finding in drift::report(delivery, body) {
//!         eprintln!("{:.64}: {finding}", delivery.event.command());
//!     }
//! }
//!
//! let receiver = Receiver::new(SdkAppId::new(1_400_000_000));
//! let body = br#"{
//!     "CallbackCommand": "Live.CallbackAfterDestroyRoom",
//!     "RoomId": "room-1",
//!     "EventType": "DestroyByUser",
//!     "Phase": 3
//! }"#;
//! let delivery = receiver.receive("SdkAppid=1400000000", body)?;
//! log_drift(&delivery, body);
//! assert_eq!(drift::report(&delivery, body)[0].pointer(), Some("/Phase"));
//! # Ok::<(), trtc_live_webhook::ReceiveError>(())
//! ```
//!
//! With a [`Webhook`](https://docs.rs/trtc-live-webhook/latest/trtc_live_webhook/struct.Webhook.html), it is
//! `webhook.inspect(|delivery, body| log_drift(delivery, body))`. The caller has the body, so what is reported can be
//! read from it, by a struct of the service's own.

mod finding;
mod path;
mod shape;
mod walk;

pub use self::finding::Finding;
use self::{finding::Findings, shape::Drawing};
use crate::{command::Command, event::Event, receiver::Delivery, request::name};

/// Reports the parts of a delivery that this version of the crate does not model. Empty for a documented packet.
///
/// `body` is the body that the delivery was received with. It is read once more, in time proportional to its size. An
/// unknown field is reported once for each list element that has it. A report has at most 100 findings, followed by a
/// [`Finding::More`] if there were more. A report usually takes about as long as receiving the delivery, and up to about
/// three times as long for bodies that are made to be slow.
#[must_use]
pub fn report(delivery: &Delivery, body: &[u8]) -> Vec<Finding> {
    let mut findings = Findings::default();
    let Delivery { request, event } = delivery;
    let command = event.command();
    if let Some(url) = request.command.as_ref().filter(|url| !may_stand_in_url(url, command)) {
        findings.push(Finding::CommandMismatch { url: url.clone(), body: command.clone() });
    }
    if let Some(platform) = request.opt_platform.as_ref().filter(|platform| !platform.is_recognized()) {
        let value = platform.as_str().to_owned();
        findings.push(Finding::UnrecognizedParameter { name: name::OPT_PLATFORM, value });
    }
    if let Event::Unrecognized(_) = event {
        findings.push(Finding::UnrecognizedCommand { command: command.clone() });
    } else {
        let drawing = Drawing::of(event, &mut findings);
        walk::compare(&drawing, body, &mut findings);
    }
    findings.into_list()
}

/// Tells whether a URL is documented to carry the command `url` for a body of the command `body`.
fn may_stand_in_url(url: &Command, body: &Command) -> bool {
    // The page of the second (https://trtc.io/document/68223) prints the first in its URL.
    url == body || matches!((url, body), (Command::AfterSetMetadata, Command::AfterDelMetadata))
}
