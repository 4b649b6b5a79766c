//! `/moderation/rooms`: the rooms where messages wait. An addition to the console's interface.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::{Console, answer::Failure};

/// Most rooms of an answer.
const MOST: i64 = 50;

pub(super) async fn rooms(State(console): State<Console>) -> Result<Json<Value>, Failure> {
    let rooms = console.store.rooms(MOST).await?;
    let room = |(app, room, pending)| json!({ "SdkAppId": app, "Receiver": room, "TotalCount": pending });
    Ok(Json(json!({
        "ActionStatus": "OK",
        "ErrorCode": 0,
        "SdkAppIds": &*console.apps,
        "Data": rooms.into_iter().map(room).collect::<Vec<_>>(),
    })))
}
