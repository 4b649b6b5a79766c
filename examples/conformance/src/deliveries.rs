//! Deliveries that are let in, and their replies.

use trtc_live_webhook::{
    Reply, UnixSeconds,
    event::{gift, message},
    samples,
};

use crate::{
    Service,
    service::{self, FORBIDDEN, OURS, TEXT, now},
};

/// Each documented packet gets a reply, with either token.
pub fn every_packet_is_answered(program: &str) {
    let service = Service::start(program);
    for sample in samples::ALL {
        for token in [0, 1] {
            let request = samples::Request::new(OURS, sample.event());
            let reply = service.post(&service.sign_with(request, token, now())).reply();
            assert_eq!(reply, Reply::ok(), "{}", sample.name());
        }
    }
    let output = service.stop();
    for sample in samples::ALL {
        let field = format!("command={:?}", sample.event().command().as_str());
        assert!(output.contains(&field), "no {field} in {output}");
    }
    assert!(!output.contains("WARN"), "{output}");
}

/// A command of a sibling product gets a reply, and is logged.
pub fn an_unrecognized_command_is_answered(program: &str) {
    let service = Service::start(program);
    let body = r#"{"CallbackCommand":"Call.CallbackAfterHangUp","CallId":7}"#;
    let request = service.sign(samples::Request::from_json(OURS, body));
    assert_eq!(service.post(&request).reply(), Reply::ok());
    let output = service.stop();
    assert!(output.contains(r#"unrecognized command "Call.CallbackAfterHangUp""#), "{output}");
}

/// The decision on a gift is in the reply.
pub fn a_gift_over_the_limit_is_rejected(program: &str) {
    let service = Service::start(program);
    for (coins, decision) in [
        (Some(1000), gift::Decision::Allow),
        (Some(1001), gift::Decision::Reject),
        // What it costs is unknown.
        (None, gift::Decision::Reject),
    ] {
        let mut event = gift::BeforeSendGift::sample();
        event.gift_water.coins = coins;
        assert_eq!(service.tell(event).reply().try_into(), Ok(decision));
    }
    service.stop();
}

/// The decision on a message is in the reply.
pub fn a_forbidden_word_is_forbidden(program: &str) {
    let service = Service::start(program);
    let forbidden = format!("{TEXT}: {}", FORBIDDEN.to_uppercase());
    for (text, decision) in [(TEXT, message::Decision::Allow), (&forbidden, message::Decision::Forbid)] {
        assert_eq!(service.tell(service::message(text)).reply().try_into(), Ok(decision));
    }
    let output = service.stop();
    assert!(!output.to_lowercase().contains(FORBIDDEN), "{output}");
}

/// A handler's error fails the webhook, and only that.
pub fn what_could_not_be_handled_is_unavailable(program: &str) {
    let service = Service::start_with(program, &[("ROOM_LIMIT", "1")]);
    assert_eq!(service.post(&service.room_request("first")).reply(), Reply::ok());
    service.post(&service.room_request("second")).assert_failure(503);
    assert_eq!(service.post(&service.room_request("first")).reply(), Reply::ok());
    let output = service.stop();
    assert!(output.contains("table of rooms is full"), "{output}");
}

/// Whatever is let in or refused, and with all that the libraries log.
pub fn nothing_secret_is_logged(program: &str) {
    let service = Service::start_with(program, &[("RUST_LOG", "trace")]);
    let mut after = message::AfterSendMsg::sample();
    after.msg_body = Some(vec![message::Element::text(TEXT)]);
    service.tell(after).reply();
    service.tell(service::message(TEXT)).reply();
    service.tell(service::message(&format!("{TEXT} {FORBIDDEN}"))).reply();

    let packet = service::message(TEXT);
    let broken =
        serde_json::to_string(&packet).unwrap().replace("\"EventTime\":", "\"EventTime\":[],\"More\":");
    let request = service.sign(samples::Request::from_json(OURS, broken));
    // A message that cannot be read is refused, as one that could be.
    assert_eq!(service.post(&request).reply().try_into(), Ok(message::Decision::Forbid));
    let old = service.sign_with(samples::Request::new(OURS, packet.clone()), 0, UnixSeconds::new(1));
    service.post(&old).assert_failure(401);
    let twice = service.sign(service.request(packet)).with_parameter("Sign", "0");
    service.post(&twice).assert_failure(400);
    let output = service.stop();
    assert!(output.contains("message decided on"), "{output}");
}
