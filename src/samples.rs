//! Documented packets, and requests that carry them as the backend would send them. For tests: feature
//! `samples`.
//!
//! ```toml
//! [dev-dependencies]
//! trtc-live-webhook = { version = "0.1", features = ["samples"] }
//! ```
//!
//! # Events
//!
//! Each event has its documented packet as a value; assign to the fields that matter. A handler can be tested
//! without any HTTP:
//!
//! ```
//! use trtc_live_webhook::{Delivery, RequestInfo, SdkAppId, dispatch, event::gift};
//! # use trtc_live_webhook::{Handler, Reply};
//! # struct Service;
//! # impl Handler for Service {
//! #     type Error = std::convert::Infallible;
//! #     async fn before_send_gift(
//! #         &self,
//! #         _: &RequestInfo,
//! #         event: gift::BeforeSendGift,
//! #     ) -> Result<gift::Decision, Self::Error> {
//! #         Ok(if event.gift_water.coins > Some(5000) { gift::Decision::Reject } else { gift::Decision::Allow })
//! #     }
//! # }
//! # let service = Service;
//! # pollster::block_on(async {
//!
//! let mut event = gift::BeforeSendGift::sample();
//! event.gift_water.coins = Some(1_000_000);
//! let delivery = Delivery::new(RequestInfo::new(SdkAppId::new(1_400_000_000)), event);
//! let reply = dispatch(&service, delivery).await?;
//! assert_eq!(gift::Decision::try_from(reply)?, gift::Decision::Reject);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Requests
//!
//! A signed request, made from scratch, that [`Receiver::receive_at`](crate::Receiver::receive_at) accepts:
//!
//! ```
//! use std::time::{Duration, SystemTime};
//! use trtc_live_webhook::{App, Receiver, SdkAppId, Token, UnixSeconds, event::room, samples};
//!
//! let (ours, token) = (SdkAppId::new(1_400_000_000), Token::new("xxxxyyyy")?);
//! let receiver = Receiver::new(App::new(ours).with_token(token.clone()));
//!
//! let now = UnixSeconds::now();
//! let request = samples::Request::new(ours, room::AfterCreateRoom::sample()).signed(&token, now);
//! let delivery = receiver.receive_at(&request.query(), request.body(), SystemTime::try_from(now)?)?;
//! assert_eq!(delivery.event.room_id().unwrap(), "tandy-test-rest");
//!
//! // An hour later, it is no longer accepted.
//! let later = SystemTime::try_from(now)? + Duration::from_secs(3600);
//! assert!(receiver.check_at(&request.query(), later).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Testing an axum service, without a socket:
//!
//! ```
//! use axum::{Router, body::{Body, Bytes}, extract::{RawQuery, State}, http, routing::post};
//! use tower::ServiceExt;
//! use trtc_live_webhook::{App, Receiver, Reply, SdkAppId, Token, UnixSeconds, event::room, samples};
//!
//! /// Service under test; this one only acknowledges.
//! async fn webhook(
//!     State(receiver): State<Receiver>,
//!     RawQuery(query): RawQuery,
//!     body: Bytes,
//! ) -> (http::StatusCode, String) {
//!     match receiver.receive(&query.unwrap_or_default(), &body) {
//!         Ok(_delivery) => (http::StatusCode::OK, Reply::ok().to_json()),
//!         Err(error) => (http::StatusCode::from_u16(error.status_code()).unwrap(), error.to_string()),
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let (ours, token) = (SdkAppId::new(1_400_000_000), Token::new("xxxxyyyy")?);
//! let receiver = Receiver::new(App::new(ours).with_token(token.clone()));
//! let app = Router::new().route("/webhook", post(webhook)).with_state(receiver);
//!
//! let sample = samples::Request::new(ours, room::AfterCreateRoom::sample()).signed(&token, UnixSeconds::now());
//! let request = http::Request::post(format!("/webhook?{}", sample.query()))
//!     .header("content-type", "application/json")
//!     .body(Body::from(sample.into_body()))?;
//! let response = app.oneshot(request).await?;
//! assert_eq!(response.status(), http::StatusCode::OK);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Testing an actix-web service:
//!
//! ```
//! use actix_web::{HttpRequest, HttpResponse, http::StatusCode, test, web};
//! use trtc_live_webhook::{App, Receiver, Reply, SdkAppId, Token, UnixSeconds, event::room, samples};
//!
//! /// Service under test; this one only acknowledges.
//! async fn webhook(receiver: web::Data<Receiver>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
//!     match receiver.receive(request.query_string(), &body) {
//!         Ok(_delivery) => HttpResponse::Ok().content_type("application/json").body(Reply::ok().to_json()),
//!         Err(error) => HttpResponse::build(StatusCode::from_u16(error.status_code()).unwrap()).body(error.to_string()),
//!     }
//! }
//!
//! # actix_web::rt::System::new().block_on(async {
//! let (ours, token) = (SdkAppId::new(1_400_000_000), Token::new("xxxxyyyy")?);
//! let receiver = web::Data::new(Receiver::new(App::new(ours).with_token(token.clone())));
//! let app = actix_web::App::new().app_data(receiver).route("/webhook", web::post().to(webhook));
//! let app = test::init_service(app).await;
//!
//! let sample = samples::Request::new(ours, room::AfterCreateRoom::sample()).signed(&token, UnixSeconds::now());
//! let request = test::TestRequest::post()
//!     .uri(&format!("/webhook?{}", sample.query()))
//!     .insert_header(("content-type", "application/json"))
//!     .set_payload(sample.into_body())
//!     .to_request();
//! let response = test::call_service(&app, request).await;
//! assert!(response.status().is_success());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod event;
mod request;

