//! The front door and the workers with a cluster of three servers: what was answered with OK takes effect once, what was
//! refused does not, and each room's events stay in order, whatever is killed.
//!
//! `cargo test -p example-jetstream -- --include-ignored --nocapture` prints the counts.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails the test"
)]

mod chaos;
mod commands;
mod dead_letters;
mod ledger;
mod load;
mod program;
mod system;
