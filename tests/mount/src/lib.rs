//! Tests of the webhook in each framework that it mounts in: the same scenarios, over a socket where the framework has
//! one.

#![cfg(test)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "that is how a test fails"
)]

mod client;
mod failing;
mod mounts;
mod request;
mod scenarios;
mod service;

use self::{client::Client, request::Request, service::Service};

/// Makes a module of tests for each mount: all scenarios.
macro_rules! mounts {
    ($($mount:ident,)+) => {
        $(
            mod $mount {
                use crate::mounts::$mount as mount;

                mounts! {
                    mount:
                    scenarios::every_documented_packet_is_answered,
                    scenarios::only_post_is_allowed,
                    scenarios::a_foreign_application_is_refused,
                    scenarios::a_signature_is_demanded_before_the_body,
                    scenarios::a_body_has_64_kib_at_most,
                    scenarios::a_broken_body_is_refused,
                    scenarios::a_token_is_replaced_while_it_runs,
                    scenarios::the_clock_can_be_given,
                    scenarios::what_was_received_and_what_failed_can_be_seen,
                    scenarios::foreign_and_duplicate_parameters_arrive,
                    failing::a_late_body_and_a_late_handler_are_given_up,
                    failing::a_failing_handler_fails_the_webhook_and_nothing_else,
                    failing::failing_is_refusing_if_it_is_told_so,
                    failing::failing_is_not_refusing_for_who_was_not_let_in,
                    failing::failing_is_not_refusing_for_what_asks_nothing,
                }
            }
        )+
    };
    ($mount:ident: $($subject:ident::$scenario:ident,)+) => {
        $(
            #[tokio::test]
            async fn $scenario() {
                crate::$subject::$scenario($mount).await;
            }
        )+
    };
}

mounts! {
    axum_0_7_route,
    axum_0_7_nest,
    axum_0_7_fallback,
    axum_0_7_post,
    axum_0_8_route,
    axum_0_8_nest,
    axum_0_8_fallback,
    axum_0_8_post,
    hyper_http1,
    hyper_http2,
    poem,
    lambda_http_api,
    lambda_rest_api,
    actix_web,
}
