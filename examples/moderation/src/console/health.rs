//! `/health`, `/alive` and `/ready`: whether the server works.

use std::sync::Arc;

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use example_service::Stop;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::toggles::Toggles;

/// What is looked at.
#[derive(Clone, Debug)]
pub(crate) struct Health {
    pub(crate) toggles: Arc<Toggles>,
    pub(crate) stop: Stop,
}

impl Health {
    /// Mounts what balancers ask, on either listener.
    pub(crate) fn router<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        Router::new().route("/alive", get(async || "alive")).route("/ready", get(ready)).with_state(self)
    }
}

/// What the console asks: the process answers.
pub(super) async fn health() -> Json<Value> {
    let now = Timestamp::now();
    Json(json!({ "status": "ok", "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string() }))
}

/// Whether messages should come here: not while the database cannot be read. That it cannot be written to, because a disk is full or it
/// is a standby, is not seen here. Anybody may ask, so that the database is not asked.
async fn ready(State(health): State<Health>) -> (StatusCode, &'static str) {
    let no = StatusCode::SERVICE_UNAVAILABLE;
    if health.stop.is_asked() {
        return (no, "stopping");
    }
    // They are read five times a second.
    if !health.toggles.is_fresh() {
        return (no, "database away");
    }
    (StatusCode::OK, "ready")
}
