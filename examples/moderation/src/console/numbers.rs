//! `/metrics`: numbers for Prometheus.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::Mutex;
use tracing::warn;

use super::Console;
use crate::metrics;

/// How long a count of the records counts as new: whoever asks more often gets the same.
const INTERVAL: Duration = Duration::from_secs(1);

/// What is known without the database, and when it was asked for the rest.
#[derive(Clone, Debug)]
pub(crate) struct Numbers {
    handle: PrometheusHandle,
    counted: Arc<Mutex<Option<Instant>>>,
}

impl Numbers {
    pub(crate) fn new(handle: PrometheusHandle) -> Self {
        Self { handle, counted: Arc::default() }
    }
}

pub(super) async fn numbers(State(console): State<Console>) -> Response {
    let mut counted = console.numbers.counted.lock().await;
    if !counted.is_some_and(|counted| counted.elapsed() < INTERVAL) {
        match console.store.stats().await {
            Ok(stats) => metrics::stored(&stats),
            // The others are worth having all the same.
            Err(error) => warn!(error = &error as &dyn std::error::Error, "pending messages not counted"),
        }
        *counted = Some(Instant::now());
    }
    drop(counted);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], console.numbers.handle.render()).into_response()
}
