//! Real servers, from Debian's packages, for the tests of the example services.
//!
//! Each is started on free ports of the loopback device with its data in a temporary folder, and is killed when it is
//! dropped. A test that needs one is ignored unless it is asked for: `#[ignore = "needs …"]`, which `.ci/run` does
//! after installing the packages.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "what fails here fails the test"
)]

mod browser;
mod nats;
mod postgres;
mod process;

use std::net::{Ipv4Addr, TcpListener};

pub use browser::Browser;
pub use nats::NatsCluster;
pub use postgres::Postgres;
pub use process::Process;

/// Returns a port of the loopback device that nothing listens at.
///
/// # Panics
///
/// If there is none.
#[must_use]
#[track_caller]
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}
