//! Socket tests that each example service passes.
//!
//! Each scenario starts the service as a process on a free port, drives it over TCP, and ends it. A package with a
//! service has them all with one line in `tests/conformance.rs`:
//!
//! ```ignore
//! example_conformance::tests!(env!("CARGO_BIN_EXE_example-axum"));
//! ```
//!
//! Signals are sent with the command `kill`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "that is how a test fails"
)]

mod answer;
mod connection;
pub mod deliveries;
pub mod failures;
pub mod load;
mod process;
pub mod protocol;
pub mod refusals;
mod service;
pub mod settings;
pub mod stop;
pub mod strangers;
pub mod verification;

use std::time::Duration;

use self::{answer::Answer, connection::Connection, process::Process, service::Service};

/// How long anything may take that is expected to happen. Only a test that fails ever waits for so long.
const WAIT: Duration = Duration::from_secs(60);

/// Makes a test of each scenario, for the service whose program is at the given path.
///
/// What not every framework's server can do is in further scenarios, which are named after the path:
/// `tests!(program; protocol::http_2_is_spoken,)`.
#[macro_export]
macro_rules! tests {
    ($program:expr) => {
        $crate::tests! {
            $program;
            deliveries::every_packet_is_answered,
            deliveries::an_unrecognized_command_is_answered,
            deliveries::a_gift_over_the_limit_is_rejected,
            deliveries::a_forbidden_word_is_forbidden,
            deliveries::what_could_not_be_handled_is_unavailable,
            deliveries::nothing_secret_is_logged,
            failures::what_cannot_be_read_is_refused,
            failures::a_handler_that_panics_refuses,
            protocol::head_and_options_are_not_allowed,
            protocol::chunks_without_an_end_are_given_up,
            protocol::a_body_that_was_not_read_is_no_request,
            protocol::a_length_that_lies_is_no_delivery,
            protocol::pipelined_deliveries_are_answered_in_order,
            protocol::who_asks_to_continue_is_answered,
            refusals::only_post_is_allowed,
            refusals::another_path_is_not_found,
            refusals::refusals_have_their_status,
            refusals::a_stranger_is_refused_before_the_body,
            refusals::a_body_has_64_kib_at_most,
            load::two_hundred_connections_are_served_at_once,
            load::a_stalled_body_stops_nobody_and_is_given_up,
            load::two_thousand_idle_connections_disturb_nobody,
            load::a_token_changes_under_load,
            strangers::who_holds_connections_shuts_nobody_out,
            strangers::who_does_not_read_is_sent_away,
            stop::what_was_answered_is_not_lost,
            stop::what_was_queued_is_answered,
            stop::who_comes_too_late_is_refused,
            stop::either_signal_stops_it,
            stop::silent_connections_do_not_keep_it,
            settings::bad_settings_are_named,
            settings::a_taken_address_is_named,
            verification::the_integration_tool_finds_nothing,
        }
    };
    ($program:expr; $($subject:ident::$scenario:ident,)*) => {
        $(
            #[test]
            fn $scenario() {
                $crate::$subject::$scenario($program);
            }
        )*
    };
}
