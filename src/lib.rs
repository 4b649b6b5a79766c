//! Server webhooks of Tencent TRTC Live (`TUILiveKit`), checked and strongly typed, for any HTTP framework.
//!
//! Whenever something happens in a live room, the Live backend POSTs JSON to a service's URL. This crate
//! takes the URL's query and the body and returns a checked, typed [`Delivery`]; [`dispatch()`] passes it to
//! the service's [`Handler`] and builds the [`Reply`] that the backend is waiting for. The crate opens no
//! sockets, spawns no tasks and is tied to no runtime.
//!
//! # From request to reply
//!
//! ```
//! use std::convert::Infallible;
//! use trtc_live_webhook::{Handler, Receiver, RequestInfo, SdkAppId, dispatch, event::room};
//!
//! struct Log;
//!
//! impl Handler for Log {
//!     type Error = Infallible;
//!
//!     async fn after_destroy_room(
//!         &self,
//!         _request: &RequestInfo,
//!         event: room::AfterDestroyRoom,
//!     ) -> Result<(), Infallible> {
//!         println!("room {} is gone: {}", event.room_id, event.event_type);
//!         Ok(())
//!     }
//! }
//!
//! # pollster::block_on(async {
//! // Once, when the service starts. Set the application's token as well: see "Security" below.
//! let receiver = Receiver::new(SdkAppId::new(1_400_000_000));
//!
//! // For each POST. The framework supplies the query and the body.
//! let query = "SdkAppid=1400000000&CallbackCommand=Live.CallbackAfterDestroyRoom&contenttype=json";
//! let body = br#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"room-1","EventType":"DestroyByUser"}"#;
//!
//! let (status, answer) = match receiver.receive(query, body) {
//!     Ok(delivery) => (200, dispatch(&Log, delivery).await?.to_json()),
//!     Err(error) => (error.status_code(), error.to_string()),
//! };
//! assert_eq!(status, 200);
//! assert_eq!(answer, r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#);
//! # Ok::<(), Infallible>(())
//! # });
//! ```
//!
//! Each step also works on its own: [`Receiver::check`] reads only the query, and [`Checked::read`]
//! then reads the body; [`Event::from_slice`] needs only a body; you can `match` on the [`Event`] instead of
//! writing a handler, and make a [`Reply`] by hand.
//!
//! # Commands
//!
//! | command | event | handler method |
//! |---|---|---|
//! | `Live.CallbackAfterCreateRoom` | [`room::AfterCreateRoom`] | [`after_create_room`](Handler::after_create_room) |
//! | `Live.CallbackAfterDestroyRoom` | [`room::AfterDestroyRoom`] | [`after_destroy_room`](Handler::after_destroy_room) |
//! | `Live.CallbackAfterUpdateRoomInfo` | [`room::AfterUpdateRoomInfo`] | [`after_update_room_info`](Handler::after_update_room_info) |
//! | `Live.CallbackAfterSetMetadata` | [`room::AfterSetMetadata`] | [`after_set_metadata`](Handler::after_set_metadata) |
//! | `Live.CallbackAfterDelMetadata` | [`room::AfterDelMetadata`] | [`after_del_metadata`](Handler::after_del_metadata) |
//! | `Live.CallbackAfterCreateRoomReachingThreshold` | [`room::AfterCreateRoomReachingThreshold`] | [`after_create_room_reaching_threshold`](Handler::after_create_room_reaching_threshold) |
//! | `Live.CallbackAfterMemberStateChanged` | [`member::AfterMemberStateChanged`] | [`after_member_state_changed`](Handler::after_member_state_changed) |
//! | `Live.CallbackAfterChangeOwner` | [`member::AfterChangeOwner`] | [`after_change_owner`](Handler::after_change_owner) |
//! | `Live.CallbackAfterModifyAdmin` | [`member::AfterModifyAdmin`] | [`after_modify_admin`](Handler::after_modify_admin) |
//! | `Mic.CallbackAfterSeatInfoChanged` | [`seat::AfterSeatInfoChanged`] | [`after_seat_info_changed`](Handler::after_seat_info_changed) |
//! | `Live.CallbackAfterCreateBattle` | [`battle::AfterCreateBattle`] | [`after_create_battle`](Handler::after_create_battle) |
//! | `Live.CallbackAfterStartBattle` | [`battle::AfterStartBattle`] | [`after_start_battle`](Handler::after_start_battle) |
//! | `Live.CallbackAfterEndBattle` | [`battle::AfterEndBattle`] | [`after_end_battle`](Handler::after_end_battle) |
//! | `Live.CallbackBeforeSendGift` | [`gift::BeforeSendGift`] | [`before_send_gift`](Handler::before_send_gift) |
//! | `Group.CallbackBeforeSendMsg` | [`message::BeforeSendMsg`] | [`before_send_msg`](Handler::before_send_msg) |
//! | `Group.CallbackAfterSendMsg` | [`message::AfterSendMsg`] | [`after_send_msg`](Handler::after_send_msg) |
//! | `Follow.CallbackAfterFollowAdd` | [`follow::AfterFollowAdd`] | [`after_follow_add`](Handler::after_follow_add) |
//! | `Follow.CallbackAfterFollowDelete` | [`follow::AfterFollowDelete`] | [`after_follow_delete`](Handler::after_follow_delete) |
//! | `Live.CallbackAfterCloudRecordingChanged` | [`recording::AfterCloudRecordingChanged`] | [`after_cloud_recording_changed`](Handler::after_cloud_recording_changed) |
//!
//! Any other command arrives complete, as an [`UnrecognizedEvent`].
//!
//! # Events
//!
//! Each field is its wire name in `snake_case`, so that you can find everything with the documentation page
//! open. A field is required only if the event would be meaningless without it; every other field is an
//! `Option`, and `null` counts as absent. The backend adds fields, commands and values without notice. None
//! of these makes a delivery fail: each enum keeps what it does not know in a variant `Unrecognized`, and
//! [`drift`] reports it. Serializing an [`Event`] yields its packet again.
//!
//! # Features
//!
//! None is enabled by default.
//!
//! - `http`: support for the types of the `http` crate, version 1. [`Receiver`] gains `receive_http`, and a
//!   [`Reply`] or an error converts into an `http::Response`.
//! - `tower`: [`Webhook`](https://docs.rs/trtc-live-webhook/latest/trtc_live_webhook/struct.Webhook.html) mounts a
//!   [`Handler`] in one line in axum, hyper, poem and Lambda; `actix-web`: the same in actix-web 4.
//! - `samples`: the module [`samples`](https://docs.rs/trtc-live-webhook/latest/trtc_live_webhook/samples/),
//!   for testing services: the documented packets as values and as text, and requests that carry them, signed
//!   or unsigned.
//!
//! # Security
//!
//! Anyone who knows a service's URL can post to it. This is what the crate checks, and what it does not:
//!
//! - **The SDKAppID** says which application a delivery is for, not who sent it. It is public: every client
//!   of the application knows it. Checking it keeps out other applications' events but does not stop an
//!   attacker.
//! - **The signature** shows that it was made by someone who knew the [`Token`], for a time close to now. As
//!   soon as an [`App`] has a token, a signature is mandatory and is verified. Switch on webhook
//!   authentication and set a token.
//! - **The signature covers the token and the time, and nothing else**: neither the body nor the other
//!   parameters. Anyone who gets hold of a signed URL, from a log or a proxy, can post any body to it while
//!   its time is within [the tolerance](Receiver::with_tolerance): by default, one minute either side of now.
//!   So use HTTPS, keep query strings out of logs, and restrict the source addresses to the backend's if you
//!   know them.
//! - **The size of a body** must be limited by the framework, before the body is read. A body of a kilobyte or
//!   more may need as much as 160 times its size in memory while it is read, but not more; nesting is limited
//!   to 127 levels.
//! - **Errors** never quote a token, a signature or a body, and may be logged and sent back.
//!
//! To change a token without losing a delivery, give the [`App`] both the old and the new one:
//!
//! 1. Deploy the service with the old token and the new one.
//! 2. Set the new token on the backend (<https://trtc.io/document/69528>).
//! 3. A few minutes later, when nothing is signed with the old token any more, deploy the service with only
//!    the new one.
//!
//! If a token has leaked, first deploy the service with only the new one, then set it on the backend:
//! deliveries in between are refused, but nobody gets in.
//!
//! [`room::AfterCreateRoom`]: event::room::AfterCreateRoom
//! [`room::AfterDestroyRoom`]: event::room::AfterDestroyRoom
//! [`room::AfterUpdateRoomInfo`]: event::room::AfterUpdateRoomInfo
//! [`room::AfterSetMetadata`]: event::room::AfterSetMetadata
//! [`room::AfterDelMetadata`]: event::room::AfterDelMetadata
//! [`room::AfterCreateRoomReachingThreshold`]: event::room::AfterCreateRoomReachingThreshold
//! [`member::AfterMemberStateChanged`]: event::member::AfterMemberStateChanged
//! [`member::AfterChangeOwner`]: event::member::AfterChangeOwner
//! [`member::AfterModifyAdmin`]: event::member::AfterModifyAdmin
//! [`seat::AfterSeatInfoChanged`]: event::seat::AfterSeatInfoChanged
//! [`battle::AfterCreateBattle`]: event::battle::AfterCreateBattle
//! [`battle::AfterStartBattle`]: event::battle::AfterStartBattle
//! [`battle::AfterEndBattle`]: event::battle::AfterEndBattle
//! [`gift::BeforeSendGift`]: event::gift::BeforeSendGift
//! [`message::BeforeSendMsg`]: event::message::BeforeSendMsg
//! [`message::AfterSendMsg`]: event::message::AfterSendMsg
//! [`follow::AfterFollowAdd`]: event::follow::AfterFollowAdd
//! [`follow::AfterFollowDelete`]: event::follow::AfterFollowDelete
//! [`recording::AfterCloudRecordingChanged`]: event::recording::AfterCloudRecordingChanged

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "actix-web")]
mod actix_web;
mod command;
mod dispatch;
pub mod drift;
mod error;
pub mod event;
#[cfg(feature = "http")]
mod http;
pub mod id;
mod object;
mod open_enum;
mod receiver;
mod reply;
mod request;
#[cfg(feature = "samples")]
pub mod samples;
mod signature;
pub mod time;
#[cfg(feature = "tower")]
mod tower;
#[cfg(any(feature = "tower", feature = "actix-web"))]
mod webhook;

#[cfg(feature = "tower")]
pub use crate::tower::ReplyBody;
#[cfg(any(feature = "tower", feature = "actix-web"))]
pub use crate::webhook::{Failed, Failure, OnFailure, RawHandler, Webhook};
pub use crate::{
    command::Command,
    dispatch::{Handler, dispatch},
    error::{EventError, EventProblem, Place, ReceiveError, RequestError},
    event::{Event, UnrecognizedEvent},
    id::{BattleId, RoomId, SdkAppId, UserId},
    open_enum::Unrecognized,
    receiver::{App, Checked, Delivery, NoTokens, Receiver, SharedReceiver},
    reply::{ActionStatus, NotADecision, Reply},
    request::{OptPlatform, RequestInfo},
    signature::{InvalidToken, Token},
    time::{UnixMillis, UnixSeconds},
};

/// Compiles and runs the examples in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
