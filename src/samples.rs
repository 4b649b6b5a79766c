//! Documented packets, and requests that carry them as the backend sends them: for tests. Feature `samples`.
//!
//! ```toml
//! [dev-dependencies]
//! trtc-live-webhook = { version = "0.1", features = ["samples"] }
//! ```
//!
//! # Events
//!
//! Each event has its documented packet as a value; assign to the fields that matter. Testing a handler needs no
//! HTTP:
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
//! #         Ok(match event.gift_water.total_coins() {
//! #             Some(..=5000) => gift::Decision::Allow,
//! #             _ => gift::Decision::Reject,
//! #         })
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
//! A signed request that [`Receiver::receive_at`](crate::Receiver::receive_at) accepts:
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
//! let at = SystemTime::try_from(now)?;
//! let delivery = receiver.receive_at(&request.query(), request.body(), at)?;
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
//! use trtc_live_webhook::{
//!     App, Receiver, Reply, SdkAppId, Token, UnixSeconds, event::room, samples,
//! };
//!
//! /// Service under test; this one only acknowledges.
//! async fn webhook(
//!     State(receiver): State<Receiver>,
//!     RawQuery(query): RawQuery,
//!     body: Bytes,
//! ) -> (http::StatusCode, String) {
//!     match receiver.receive(&query.unwrap_or_default(), &body) {
//!         Ok(_delivery) => (http::StatusCode::OK, Reply::ok().to_json()),
//!         Err(error) => {
//!             let status = http::StatusCode::from_u16(error.status_code()).unwrap();
//!             (status, Reply::from(error).to_json())
//!         }
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let (ours, token) = (SdkAppId::new(1_400_000_000), Token::new("xxxxyyyy")?);
//! let receiver = Receiver::new(App::new(ours).with_token(token.clone()));
//! let app = Router::new().route("/webhook", post(webhook)).with_state(receiver);
//!
//! let now = UnixSeconds::now();
//! let sample = samples::Request::new(ours, room::AfterCreateRoom::sample()).signed(&token, now);
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
//! use trtc_live_webhook::{
//!     App, Receiver, Reply, SdkAppId, Token, UnixSeconds, event::room, samples,
//! };
//!
//! /// Service under test; this one only acknowledges.
//! async fn webhook(
//!     receiver: web::Data<Receiver>,
//!     request: HttpRequest,
//!     body: web::Bytes,
//! ) -> HttpResponse {
//!     let (status, reply) = match receiver.receive(request.query_string(), &body) {
//!         Ok(_delivery) => (200, Reply::ok()),
//!         Err(error) => (error.status_code(), Reply::from(error)),
//!     };
//!     HttpResponse::build(StatusCode::from_u16(status).unwrap())
//!         .content_type("application/json")
//!         .body(reply.to_json())
//! }
//!
//! # actix_web::rt::System::new().block_on(async {
//! let (ours, token) = (SdkAppId::new(1_400_000_000), Token::new("xxxxyyyy")?);
//! let receiver = web::Data::new(Receiver::new(App::new(ours).with_token(token.clone())));
//! let app = actix_web::App::new().app_data(receiver).route("/webhook", web::post().to(webhook));
//! let app = test::init_service(app).await;
//!
//! let now = UnixSeconds::now();
//! let sample = samples::Request::new(ours, room::AfterCreateRoom::sample()).signed(&token, now);
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

mod request;

use serde::de::DeserializeOwned;

pub use self::request::Request;
use crate::{
    command::{Command, commands},
    event::{Event, battle, follow, gift, member, message, recording, room, seat},
};

/// Documented packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    name: &'static str,
    json: &'static str,
}

impl Sample {
    const fn new(name: &'static str, json: &'static str) -> Self {
        Self { name, json }
    }

