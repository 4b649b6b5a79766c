//! Bodies that arrive in pieces, late or not at all.

use std::time::Duration;

use trtc_live_webhook::{Reply, Webhook};

use super::{Log, Steps, byte, empty, end, packet, post, receiver, reset, run, send, stalled, trailers};

#[track_caller]
fn assert_status(body: Steps, status: u16) {
    let webhook = Webhook::new(receiver(), Log).with_max_body(100);
    let (answered, reply) = run(send(&webhook, post(body)));
    assert_eq!(answered, status, "{reply:?}");
    assert_eq!(reply == Reply::ok(), status == 200);
}

#[test]
fn a_body_ends_where_it_ends() {
    assert_status(Steps::new([packet], end), 200);
    assert_status(Steps::new([empty, packet, byte, trailers], end), 200);
    assert_status(Steps::new([packet, byte, byte, empty, byte], end), 200);
    assert_status(Steps::new([], end), 400);
}

#[test]
fn a_size_hint_that_lies_is_not_relied_upon() {
    assert_status(Steps::new([packet], end).hint(100), 200);
    assert_status(Steps::new([packet], end).hint(1), 200);
    assert_status(Steps::new([packet, packet], end).hint(1), 413);
    assert_status(Steps::new([], stalled).hint(101), 413);
}

#[test]
fn a_content_length_that_lies_is_not_relied_upon() {
    for (length, status) in
        [("0", 200), ("100", 200), ("101", 413), ("-7", 200), ("99999999999999999999", 200)]
    {
        let webhook = Webhook::new(receiver(), Log).with_max_body(100);
        let mut request = post(Steps::new([packet], end));
        request.headers_mut().insert("content-length", length.parse().unwrap());
        assert_eq!(run(send(&webhook, request)).0, status, "{length}");
    }
}

#[test]
fn a_body_that_does_not_end_gets_an_answer() {
    assert_status(Steps::new([], byte), 413);
    assert_status(Steps::new([packet], stalled), 408);
    assert_status(Steps::new([packet], reset), 400);
}

#[test]
fn a_body_that_is_always_ready_and_empty_is_given_up() {
    for nothing in [empty, trailers] {
        let webhook = Webhook::new(receiver(), Log).with_deadline(Duration::from_millis(20));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let (status, _) = runtime.block_on(send(&webhook, post(Steps::new([], nothing))));
        assert_eq!(status, 408);
    }
}
