//! Logs: structured, without what messages say.

use std::{
    io::{self, IsTerminal},
    panic,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use tracing::{error, level_filters::LevelFilter, warn};
use tracing_subscriber::EnvFilter;
use trtc_live_webhook::{Failed, Failure};

use crate::{
    metrics,
    settings::{LogFormat, Settings},
    store::StoreError,
};

/// Writes logs to stdout, of the levels that `RUST_LOG` says, `info` by default.
///
/// Panics are logged by their place: their text may quote a message.
pub(crate) fn init(settings: &Settings) {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into());
    // What the database is asked is not logged, since it holds messages.
    let filter = filter
        .from_env_lossy()
        .add_directive("sqlx=off".parse().unwrap_or_else(|_| LevelFilter::INFO.into()));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter);
    match settings.log_format {
        LogFormat::Json => subscriber.json().init(),
        LogFormat::Text => subscriber.with_ansi(io::stdout().is_terminal()).init(),
    }
    panic::set_hook(Box::new(|panic| {
        error!(location = panic.location().map(ToString::to_string), "panic");
    }));
}

/// How often failures are logged: thousands of them come in a second when a database is away.
const INTERVAL: Duration = Duration::from_secs(1);

/// What a failure is called in the metrics.
const NAMES: [&str; 16] = [
    "method",
    "query",
    "body_too_long",
    "body_late",
    "body_lost",
    "packet",
    "unanswerable",
    "deadline",
    "panic",
    "other",
    "overloaded",
    "stopped",
    "database_late",
    "no_connection",
    "toggles_stale",
    "database",
];

/// Counts failures, and logs one of them each second.
#[derive(Debug)]
pub(crate) struct Failures(Mutex<Recent>);

#[derive(Debug, Default)]
struct Recent {
    logged: Option<Instant>,
    silent: u64,
}

impl Failures {
    pub(crate) fn new() -> Self {
        metrics::none_failed(&NAMES);
        Self(Mutex::default())
    }

    pub(crate) fn note(&self, failed: &Failed<'_, Arc<StoreError>>) {
        metrics::failed(name(failed.failure));
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.logged.is_some_and(|logged| logged.elapsed() < INTERVAL) {
            recent.silent += 1;
            return;
        }
        let others = std::mem::take(&mut recent.silent);
        recent.logged = Some(Instant::now());
        drop(recent);
        let error: &(dyn std::error::Error + 'static) = failed.failure;
        let command = failed.command.map(|command| format!("{command:.64}"));
        warn!(status = failed.status, command, error, others, "delivery not processed");
    }
}

fn name(failure: &Failure<Arc<StoreError>>) -> &'static str {
    match failure {
        Failure::Method => "method",
        Failure::Request(_) => "query",
        Failure::BodyTooLong { .. } => "body_too_long",
        Failure::BodyLate => "body_late",
        Failure::Body(_) => "body_lost",
        Failure::Event(_) => "packet",
        Failure::Unanswerable => "unanswerable",
        Failure::Handler(error) => error.name(),
        Failure::HandlerLate => "deadline",
        Failure::HandlerPanicked => "panic",
        _ => "other",
    }
}