use serde::de::DeserializeOwned;

pub use self::request::Request;
use crate::{Command, Event};

/// A documented packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    name: &'static str,
    json: &'static str,
}

impl Sample {
    const fn new(name: &'static str, json: &'static str) -> Self {
        Self { name, json }
    }

    /// Returns the command, followed by `.` and the edition if that is not the newest.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the command.
    #[must_use]
    pub fn command(&self) -> Command {
        self.event().command().clone()
    }

    /// Returns the packet as text.
    #[must_use]
    pub const fn json(&self) -> &'static str {
        self.json
    }

    /// Returns the packet as an event.
    #[must_use]
    pub fn event(&self) -> Event {
        self.parse()
    }

    #[expect(clippy::expect_used, reason = "the packets are part of the crate, and each is read by a test")]
    fn parse<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(self.json).expect("documented packets are events")
    }
}

impl From<Sample> for Event {
    fn from(sample: Sample) -> Self {
        sample.event()
    }
}

/// Every documented packet.
pub const ALL: &[Sample] = &[
    AFTER_CREATE_ROOM,
    AFTER_DESTROY_ROOM,
    AFTER_DESTROY_ROOM_2024,
    AFTER_UPDATE_ROOM_INFO,
    AFTER_SET_METADATA,
    AFTER_DEL_METADATA,
    AFTER_CREATE_ROOM_REACHING_THRESHOLD,
    AFTER_MEMBER_STATE_CHANGED,
    AFTER_CHANGE_OWNER,
    AFTER_MODIFY_ADMIN,
    AFTER_SEAT_INFO_CHANGED,
    AFTER_CREATE_BATTLE,
    AFTER_START_BATTLE,
    AFTER_END_BATTLE,
    BEFORE_SEND_GIFT,
    BEFORE_SEND_MSG,
    AFTER_SEND_MSG,
    AFTER_FOLLOW_ADD,
    AFTER_FOLLOW_DELETE,
    AFTER_CLOUD_RECORDING_CHANGED,
];

/// Documented packet of [`room::AfterCreateRoom`](crate::event::room::AfterCreateRoom).
pub const AFTER_CREATE_ROOM: Sample = Sample::new(
    "Live.CallbackAfterCreateRoom",
    include_str!("../fixtures/Live.CallbackAfterCreateRoom.json"),
);

/// Documented packet of [`room::AfterDestroyRoom`](crate::event::room::AfterDestroyRoom).
pub const AFTER_DESTROY_ROOM: Sample = Sample::new(
    "Live.CallbackAfterDestroyRoom",
    include_str!("../fixtures/Live.CallbackAfterDestroyRoom.json"),
);

/// Packet of [`room::AfterDestroyRoom`](crate::event::room::AfterDestroyRoom)
/// in the 2024 edition, which has no `RoomInfo` and no `Statistic`.
pub const AFTER_DESTROY_ROOM_2024: Sample = Sample::new(
    "Live.CallbackAfterDestroyRoom.2024",
    include_str!("../fixtures/Live.CallbackAfterDestroyRoom.2024.json"),
);

/// Documented packet of [`room::AfterUpdateRoomInfo`](crate::event::room::AfterUpdateRoomInfo).
pub const AFTER_UPDATE_ROOM_INFO: Sample = Sample::new(
    "Live.CallbackAfterUpdateRoomInfo",
    include_str!("../fixtures/Live.CallbackAfterUpdateRoomInfo.json"),
);

/// Documented packet of [`room::AfterSetMetadata`](crate::event::room::AfterSetMetadata).
pub const AFTER_SET_METADATA: Sample = Sample::new(
    "Live.CallbackAfterSetMetadata",
    include_str!("../fixtures/Live.CallbackAfterSetMetadata.json"),
);

