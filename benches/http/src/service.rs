//! What is measured: five ways to answer the same delivery, on one thread.

use std::{
    collections::HashMap, convert::Infallible, fs, io, net::SocketAddr, path::PathBuf, time::Duration,
};

use axum::{Json, Router, body::Bytes, extract::Query, http::StatusCode, routing::post};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use trtc_live_webhook::{
    App, Handler, Receiver, SdkAppId, Token, Webhook,
    event::{message::BeforeSendMsg, room::AfterDestroyRoom},
};

pub(crate) const OURS: SdkAppId = SdkAppId::new(1_400_000_000);

/// First part of the paths at which a message is answered.
pub(crate) const MESSAGE: &str = "message";

/// The same for a destroyed room.
pub(crate) const ROOM: &str = "room";

/// A way to answer a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Constant,
    ByHand,
    Unsigned,
    Signed,
    Known,
}

impl Way {
    pub(crate) const ALL: [Self; 5] =
        [Self::Constant, Self::ByHand, Self::Unsigned, Self::Signed, Self::Known];

    /// Path at which a packet is answered in this way.
    pub(crate) fn path(self, packet: &str) -> String {
        format!("/{packet}/{}", self.letter())
    }

    pub(crate) const fn letter(self) -> char {
        match self {
            Self::Constant => 'a',
            Self::ByHand => 'b',
            Self::Unsigned => 'c',
            Self::Signed => 'd',
            Self::Known => 'e',
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Constant => "a: the body is read, the answer is a constant",
            Self::ByHand => "b: by hand, Query<HashMap> and Value",
            Self::Unsigned => "c: Webhook, unsigned",
            Self::Signed => "d: Webhook, signed",
            Self::Known => "e: serde_json into a struct that is known beforehand, no check",
        }
    }
}

/// Acknowledges everything.
struct Log;

impl Handler for Log {
    type Error = Infallible;
}

async fn constant(_body: Bytes) -> &'static str {
    r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#
}

/// What a user would write: it looks at the application, the command and a field.
async fn by_hand(
    Query(query): Query<HashMap<String, String>>,
    Json(packet): Json<Value>,
) -> Result<Json<Value>, StatusCode> {
    if query.get("SdkAppid").and_then(|id| id.parse().ok()) != Some(OURS.get()) {
        return Err(StatusCode::FORBIDDEN);
    }
    let room = match packet.get("CallbackCommand").and_then(Value::as_str) {
        Some("Live.CallbackAfterDestroyRoom") => packet.get("RoomId"),
        Some("Group.CallbackBeforeSendMsg") => packet.get("GroupId"),
        _ => return Err(StatusCode::BAD_REQUEST),
    };
    room.and_then(Value::as_str).ok_or(StatusCode::BAD_REQUEST)?;
    Ok(Json(json!({ "ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0 })))
}

/// The least that reading a packet costs a service that leaves it to `serde_json`: the struct is known, nothing is
/// checked, and the answer is a constant.
async fn known<T: DeserializeOwned>(body: Bytes) -> Result<&'static str, StatusCode> {
    serde_json::from_slice::<T>(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(constant(body).await)
}

fn router(token: &Token) -> Router {
    Router::new().merge(ways::<BeforeSendMsg>(MESSAGE, token)).merge(ways::<AfterDestroyRoom>(ROOM, token))
}

/// Answers a packet in every way.
fn ways<T: DeserializeOwned + 'static>(packet: &str, token: &Token) -> Router {
    let signed = Receiver::new(App::new(OURS).with_token(token.clone()));
    Router::new()
        .route(&Way::Constant.path(packet), post(constant))
        .route(&Way::ByHand.path(packet), post(by_hand))
        .route_service(&Way::Unsigned.path(packet), Webhook::new(Receiver::new(OURS), Log))
        .route_service(&Way::Signed.path(packet), Webhook::new(signed, Log))
        .route(&Way::Known.path(packet), post(known::<T>))
}

/// Serves until the program ends. Tells where, and how to look at the time that its thread has worked.
pub(crate) fn serve(token: &Token, started: impl FnOnce((SocketAddr, WorkTime))) -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        started((listener.local_addr()?, WorkTime::of_this_thread()));
        axum::serve(listener, router(token)).await
    })
}

/// Time that a thread has been running for, as Linux counts it.
#[derive(Debug)]
pub(crate) struct WorkTime(Option<PathBuf>);

impl WorkTime {
    pub(crate) fn of_this_thread() -> Self {
        let thread = fs::read_link("/proc/thread-self").ok();
        Self(thread.map(|thread| PathBuf::from("/proc").join(thread).join("schedstat")))
    }

    /// `None` where there is no such file.
    pub(crate) fn now(&self) -> Option<Duration> {
        let nanos = fs::read_to_string(self.0.as_ref()?).ok()?;
        nanos.split_whitespace().next()?.parse().map(Duration::from_nanos).ok()
    }
}
