//! Server webhooks of Tencent TRTC Live (`TUILiveKit`), checked and strongly typed, for any HTTP framework.
//!
//! When something happens in a live room, the Live backend POSTs JSON to the URL of a service. This crate takes
//! the URL's query and the body, and returns a checked, typed [`Delivery`]. [`dispatch()`] passes it to the
//! service's [`Handler`] and builds the [`Reply`] that the backend waits for. The crate opens no sockets, spawns
//! no tasks and is tied to no runtime.
//!
//! # From request to reply
//!
//! ```
//! use std::convert::Infallible;
//! use trtc_live_webhook::{Handler, Receiver, Reply, RequestInfo, SdkAppId, dispatch, event::room};
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
//!         println!("room {:.64} is gone: {:.64}", event.room_id, event.event_type);
//!         Ok(())
//!     }
//! }
//!
//! # pollster::block_on(async {
//! // Once, when the service starts. Set the application's token as well: see "Security" below.
//! let receiver = Receiver::new(SdkAppId::new(1_400_000_000));
//!
//! // For each POST. The framework supplies the query and the body.
//! let query = "SdkAppid=1400000000&CallbackCommand=Live.CallbackAfterDestroyRoom";
//! let body = br#"{
//!     "CallbackCommand": "Live.CallbackAfterDestroyRoom",
//!     "RoomId": "room-1",
//!     "EventType": "DestroyByUser"
//! }"#;
//!
//! let (status, reply) = match receiver.receive(query, body) {
//!     Ok(delivery) => (200, dispatch(&Log, delivery).await?),
//!     Err(error) => (error.status_code(), Reply::from(error)),
//! };
//! assert_eq!(status, 200);
//! assert_eq!(reply.to_json(), r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#);
//! # Ok::<(), Infallible>(())
//! # });
//! ```
//!
//! Each step also works on its own. [`Receiver::check`] reads only the query, and [`Checked::read`] then reads the
//! body. [`Event::from_slice`] needs only a body. A service can `match` on the [`Event`] in place of implementing a
//! handler, and can make a [`Reply`] by hand.
//!
//! # Where to look
//!
//! - [`Command`] lists the commands, each with its event, its handler method and its documentation page. Any other
//!   command arrives complete, as an [`UnrecognizedEvent`].
//! - [`event`] has the structs, one module per family.
//! - [`guide`] has one page per task: mounting in a framework, failing closed, repetitions and order, queues,
//!   changing tokens, testing, migrating, WebAssembly.
//! - `Webhook`, with the feature `tower` or `actix-web`, mounts all of this in one line.
//! - [`drift`] reports what a delivery contains that the crate does not model.
//!
//! # Events
//!
//! Each field is its wire name in `snake_case`, so that everything can be found with the documentation page open.
//! A field is required only if the event would be meaningless without it. Every other field is an `Option`, and
//! `null` counts as absent.
//!
//! The backend adds fields, commands and values without notice. None of these makes a delivery fail. An unknown
//! command is kept whole, an unknown value of an enum is kept in a variant `Unrecognized`, and an unknown field is
//! skipped, but for those of the elements of a message, which are kept; [`drift::report`] finds all of these.
//! Serializing an [`Event`] writes every field that its struct models: [`Event`] says exactly what that leaves
//! out.
//!
//! # Features
//!
//! None is enabled by default.
//!
//! - `http`: support for the types of the `http` crate, version 1. [`Receiver`] gains `receive_http`, and a
//!   [`Reply`] or an error converts into an `http::Response`.
//! - `tower`: [`Webhook`](https://docs.rs/trtc-live-webhook/latest/trtc_live_webhook/struct.Webhook.html) mounts a
//!   [`Handler`] in one line in axum, hyper, poem and Lambda.
//! - `actix-web`: the same in actix-web 4.
//! - `samples`: the module [`samples`](https://docs.rs/trtc-live-webhook/latest/trtc_live_webhook/samples/),
//!   for testing services: the documented packets as values and as text, and requests that carry them, signed
//!   or unsigned.
//!
//! # Security
//!
//! Anyone who knows a service's URL can post to it. This is what the crate checks, and what it does not:
//!
//! - **The SDKAppID** says which application a delivery is for, not who sent it. It is public: every client of
//!   the application knows it. Checking it keeps out events of other applications and does not stop an attacker.
//! - **The signature** shows that it was made by someone who knew the [`Token`], for a time close to now. As soon
//!   as an [`App`] has a token, a signature is mandatory. Switch on webhook authentication and set a token.
//! - **The signature covers the token and the time, and nothing else**: neither the body nor the other parameters.
//!   Anyone who gets hold of a signed URL, from a log or a proxy, can post any body to it while its time is within
//!   [the tolerance](Receiver::with_tolerance): by default, one minute either side of now. Use HTTPS, keep queries
//!   out of logs, and restrict the source addresses to the backend's if you know them.
//! - **Applications are not separated by bodies.** A body contains no SDKAppID. Behind a URL that also serves an
//!   application without a token, anyone can post an event about any room. Keep state by application and room.
//! - **Other limits belong to the server.** A `Webhook` limits bodies and time; limit headers, idle time and
//!   connections in the server, and bodies where there is no `Webhook`: see [`guide::mounting`]. A body of a kilobyte or
//!   more may need up to 208 times its size in memory while it is read; nesting is limited to 127 levels. Ids have no
//!   length limit of their own.
//! - **Failing must not mean allowing.** The backend delivers a message whose webhook timed out:
//!   see [`guide::failing_closed`].
//! - **Errors** never quote a token, a signature or a body. They may be logged and sent back. Those of
//!   [`UnrecognizedEvent::parse`](event::UnrecognizedEvent::parse) show the keys of maps.
//!
//! [`guide::tokens`] shows how to change a token without a restart, and what to do if one has leaked.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "actix-web")]
mod actix_web;
mod command;
mod dispatch;
pub mod drift;
mod error;
pub mod event;
#[cfg(doc)]
pub mod guide;
#[cfg(feature = "http")]
mod http;
pub mod id;
mod key;
mod object;
mod open_enum;
mod receiver;
mod reply;
mod request;
#[cfg(feature = "samples")]
pub mod samples;
mod signature;
mod structure;
pub mod time;
#[cfg(feature = "tower")]
mod tower;
#[cfg(any(feature = "tower", feature = "actix-web"))]
mod webhook;

#[cfg(feature = "tower")]
pub use crate::tower::{ReplyBody, ResponseFuture};
#[cfg(any(feature = "tower", feature = "actix-web"))]
pub use crate::webhook::{Failed, Failure, OnFailure, RawHandler, Webhook};
pub use crate::{
    command::Command,
    dispatch::{Handler, dispatch},
    error::{EventError, EventProblem, Place, ReceiveError, RequestError},
    event::{Event, UnrecognizedEvent},
    id::{BattleId, RoomId, SdkAppId, UserId},
    key::DeliveryKey,
    open_enum::Unrecognized,
    receiver::{App, Checked, Delivery, NoTokens, Receiver, SharedReceiver, UnsignedApp},
    reply::{ActionStatus, NotADecision, Reply},
    request::{OptPlatform, RequestInfo},
    signature::{InvalidToken, Token},
    time::{UnixMillis, UnixSeconds},
};

/// Compiles the examples in the README.
#[cfg(all(doctest, feature = "tower"))]
#[doc = include_str!("../README.md")]
struct Readme;