/// Documented packet of [`room::AfterDelMetadata`](crate::event::room::AfterDelMetadata).
pub const AFTER_DEL_METADATA: Sample = Sample::new(
    "Live.CallbackAfterDelMetadata",
    include_str!("../fixtures/Live.CallbackAfterDelMetadata.json"),
);

/// Documented packet of
/// [`room::AfterCreateRoomReachingThreshold`](crate::event::room::AfterCreateRoomReachingThreshold).
pub const AFTER_CREATE_ROOM_REACHING_THRESHOLD: Sample = Sample::new(
    "Live.CallbackAfterCreateRoomReachingThreshold",
    include_str!("../fixtures/Live.CallbackAfterCreateRoomReachingThreshold.json"),
);

/// Documented packet of [`member::AfterMemberStateChanged`](crate::event::member::AfterMemberStateChanged).
pub const AFTER_MEMBER_STATE_CHANGED: Sample = Sample::new(
    "Live.CallbackAfterMemberStateChanged",
    include_str!("../fixtures/Live.CallbackAfterMemberStateChanged.json"),
);

/// Documented packet of [`member::AfterChangeOwner`](crate::event::member::AfterChangeOwner).
pub const AFTER_CHANGE_OWNER: Sample = Sample::new(
    "Live.CallbackAfterChangeOwner",
    include_str!("../fixtures/Live.CallbackAfterChangeOwner.json"),
);

/// Documented packet of [`member::AfterModifyAdmin`](crate::event::member::AfterModifyAdmin).
pub const AFTER_MODIFY_ADMIN: Sample = Sample::new(
    "Live.CallbackAfterModifyAdmin",
    include_str!("../fixtures/Live.CallbackAfterModifyAdmin.json"),
);

/// Documented packet of [`seat::AfterSeatInfoChanged`](crate::event::seat::AfterSeatInfoChanged).
pub const AFTER_SEAT_INFO_CHANGED: Sample = Sample::new(
    "Mic.CallbackAfterSeatInfoChanged",
    include_str!("../fixtures/Mic.CallbackAfterSeatInfoChanged.json"),
);

/// Documented packet of [`battle::AfterCreateBattle`](crate::event::battle::AfterCreateBattle).
pub const AFTER_CREATE_BATTLE: Sample = Sample::new(
    "Live.CallbackAfterCreateBattle",
    include_str!("../fixtures/Live.CallbackAfterCreateBattle.json"),
);

/// Documented packet of [`battle::AfterStartBattle`](crate::event::battle::AfterStartBattle).
pub const AFTER_START_BATTLE: Sample = Sample::new(
    "Live.CallbackAfterStartBattle",
    include_str!("../fixtures/Live.CallbackAfterStartBattle.json"),
);

/// Documented packet of [`battle::AfterEndBattle`](crate::event::battle::AfterEndBattle).
pub const AFTER_END_BATTLE: Sample =
    Sample::new("Live.CallbackAfterEndBattle", include_str!("../fixtures/Live.CallbackAfterEndBattle.json"));

/// Documented packet of [`gift::BeforeSendGift`](crate::event::gift::BeforeSendGift).
pub const BEFORE_SEND_GIFT: Sample =
    Sample::new("Live.CallbackBeforeSendGift", include_str!("../fixtures/Live.CallbackBeforeSendGift.json"));

/// Documented packet of [`message::BeforeSendMsg`](crate::event::message::BeforeSendMsg).
pub const BEFORE_SEND_MSG: Sample =
    Sample::new("Group.CallbackBeforeSendMsg", include_str!("../fixtures/Group.CallbackBeforeSendMsg.json"));

/// Documented packet of [`message::AfterSendMsg`](crate::event::message::AfterSendMsg).
pub const AFTER_SEND_MSG: Sample =
    Sample::new("Group.CallbackAfterSendMsg", include_str!("../fixtures/Group.CallbackAfterSendMsg.json"));

/// Documented packet of [`follow::AfterFollowAdd`](crate::event::follow::AfterFollowAdd).
pub const AFTER_FOLLOW_ADD: Sample = Sample::new(
    "Follow.CallbackAfterFollowAdd",
    include_str!("../fixtures/Follow.CallbackAfterFollowAdd.json"),
);

/// Documented packet of [`follow::AfterFollowDelete`](crate::event::follow::AfterFollowDelete).
pub const AFTER_FOLLOW_DELETE: Sample = Sample::new(
    "Follow.CallbackAfterFollowDelete",
    include_str!("../fixtures/Follow.CallbackAfterFollowDelete.json"),
);

/// Documented packet of
/// [`recording::AfterCloudRecordingChanged`](crate::event::recording::AfterCloudRecordingChanged).
pub const AFTER_CLOUD_RECORDING_CHANGED: Sample = Sample::new(
    "Live.CallbackAfterCloudRecordingChanged",
    include_str!("../fixtures/Live.CallbackAfterCloudRecordingChanged.json"),
);
