//! Requests that are refused.

use reqwest::Method;
use trtc_live_webhook::{Reply, SdkAppId, Token, UnixSeconds, event::room, samples};

use crate::{
    Connection, Service,
    service::{OURS, now},
};

const MAX_BODY: usize = 64 * 1024;

/// Other methods get 405.
pub fn only_post_is_allowed(program: &str) {
    let service = Service::start(program);
    let request = service.request(room::AfterCreateRoom::sample());
    for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = service.send(method, "/webhook", &request);
        assert_eq!((answer.status, answer.allow.as_deref()), (405, Some("POST")));
    }
    service.stop();
}

/// The service has one route.
pub fn another_path_is_not_found(program: &str) {
    let service = Service::start(program);
    let request = service.request(room::AfterCreateRoom::sample());
    // The last two mean the same as `/webhook` to whoever decodes them.
    for path in ["/", "/webhook/more", "/webhook/", "/%77ebhook", "//webhook"] {
        assert_eq!(service.send(Method::POST, path, &request).status, 404, "{path}");
    }
    service.stop();
}

/// A delivery for another application gets 403, be it signed as ours.
pub fn a_foreign_application_is_refused(program: &str) {
    let service = Service::start(program);
    let theirs = SdkAppId::new(1_400_000_001);
    let request = service.sign(samples::Request::new(theirs, room::AfterCreateRoom::sample()));
    service.post(&request).assert_failure(403);
    service.stop();
}

/// A missing, wrong or stale signature gets 401.
pub fn a_signature_is_demanded(program: &str) {
    let service = Service::start(program);
    let request = || samples::Request::new(OURS, room::AfterCreateRoom::sample());
    service.post(&request()).assert_failure(401);
    let guess = Token::new("a guess").unwrap();
    service.post(&request().signed(&guess, now())).assert_failure(401);
    let hour_ago = UnixSeconds::new(now().get() - 3600);
    service.post(&service.sign_with(request(), 0, hour_ago)).assert_failure(401);
    service.post(&service.sign(request())).reply();
    service.stop();
}

/// Who is not let in gets the answer without having sent a byte of the body.
pub fn a_stranger_is_refused_before_the_body(program: &str) {
    let service = Service::start(program);
    let mut connection = Connection::open(service.address());
    let request = samples::Request::new(OURS, room::AfterCreateRoom::sample());
    connection.send_head(&request, &["Content-Length: 1000"]);
    connection.answer().assert_failure(401);
    service.stop();
}

/// A body that is cut off, empty or no packet gets 400.
pub fn a_broken_body_is_refused(program: &str) {
    let service = Service::start(program);
    let packet = room::AfterCreateRoom::SAMPLE.json().as_bytes();
    for body in [&packet[..packet.len() / 2], b"", b"{}", b"\xff"] {
        let request = service.sign(samples::Request::from_json(OURS, body));
        service.post(&request).assert_failure(400);
    }
    service.stop();
}

/// A longer body gets 413, whether its length is announced or not.
pub fn a_body_has_64_kib_at_most(program: &str) {
    let service = Service::start(program);
    let request = |length: usize| {
        // White space around a packet belongs to the body.
        let packet = room::AfterCreateRoom::SAMPLE.json();
        let space = " ".repeat(length - packet.len());
        service.sign(samples::Request::from_json(OURS, format!("{packet}{space}")))
    };
    for send in [Connection::send_request, Connection::send_chunked] {
        let mut connection = Connection::open(service.address());
        send(&mut connection, &request(MAX_BODY));
        assert_eq!(connection.answer().reply(), Reply::ok());
        for length in [MAX_BODY + 1, 10 * MAX_BODY] {
            let mut connection = Connection::open(service.address());
            send(&mut connection, &request(length));
            connection.answer().assert_failure(413);
        }
    }
    service.stop();
}
