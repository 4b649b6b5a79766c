//! What is logged: commands, ids, states and decisions, each at most 64 characters long, and why a request failed.
//!
//! No body is logged, no text that a user wrote, no token, no signature. Of the query, nothing but a command that is not
//! the body's. What drift finds is quoted: names of fields, and values that the crate does not know.

use std::{
    error::Error,
    fmt::Display,
    io::{self, IsTerminal},
    panic,
};

use tracing::{error, info, level_filters::LevelFilter, warn};
use tracing_subscriber::EnvFilter;
use trtc_live_webhook::{Delivery, Failed, drift};

/// Writes logs to stdout, of the levels that `RUST_LOG` says, `info` by default; in colour on a terminal only.
///
/// Panics are logged by their place: their text may quote a delivery.
pub fn init_logging() {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(io::stdout().is_terminal()).init();
    panic::set_hook(Box::new(|panic| {
        error!(location = panic.location().map(short), "panic");
    }));
}

/// Logs what a delivery is about, and warns if this version of the crate does not model all of it.
///
/// To find that out, the body is read once more, which takes about as long as the first time. A service with very many
/// deliveries does so for some of them.
pub fn log_delivery(delivery: &Delivery, body: &[u8]) {
    let event = &delivery.event;
    let command = short(event.command());
    info!(
        app = delivery.request.sdk_app_id.get(),
        command,
        room_id = event.room_id().map(short),
        operator = event.operator_account().map(short),
        "delivery"
    );
    let mut findings = drift::report(delivery, body);
    // That would be a value of the query.
    findings.retain(|finding| !matches!(finding, drift::Finding::UnrecognizedParameter { .. }));
    if let Some(first) = findings.first() {
        warn!(command, findings = findings.len(), %first, "not all of the delivery is modelled");
    }
}

/// Logs why a request was refused or failed.
pub fn log_failure<E: Error + 'static>(failed: &Failed<'_, E>) {
    let error: &(dyn Error + 'static) = failed.failure;
    warn!(status = failed.status, command = failed.command.map(short), error, "delivery not processed");
}

/// Cuts what others choose. As a string, it is logged in quotes and escaped.
pub(crate) fn short(text: impl Display) -> String {
    format!("{text:.64}")
}
