//! What is let in, and what is refused.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use http::Method;
use trtc_live_webhook::{
    App, Receiver, Reply, SdkAppId, SharedReceiver, Token, UnixSeconds, Webhook, event::room, samples,
};

use crate::{
    Request, Service,
    mounts::{self, Mount},
    service::{OURS, token},
};

/// Most bytes of a body.
const LIMIT: usize = 64 * 1024;

pub(crate) async fn every_documented_packet_is_answered(mount: Mount) {
    let unsigned = mount(Service::Works.unsigned());
    let signed = mount(Webhook::new(Receiver::new(App::new(OURS).with_token(token())), Service::Works));
    for sample in samples::ALL {
        let request = samples::Request::from_json(OURS, sample.json());
        unsigned.send(request.clone().into()).await.assert_reply(&Reply::ok());
        let request = request.signed(&token(), UnixSeconds::now());
        signed.send(request.into()).await.assert_reply(&Reply::ok());
    }
}

pub(crate) async fn only_post_is_allowed(mount: Mount) {
    let client = mount(Service::Works.unsigned());
    for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT] {
        let answer =
            client.send(Request::new(room::AfterCreateRoom::sample()).with_method(method.clone())).await;
        assert_eq!((answer.status, answer.allow.as_deref()), (405, Some("POST")), "{answer:?}");
        let is_axums = [mounts::axum_0_7_post, mounts::axum_0_8_post as Mount]
            .into_iter()
            .any(|post| std::ptr::fn_addr_eq(post, mount));
        if method != Method::HEAD && !is_axums {
            answer.assert_failure(405, "method is not POST");
        }
    }
}

pub(crate) async fn a_foreign_application_is_refused(mount: Mount) {
    let client = mount(Service::Works.unsigned());
    let foreign = samples::Request::new(SdkAppId::new(7), room::AfterCreateRoom::sample());
    let answer = client.send(foreign.into()).await;
    answer.assert_failure(403, "SDKAppID 7 does not belong to this receiver");
    let nobodys = Request { query: String::new(), ..Request::new(room::AfterCreateRoom::sample()) };
    client.send(nobodys).await.assert_failure(400, "missing parameter SdkAppid");
}

pub(crate) async fn a_signature_is_demanded_before_the_body(mount: Mount) {
    let receiver = Receiver::new(App::new(OURS).with_token(token()));
    let client = mount(Webhook::new(receiver, Service::Works).without_deadline());
    let request = samples::Request::new(OURS, room::AfterCreateRoom::sample());
    let other = Token::new("other").unwrap();
    for (request, text) in [
        (request.clone(), "missing parameter Sign"),
        (request.clone().with_parameter("Sign", "a".repeat(64)), "missing parameter RequestTime"),
        (request.clone().signed(&other, UnixSeconds::now()), "wrong signature"),
        (
            request.signed(&token(), UnixSeconds::new(1_669_872_112)),
            "stale signature: RequestTime is too far from now",
        ),
    ] {
        let request = Request::from(request);
        client.send(request.clone()).await.assert_failure(401, text);
        if client.streams() {
            client.send(request.clone().stalled_after(0)).await.assert_failure(401, text);
            client.send(request.chunked().stalled_after(10)).await.assert_failure(401, text);
        }
    }
}

pub(crate) async fn a_body_has_64_kib_at_most(mount: Mount) {
    let client = mount(Service::Works.unsigned().without_deadline());
    let of_length = |length| {
        let packet = samples::Request::new(OURS, room::AfterCreateRoom::sample()).into_body();
        let mut packet = String::from_utf8(packet).unwrap();
        packet.extend(std::iter::repeat_n(' ', length - packet.len()));
        Request::from_json(packet)
    };
    let too_long = "body is longer than 65536 bytes";
    client.send(of_length(LIMIT)).await.assert_reply(&Reply::ok());
    client.send(of_length(LIMIT + 1)).await.assert_failure(413, too_long);
    if client.streams() {
        client.send(of_length(LIMIT).chunked()).await.assert_reply(&Reply::ok());
        client.send(of_length(LIMIT + 1).chunked()).await.assert_failure(413, too_long);
        // It is refused for what is announced, or for what has arrived, whether or not there is more.
        client.send(of_length(LIMIT + 1).stalled_after(0)).await.assert_failure(413, too_long);
        let endless = of_length(2 * LIMIT).chunked().stalled_after(LIMIT + 1);
        client.send(endless).await.assert_failure(413, too_long);
    }
}

