//! `/moderation/delete`: records that a moderator has deleted or approved.

use axum::{Extension, Json, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::info;

use super::{
    Console,
    answer::{Body, Failure, Loose, request_id},
    keys::KeyName,
};
use crate::store::Change;

/// Most records at a time.
const MOST: usize = 1000;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Wanted {
    sdk_app_id: Loose,
    content_ids: Loose,
}

pub(super) async fn delete(
    State(console): State<Console>,
    Extension(KeyName(key_name)): Extension<KeyName>,
    Body(wanted): Body<Wanted>,
) -> Result<Json<Value>, Failure> {
    let ids =
        wanted.content_ids.texts().ok_or(Failure::bad("ContentIds must be a non-empty list of texts"))?;
    if ids.len() > MOST {
        return Err(Failure::bad(format!("ContentIds has more than {MOST}")));
    }
    let app = console.app(wanted.sdk_app_id.app()?)?;
    let request_id = request_id();
    let detail = json!({ "SdkAppId": app, "ContentIds": ids, "RequestId": request_id }).to_string();
    let change = Change { key_name: &key_name, action: "delete", detail: &detail };
    let deleted = console.store.delete(app, &ids, change).await?;
    info!(key_name, app = app.get(), asked = ids.len(), deleted, request_id, "records deleted");
    Ok(Json(
        json!({ "ActionStatus": "OK", "ErrorCode": 0, "DeletedCount": deleted, "RequestId": request_id }),
    ))
}
