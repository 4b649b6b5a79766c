//! Everything public, one file per subject.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "that is how a test fails"
)]

mod allocations;
mod bad_input;
mod clock;
mod dispatch;
mod drift;
mod enums;
mod event;
mod fixtures;
mod formats;
mod hostile;
#[cfg(feature = "http")]
mod http;
mod key;
mod leaks;
mod made;
mod message;
mod pointers;
mod properties;
mod receiver;
mod recording;
mod reply;
mod request;
mod same;
#[cfg(feature = "samples")]
mod samples;
mod seat;
mod shared;
mod signature;
mod support;
mod unrecognized;
mod values;
#[cfg(feature = "tower")]
mod webhook;
