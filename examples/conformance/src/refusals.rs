//! Requests that are refused, besides those of `verification`.

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

/// Each refusal has its status, and the packet that says so.
pub fn refusals_have_their_status(program: &str) {
    let service = Service::start(program);
    let ours = || samples::Request::new(OURS, room::AfterCreateRoom::sample());
    let theirs = samples::Request::new(SdkAppId::new(1_400_000_001), room::AfterCreateRoom::sample());
    let guess = Token::new("a guess").unwrap();
    let hour_ago = UnixSeconds::new(now().get() - 3600);
    for (request, status) in [
        (service.sign(theirs), 403),
        (ours(), 401),
        (ours().signed(&guess, now()), 401),
        (service.sign_with(ours(), 0, hour_ago), 401),
        (service.sign(ours()).with_parameter("Sign", "0"), 400),
        (service.sign(samples::Request::from_json(OURS, "{\"CallbackCommand\":")), 400),
        (service.sign(samples::Request::from_json(OURS, "{}")), 400),
    ] {
        service.post(&request).assert_failure(status);
    }
    service.post(&service.sign(ours())).reply();
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