pub(crate) async fn a_broken_body_is_refused(mount: Mount) {
    let client = mount(Service::Works.unsigned());
    let packet = samples::Request::new(OURS, room::AfterCreateRoom::sample()).into_body();
    for length in [0, 1, packet.len() / 2, packet.len() - 1] {
        for request in
            [Request::from_json(&packet[..length]), Request::from_json(&packet[..length]).chunked()]
        {
            let answer = client.send(request).await;
            assert_eq!(answer.status, 400, "{answer:?}");
            assert!(answer.body.contains("body is not JSON at line 1 column"), "{answer:?}");
        }
    }
}

pub(crate) async fn a_token_is_replaced_while_it_runs(mount: Mount) {
    let (old, new) = (token(), Token::new("new").unwrap());
    let shared = SharedReceiver::new(Receiver::new(App::new(OURS).with_token(old.clone())));
    let client = mount(Webhook::new(shared.clone(), Service::Works));
    let signed = |token| {
        let request = samples::Request::new(OURS, room::AfterCreateRoom::sample());
        Request::from(request.signed(token, UnixSeconds::now()))
    };
    client.send(signed(&old)).await.assert_reply(&Reply::ok());
    client.send(signed(&new)).await.assert_failure(401, "wrong signature");
    shared.replace(Receiver::new(App::new(OURS).with_token(new.clone())));
    client.send(signed(&old)).await.assert_failure(401, "wrong signature");
    client.send(signed(&new)).await.assert_reply(&Reply::ok());
}

pub(crate) async fn the_clock_can_be_given(mount: Mount) {
    let then = UnixSeconds::new(1_669_872_112);
    let now = Arc::new(Mutex::new(SystemTime::try_from(then).unwrap()));
    let clock = Arc::clone(&now);
    let receiver = Receiver::new(App::new(OURS).with_token(token()));
    let client = mount(Webhook::new(receiver, Service::Works).with_clock(move || *clock.lock().unwrap()));
    let request = samples::Request::new(OURS, room::AfterCreateRoom::sample()).signed(&token(), then);
    client.send(request.clone().into()).await.assert_reply(&Reply::ok());
    *now.lock().unwrap() += Duration::from_secs(61);
    let answer = client.send(request.into()).await;
    answer.assert_failure(401, "stale signature: RequestTime is too far from now");
}

pub(crate) async fn what_was_received_and_what_failed_can_be_seen(mount: Mount) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (received, failed) = (Arc::clone(&seen), Arc::clone(&seen));
    let webhook = Service::Works
        .unsigned()
        .inspect(move |delivery, body| {
            received.lock().unwrap().push(format!("{} {}", delivery.event.command(), body.len()));
        })
        .inspect_failure(move |request| {
            let (command, body) =
                (request.command.map(ToString::to_string), request.body.map(bytes::Bytes::len));
            failed
                .lock()
                .unwrap()
                .push(format!("{} {command:?} {body:?} {}", request.status, request.failure));
        });
    let client = mount(webhook);
    let request = samples::Request::from_json(OURS, room::AfterCreateRoom::SAMPLE.json());
    let length = request.body().len();
    client.send(request.into()).await.assert_reply(&Reply::ok());
    let broken = Request::from_json(r#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"r"}"#);
    assert_eq!(client.send(broken).await.status, 400);
    let foreign = samples::Request::new(SdkAppId::new(7), room::AfterCreateRoom::sample());
    assert_eq!(client.send(foreign.into()).await.status, 403);
    assert_eq!(
        *seen.lock().unwrap(),
        [
            format!("Live.CallbackAfterCreateRoom {length}"),
            "400 Some(\"Live.CallbackAfterDestroyRoom\") Some(64) invalid field EventType of \
             Live.CallbackAfterDestroyRoom at line 1 column 64"
                .to_owned(),
            "403 None None SDKAppID 7 does not belong to this receiver".to_owned(),
        ]
    );
}

/// The query arrives as it was sent, or in another form that says the same.
pub(crate) async fn foreign_and_duplicate_parameters_arrive(mount: Mount) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let received = Arc::clone(&seen);
    let webhook = Service::Works.unsigned().inspect(move |delivery, _| {
        received.lock().unwrap().push(delivery.request.parameter("tenant").map(ToOwned::to_owned));
    });
    let client = mount(webhook);
    let with = |more: &str| {
        let mut request = Request::new(room::AfterCreateRoom::sample());
        request.query.push_str(more);
        request
    };
    client.send(with("&tenant=a%26b%2Bc+d%C3%A9")).await.assert_reply(&Reply::ok());
    assert_eq!(*seen.lock().unwrap(), [Some("a&b+c d\u{e9}".to_owned())]);
    client.send(with("&SdkAppid=7")).await.assert_failure(400, "duplicate parameter SdkAppid");
}