    /// Returns the name of the fixture: the command's word, and for a further sample of the command a suffix such as
    /// `.2024`.
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

/// Makes the sample of a fixture.
macro_rules! sample {
    ($name:literal) => {
        Sample::new($name, include_str!(concat!("../fixtures/", $name, ".json")))
    };
}

macro_rules! samples {
    ($(
        $(#[$doc:meta])*
        $method:ident($family:ident::$event:ident) $(-> $answer:ty)? = $word:literal $(| $alias:literal)*, $page:literal;
    )+) => {
        /// Every documented packet.
        pub const ALL: &[Sample] = &[
            $($family::$event::SAMPLE,)+
            AFTER_DESTROY_ROOM_2024,
            AFTER_SEND_MSG_CHAT,
            AFTER_SEND_MSG_CUSTOM,
            AFTER_SEND_MSG_FACE,
            AFTER_SEND_MSG_FILE,
            AFTER_SEND_MSG_IMAGE,
            AFTER_SEND_MSG_LOCATION,
            AFTER_SEND_MSG_RELAY,
            AFTER_SEND_MSG_SOUND,
            AFTER_SEND_MSG_VIDEO,
            BEFORE_SEND_MSG_MANAGER,
            RECORDER_START,
            VOD_COMMIT_FAILED,
            PAGE_START,
            PAGE_STATUS_UPDATE,
        ];

        $(
            impl $family::$event {
                /// Documented packet. Feature `samples`.
                pub const SAMPLE: Sample = sample!($word);

                /// Returns the documented packet. Feature `samples`.
                #[must_use]
                pub fn sample() -> Self {
                    Self::SAMPLE.parse()
                }
            }
        )+
    };
}

commands!(samples);

/// [`room::AfterDestroyRoom`] in the 2024 edition of its page, without `RoomInfo` and `Statistic`.
pub const AFTER_DESTROY_ROOM_2024: Sample = sample!("Live.CallbackAfterDestroyRoom.2024");

/// [`message::AfterSendMsg`] as the page of Chat prints it, from a public group.
pub const AFTER_SEND_MSG_CHAT: Sample = sample!("Group.CallbackAfterSendMsg.chat");

/// [`message::AfterSendMsg`] with a [`message::CustomElem`].
pub const AFTER_SEND_MSG_CUSTOM: Sample = sample!("Group.CallbackAfterSendMsg.customdescdata");

/// [`message::AfterSendMsg`] with a [`message::FaceElem`].
pub const AFTER_SEND_MSG_FACE: Sample = sample!("Group.CallbackAfterSendMsg.face");

/// [`message::AfterSendMsg`] with a [`message::FileElem`].
pub const AFTER_SEND_MSG_FILE: Sample = sample!("Group.CallbackAfterSendMsg.file");

/// [`message::AfterSendMsg`] with a [`message::ImageElem`].
pub const AFTER_SEND_MSG_IMAGE: Sample = sample!("Group.CallbackAfterSendMsg.image");

/// [`message::AfterSendMsg`] with a [`message::LocationElem`].
pub const AFTER_SEND_MSG_LOCATION: Sample = sample!("Group.CallbackAfterSendMsg.location");

/// [`message::AfterSendMsg`] with a [`message::RelayElem`].
pub const AFTER_SEND_MSG_RELAY: Sample = sample!("Group.CallbackAfterSendMsg.relay");

/// [`message::AfterSendMsg`] with a [`message::SoundElem`].
pub const AFTER_SEND_MSG_SOUND: Sample = sample!("Group.CallbackAfterSendMsg.sound");

/// [`message::AfterSendMsg`] with a [`message::VideoFileElem`].
pub const AFTER_SEND_MSG_VIDEO: Sample = sample!("Group.CallbackAfterSendMsg.video");

/// [`message::BeforeSendMsg`] as the guide of `TUILiveKit` Manager posts it, with nothing but what is needed.
pub const BEFORE_SEND_MSG_MANAGER: Sample = sample!("Group.CallbackBeforeSendMsg.manager");

/// [`recording::EventType::RecorderStart`].
pub const RECORDER_START: Sample = sample!("Live.CallbackAfterCloudRecordingChanged.301");

/// [`recording::EventType::VodCommit`] of an upload that failed.
pub const VOD_COMMIT_FAILED: Sample = sample!("Live.CallbackAfterCloudRecordingChanged.311-failed");

/// [`recording::EventType::PageStart`].
pub const PAGE_START: Sample = sample!("Live.CallbackAfterCloudRecordingChanged.801");

/// [`recording::EventType::PageStatusUpdate`].
pub const PAGE_STATUS_UPDATE: Sample = sample!("Live.CallbackAfterCloudRecordingChanged.803");
