//! The program as its users run it, against a service on this machine.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "that is how a test fails"
)]

mod answers;
mod arguments;
mod deliveries;
mod limits;
mod list;
mod listen;
mod listening;
mod output;
mod packets;
mod page;
mod program;
mod recording;
mod service;
#[cfg(unix)]
mod terminal;
mod verify;
