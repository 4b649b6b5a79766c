//! The server webhooks of Tencent TRTC Live (`TUILiveKit`), checked and strongly typed, for any HTTP framework.
//!
//! The Live backend POSTs JSON to a service's URL whenever something happens in a live room. This crate takes the
//! URL's query and the body, and gives back a checked, typed [`Delivery`]; [`dispatch()`] hands that to the
//! service's [`Handler`] and makes the [`Reply`] that the backend waits for. It opens no socket, spawns no task
//! and picks no runtime.
//!
//! # The whole way through
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
//! // Once, when the service starts. Give the application its token, too: see "Security" below.
//! let receiver = Receiver::new(SdkAppId::new(1_400_000_000));
//!
//! // For each POST; the framework has the query and the body.
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
//! Each step can be taken alone: [`Receiver::check`] reads only the query, and [`Delivery::from_slice`] then the body;
//! [`Event::from_slice`] reads a body on its own, a `match` on the [`Event`] serves as well as a handler, and a [`Reply`]
//! can be made by hand.
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
//! Any other arrives as an [`UnrecognizedEvent`], whole.
//!
//! # What comes in
//!
//! A field is the `snake_case` of its wire name, so that everything can be found with the documentation page
//! open. Only what an event says nothing without is required; all else is an `Option`, and `null` counts as
//! absent. The backend adds fields, commands and values without notice: none of these fails a delivery, and each
//! enum keeps what it does not know in a variant `Unrecognized`. [`drift`] tells of it. Serializing an [`Event`] gives
//! its packet back.
//!
//! # Features
//!
//! None is on by default.
//!
//! - `http`: the types of the `http` crate, version 1, in and out: [`Receiver`] gets `receive_http`, and a
//!   `http::Response` is made from a [`Reply`] or from an error.
//! - `samples`: the module [`samples`](https://docs.rs/trtc-live-webhook/latest/trtc_live_webhook/samples/), for tests of
//!   services: the documented packets as values and as text, and requests that carry them, signed or not.
//!
//! # Security
//!
//! Anyone who knows a service's URL can post to it. What this crate checks, and what it does not:
//!
//! - **The SDKAppID** says whom a delivery is for, not who sent it. It is public: every client of the application
//!   knows it. The check keeps other applications' events out, but does not stop an attacker.
//! - **The signature** shows that somebody who knew the [`Token`] made it for a time close to now. It is verified as
//!   soon as an [`App`] has a token, and mandatory from then on. Switch webhook authentication on, and set a token.
//! - **The signature covers the token and the time, nothing else**: not the body, not the other parameters. Anyone who
//!   gets hold of a signed URL, from a log or a proxy, can post any body to it while its time is within
//!   [the tolerance](Receiver::with_tolerance): a minute to either side of now by default. So use HTTPS, keep query
//!   strings out of logs, and restrict the source addresses to the backend's where they are known.
//! - **The size of a body** is for the framework to limit, before it is read. The memory that a body takes is linear in
//!   its size, but can be many times its size; nesting is limited to 127 levels.
//! - **Errors** quote neither token, signature nor body, and may be logged and sent back.
//!
//! To change a token without losing a delivery, give the [`App`] both:
//!
//! 1. Deploy the service with the old token and the new one.
//! 2. Set the new token with the backend (<https://trtc.io/document/69528>).
//! 3. A few minutes later, when nothing is signed with the old token any more, deploy the service with only the new one.
//!
//! If a token has leaked, deploy the service with only the new one first, and then set it with the backend: deliveries
//! in between are refused, but nobody gets in.
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

mod command;
mod dispatch;
pub mod drift;
mod error;
pub mod event;
#[cfg(feature = "http")]
mod http;
mod id;
mod object;
mod open_enum;
mod receiver;
mod reply;
mod request;
#[cfg(feature = "samples")]
pub mod samples;
mod signature;
mod time;

pub use crate::{
    command::Command,
    dispatch::{Handler, dispatch},
    error::{EventError, EventProblem, ReceiveError, RequestError},
    event::{Event, UnrecognizedEvent},
    id::{BattleId, Id, ParseSdkAppIdError, RoomId, SdkAppId, UserId, marker},
    open_enum::Unrecognized,
    receiver::{App, Delivery, Receiver},
    reply::{ActionStatus, CodeOutOfRange, NotADecision, PassThrough, Reply},
    request::{OptPlatform, RequestInfo},
    signature::{InvalidToken, Token},
    time::{ParseTimeError, TimeOutOfRange, UnixMillis, UnixSeconds},
};

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
