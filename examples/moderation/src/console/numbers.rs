//! `/metrics`: numbers for Prometheus.

use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use tracing::warn;

use super::Console;
use crate::metrics;

pub(super) async fn numbers(State(console): State<Console>) -> Response {
    match console.store.stats().await {
        Ok(stats) => metrics::stored(&stats),
        // The others are worth having all the same.
        Err(error) => warn!(error = &error as &dyn std::error::Error, "pending messages not counted"),
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], console.metrics.render()).into_response()
}
