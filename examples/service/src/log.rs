//! What is logged, and what never is: no query, no body, no token, no text of a message.

use std::{
    error::Error,
    io::{self, IsTerminal},
};

use tracing::{info, level_filters::LevelFilter, warn};
use tracing_subscriber::EnvFilter;
use trtc_live_webhook::{Delivery, RoomId, UserId, drift};

/// Writes logs to stdout, of the levels that `RUST_LOG` says, `info` by default; in colour on a terminal only.
pub fn init_logging() {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(io::stdout().is_terminal()).init();
}

/// Logs what a delivery is about, and warns if this version of the crate does not model all of it.
///
/// To find that out, the body is read once more. A service with very many deliveries does so for some of them.
pub fn log_delivery(delivery: &Delivery, body: &[u8]) {
    let event = &delivery.event;
    let command = event.command().as_str();
    info!(
        command,
        room_id = event.room_id().map(RoomId::as_str),
        operator = event.operator_account().map(UserId::as_str),
        "delivery"
    );
    let findings = drift::report(delivery, body);
    if let Some(first) = findings.first() {
        warn!(command, findings = findings.len(), %first, "not all of the delivery is modelled");
    }
}

/// Logs why a request was not answered with status 200.
pub fn log_error<E: Error + 'static>(error: &E) {
    warn!(error = error as &(dyn Error + 'static), "delivery not processed");
}
