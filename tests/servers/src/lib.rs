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

/// Returns the last lines of a log: what fails shows them before the reason, which is the last thing to be read.
#[must_use]
pub fn tail(log: &str) -> String {
    const LINES: usize = 40;
    let lines: Vec<_> = log.split_inclusive('\n').collect();
    lines[lines.len().saturating_sub(LINES)..].concat()
}

#[cfg(test)]
mod tests {
    use super::tail;

    #[test]
    fn only_the_last_lines_of_a_log_are_shown() {
        let lines: Vec<_> = (0..100).map(|line| format!("{line}\n")).collect();
        assert_eq!(tail(&lines.concat()), lines[60..].concat());
        assert_eq!((tail("one"), tail("")), ("one".to_owned(), String::new()));
    }
}
