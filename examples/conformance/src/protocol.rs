//! What HTTP allows, and genuine deliveries do not do.

use std::{
    thread,
    time::{Duration, Instant},
};

use reqwest::blocking::Client;
use trtc_live_webhook::{
    Reply,
    event::{gift, message, room},
    samples,
};

use crate::{Connection, Service, WAIT, service::OURS};

/// HEAD gets 405 without a body, OPTIONS with one. If the connection is open afterwards, it takes a delivery.
pub fn head_and_options_are_not_allowed(program: &str) {
    let service = Service::start(program);
    let mut connection = Connection::open(service.address());
    let request = service.room_request("after-head");
    connection.send_head_of("HEAD /webhook", &request, &[]);
    let (answer, _) = connection.answer_to_head();
    assert_eq!((answer.status, answer.allow.as_deref()), (405, Some("POST")));
    connection.send_request(&request);
    assert!(!connection.is_answered() || connection.answer().reply() == Reply::ok());

    let mut connection = Connection::open(service.address());
    connection.send_head_of("OPTIONS /webhook", &request, &["Content-Length: 0"]);
    let answer = connection.answer();
    assert_eq!(answer.allow.as_deref(), Some("POST"));
    answer.assert_failure(405);
    service.stop();
}

/// A body in chunks that does not end gets 408, whether it goes on or stalls.
pub fn chunks_without_an_end_are_given_up(program: &str) {
    let service = Service::start(program);
    let request = service.room_request("endless");
    let mut connection = Connection::open(service.address());
    connection.send_head(&request, &["Transfer-Encoding: chunked"]);
    connection.send(format!("{:x}\r\n", request.body().len()));
    connection.send(request.body());
    connection.send("\r\n1\r\n \r\n");
    connection.answer().assert_failure(408);
    connection.assert_closed();

    // The time is that of the whole body: a chunk every now and then gains nothing.
    let mut connection = Connection::open(service.address());
    connection.send_head(&request, &["Transfer-Encoding: chunked"]);
    let begin = Instant::now();
    while connection.is_silent() {
        assert!(begin.elapsed() < WAIT, "never given up");
        connection.send("1\r\n \r\n");
        thread::sleep(Duration::from_millis(100));
    }
    connection.answer().assert_failure(408);
    let output = service.stop();
    assert!(!output.contains(r#"room_id="endless""#), "{output}");
}

/// What follows the head of a refused request is its body, whatever that looks like, and no request.
pub fn a_body_that_was_not_read_is_no_request(program: &str) {
    let service = Service::start(program);
    let inner = service.room_request("smuggled");
    let body = format!(
        "POST /webhook?{} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{}",
        inner.query(),
        inner.body().len(),
        String::from_utf8_lossy(inner.body()),
    );
    // One is refused with 200, and the other's sender is a stranger.
    let refused = service.sign(samples::Request::new(OURS, message::BeforeSendMsg::sample()));
    let stranger = samples::Request::new(OURS, room::AfterCreateRoom::sample());
    for (request, status) in [(refused, 200), (stranger, 401)] {
        let mut connection = Connection::open(service.address());
        connection.send_head(&request, &[&format!("Content-Length: {}", 100_000.max(body.len()))]);
        connection.send(&body);
        let answer = connection.answer();
        assert_eq!(answer.status, status);
        assert!(status != 200 || answer.reply().error_code() == 1);
        connection.end();
        // Nothing else is answered, and the connection is closed.
        connection.assert_closed();
    }
    let output = service.stop();
    assert!(!output.contains("smuggled"), "{output}");
}

/// A body that is longer than announced, or shorter, is no delivery.
pub fn a_length_that_lies_is_no_delivery(program: &str) {
    let service = Service::start(program);
    let request = service.room_request("lie");
    let length = request.body().len();

    let mut longer = Connection::open(service.address());
    longer.send_head(&request, &[&format!("Content-Length: {}", length - 10)]);
    longer.send(request.body());
    longer.answer().assert_failure(400);

    let mut stalled = Connection::open(service.address());
    stalled.send_head(&request, &[&format!("Content-Length: {}", length + 10)]);
    stalled.send(request.body());
    stalled.answer().assert_failure(408);
    stalled.assert_closed();

    // Whether it gets an answer is up to the server.
    let mut ended = Connection::open(service.address());
    ended.send_head(&request, &[&format!("Content-Length: {}", length + 10)]);
    ended.send(&request.body()[..length / 2]);
    ended.end();
    if ended.is_answered() {
        ended.answer().assert_failure(400);
    }

    // Two lengths are two requests for somebody.
    let mut twice = Connection::open(service.address());
    twice.send_head(&request, &[&format!("Content-Length: {length}"), "Content-Length: 0"]);
    twice.send(request.body());
    assert!(!twice.is_answered() || twice.answer().status == 400);

    assert_eq!(service.post(&service.room_request("truth")).reply(), Reply::ok());
    let output = service.stop();
    assert!(!output.contains(r#"room_id="lie""#), "{output}");
}

/// Deliveries that are sent without waiting for answers get theirs, in order.
pub fn pipelined_deliveries_are_answered_in_order(program: &str) {
    let service = Service::start(program);
    let mut connection = Connection::open(service.address());
    let decisions =
        || [gift::Decision::Allow, gift::Decision::Reject, gift::Decision::Reject].into_iter().cycle();
    for decision in decisions().take(30) {
        let mut event = gift::BeforeSendGift::sample();
        event.gift_water.coins = Some(if decision == gift::Decision::Allow { 1 } else { 1001 });
        connection.send_request(&service.request(event));
    }
    for decision in decisions().take(30) {
        assert_eq!(connection.answer().reply().try_into(), Ok(decision));
    }
    service.stop();
}

/// Who asks whether to send a body is told to if it is a genuine delivery. A stranger is refused all the same, without
/// having sent one.
pub fn who_asks_to_continue_is_answered(program: &str) {
    let service = Service::start(program);
    let request = service.room_request("asked");
    let lines = [&*format!("Content-Length: {}", request.body().len()), "Expect: 100-continue"];
    let mut connection = Connection::open(service.address());
    connection.send_head(&request, &lines);
    assert_eq!(connection.answer().status, 100);
    connection.send(request.body());
    assert_eq!(connection.answer().reply(), Reply::ok());

    let mut connection = Connection::open(service.address());
    connection.send_head(&samples::Request::new(OURS, room::AfterCreateRoom::sample()), &lines);
    let mut answer = connection.answer();
    if answer.status == 100 {
        // From the server itself, before anything else has seen the request.
        answer = connection.answer();
    }
    answer.assert_failure(401);
    service.stop();
}

/// A stranger is not even told to send a body.
pub fn a_stranger_is_not_told_to_continue(program: &str) {
    let service = Service::start(program);
    let mut connection = Connection::open(service.address());
    let request = samples::Request::new(OURS, room::AfterCreateRoom::sample());
    connection.send_head(&request, &["Content-Length: 10", "Expect: 100-continue"]);
    connection.answer().assert_failure(401);
    service.stop();
}

/// Deliveries that share a connection of HTTP/2 get the answers that they get over HTTP/1, and nothing of them is logged
/// that should not be.
pub fn http_2_is_spoken(program: &str) {
    let service = Service::start_with(program, &[("RUST_LOG", "trace")]);
    let client = Client::builder().no_proxy().http2_prior_knowledge().timeout(WAIT).build().unwrap();
    let rooms: Vec<_> = (0..100).map(|number| format!("multiplexed-{number}")).collect();
    thread::scope(|scope| {
        for rooms in rooms.chunks(10) {
            let (service, client) = (&service, &client);
            scope.spawn(move || {
                for room in rooms {
                    let answer = service.try_post(client, &service.room_request(room)).unwrap();
                    assert_eq!(answer.reply(), Reply::ok());
                }
            });
        }
    });
    let stranger = samples::Request::new(OURS, room::AfterCreateRoom::sample());
    service.try_post(&client, &stranger).unwrap().assert_failure(401);
    let long = service.sign(samples::Request::from_json(OURS, " ".repeat(70_000)));
    service.try_post(&client, &long).unwrap().assert_failure(413);
    drop(client);
    Service::assert_logged(&service.stop(), &rooms);
}
