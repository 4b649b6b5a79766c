//! `/moderation/stats`: how many messages wait.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::{Console, answer::Failure};

pub(super) async fn stats(State(console): State<Console>) -> Result<Json<Value>, Failure> {
    let stats = console.store.stats().await?;
    Ok(Json(json!({
        "toggleEnabled": console.toggles.global(),
        "totalPending": stats.pending,
        "totalAll": stats.total,
    })))
}
