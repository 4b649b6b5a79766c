//! What a failure gets.

use http::Method;
use trtc_live_webhook::{
    App, Command, OnFailure, Receiver, Reply, SdkAppId, Webhook,
    event::{gift, message, room},
    samples,
};

use crate::{
    Request, Service,
    mounts::Mount,
    service::{OURS, SOON, token},
};

const BROKEN_MESSAGE: &str = r#"{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"g","MsgBody":[{"MsgType":"TIMCustomElem","MsgContent":{"Data":7}}]}"#;
const BROKEN_GIFT: &str = r#"{"CallbackCommand":"Live.CallbackBeforeSendGift","RoomId":"r","GiftWater":[]}"#;

/// Packets that ask for a decision.
fn questions() -> [Request; 2] {
    [Request::new(gift::BeforeSendGift::sample()), Request::new(message::BeforeSendMsg::sample())]
}

fn refusal() -> Reply {
    Reply::refusal(&Command::BeforeSendMsg).unwrap()
}

pub(crate) async fn a_late_body_and_a_late_handler_are_given_up(mount: Mount) {
    let client = mount(Service::Stalls.unsigned().with_deadline(SOON));
    for request in questions() {
        if client.streams() {
            for request in [request.clone().stalled_after(9), request.clone().chunked().stalled_after(9)] {
                client.send(request).await.assert_failure(408, "body did not arrive in time");
            }
        }
        client.send(request).await.assert_failure(503, "delivery was not handled in time");
    }
}

pub(crate) async fn a_failing_handler_fails_the_webhook_and_nothing_else(mount: Mount) {
    for (service, text) in
        [(Service::Fails, "delivery could not be handled"), (Service::Panics, "handler panicked")]
    {
        let client = mount(service.unsigned());
        for request in questions() {
            client.send(request).await.assert_failure(503, text);
            client.send(Request::new(room::AfterDestroyRoom::sample())).await.assert_reply(&Reply::ok());
        }
    }
}

pub(crate) async fn failing_is_refusing_if_it_is_told_so(mount: Mount) {
    for service in [Service::Works, Service::Fails, Service::Stalls, Service::Panics] {
        let client = mount(service.unsigned().on_failure(OnFailure::Refuse).with_deadline(SOON));
        for json in [BROKEN_MESSAGE, BROKEN_GIFT] {
            client.send(Request::from_json(json)).await.assert_reply(&refusal());
            // A broken body does not say which command it is, but the URL does; or the other way round.
            let torn = &json[..json.len() - 9];
            let request = samples::Request::from_json(OURS, torn).with_command(Command::BeforeSendMsg);
            client.send(request.into()).await.assert_reply(&refusal());
            client.send(Request::from_json(torn)).await.assert_reply(&refusal());
        }
        for request in questions() {
            if client.streams() {
                for request in [request.clone().stalled_after(9), request.clone().chunked().stalled_after(9)]
                {
                    client.send(request).await.assert_reply(&refusal());
                }
            }
            let reply = if let Service::Works = service { Reply::ok() } else { refusal() };
            client.send(request).await.assert_reply(&reply);
        }
        let long = format!("{BROKEN_MESSAGE}{}", " ".repeat(64 * 1024));
        client.send(Request::from_json(long.clone())).await.assert_reply(&refusal());
        client.send(Request::from_json(long).chunked()).await.assert_reply(&refusal());
    }
}

pub(crate) async fn failing_is_not_refusing_for_who_was_not_let_in(mount: Mount) {
    let receiver = Receiver::new(App::new(OURS).with_token(token()));
    let client = mount(Webhook::new(receiver, Service::Works).on_failure(OnFailure::Refuse));
    for request in questions() {
        client.send(request.clone()).await.assert_failure(401, "missing parameter Sign");
        assert_eq!(client.send(request.with_method(Method::PUT)).await.status, 405);
    }
    let foreign = samples::Request::from_json(SdkAppId::new(7), BROKEN_MESSAGE);
    assert_eq!(client.send(foreign.into()).await.status, 403);
    let twice = samples::Request::from_json(OURS, BROKEN_MESSAGE).with_parameter("SdkAppid", "7");
    assert_eq!(client.send(twice.into()).await.status, 400);
}

pub(crate) async fn failing_is_not_refusing_for_what_asks_nothing(mount: Mount) {
    for (service, text) in [
        (Service::Fails, "delivery could not be handled"),
        (Service::Stalls, "delivery was not handled in time"),
        (Service::Panics, "handler panicked"),
    ] {
        let client = mount(service.unsigned().on_failure(OnFailure::Refuse).with_deadline(SOON));
        client.send(Request::new(room::AfterCreateRoom::sample())).await.assert_failure(503, text);
    }
    let client = mount(Service::Works.unsigned().on_failure(OnFailure::Refuse).with_deadline(SOON));
    let request = Request::from_json(r#"{"CallbackCommand":"Live.CallbackAfterCreateRoom"}"#);
    assert_eq!(client.send(request.clone()).await.status, 400);
    if client.streams() {
        client.send(request.stalled_after(9)).await.assert_failure(408, "body did not arrive in time");
    }
    // The body decides what is asked.
    let request = samples::Request::from_json(OURS, r#"{"CallbackCommand":"Live.CallbackAfterCreateRoom"}"#);
    assert_eq!(client.send(request.with_command(Command::BeforeSendMsg).into()).await.status, 400);
}
