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
mod ports;
mod postgres;
mod process;

pub use browser::Browser;
pub use nats::NatsCluster;
pub use ports::free_port;
pub use postgres::Postgres;
pub use process::Process;
