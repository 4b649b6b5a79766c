//! `/moderation/toggle`: whether messages are moderated, everywhere or in one room.

use axum::{Extension, Json, extract::State};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use tracing::info;

use super::{
    Console,
    answer::{Body, Failure, Loose, Query},
    keys::KeyName,
};
use crate::store::{Change, MAX_ROOM};

/// Which toggle. The room is an addition to the console's interface.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Which {
    sdk_app_id: Loose,
    receiver: Loose,
}

/// What to set. A name that is not known may be a misspelt one: without its room, a toggle would be the global one.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Set {
    #[serde(default)]
    sdk_app_id: Loose,
    /// Absent is not `null`: the global toggle has none.
    #[serde(default, deserialize_with = "given")]
    receiver: Option<Loose>,
    /// Absent is not `null`, which takes a toggle away.
    #[serde(default, deserialize_with = "given")]
    enabled: Option<Loose>,
}

fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Loose>, D::Error> {
    Loose::deserialize(deserializer).map(Some)
}

pub(super) async fn show(
    State(console): State<Console>,
    Query(which): Query<Which>,
) -> Result<Json<Value>, Failure> {
    let Some(room) = which.receiver.room() else { return Ok(global(console.toggles.global())) };
    let app = console.app(which.sdk_app_id.app()?)?;
    Ok(of_room(console.toggles.global(), console.toggles.room(app, &room)))
}

pub(super) async fn set(
    State(console): State<Console>,
    Extension(KeyName(key_name)): Extension<KeyName>,
    Body(set): Body<Set>,
) -> Result<Json<Value>, Failure> {
    let enabled = set.enabled.as_ref().and_then(Loose::as_bool);
    let Some(receiver) = set.receiver else {
        if !set.sdk_app_id.is_null() {
            return Err(Failure::bad("Receiver is required with SdkAppId"));
        }
        let Some(enabled) = enabled else { return Err(Failure::bad("Enabled must be a boolean")) };
        let detail = json!({ "Enabled": enabled }).to_string();
        let change = Change { key_name: &key_name, action: "toggle", detail: &detail };
        console.toggles.set(None, Some(enabled), change).await?;
        info!(key_name, enabled, "toggle set");
        return Ok(global(enabled));
    };
    let room = receiver.room().ok_or(Failure::bad("Receiver must be the id of a room"))?;
    if enabled.is_none() && !set.enabled.is_some_and(|enabled| enabled.is_null()) {
        return Err(Failure::bad("Enabled must be a boolean, or null for what holds everywhere"));
    }
    let app = console.app(set.sdk_app_id.app()?)?;
    if room.len() > MAX_ROOM {
        return Err(Failure::bad("Receiver is too long for the id of a room"));
    }
    let detail = json!({ "SdkAppId": app, "Receiver": room, "Enabled": enabled }).to_string();
    let change = Change { key_name: &key_name, action: "toggle", detail: &detail };
    console.toggles.set(Some((app, &room)), enabled, change).await?;
    info!(key_name, app = app.get(), room = format!("{room:.64}"), enabled, "toggle of a room set");
    Ok(of_room(console.toggles.global(), enabled))
}

fn global(enabled: bool) -> Json<Value> {
    Json(json!({ "ActionStatus": "OK", "ErrorCode": 0, "Enabled": enabled }))
}

fn of_room(global: bool, room: Option<bool>) -> Json<Value> {
    let enabled = room.unwrap_or(global);
    Json(json!({ "ActionStatus": "OK", "ErrorCode": 0, "Enabled": enabled, "RoomEnabled": room }))
}
