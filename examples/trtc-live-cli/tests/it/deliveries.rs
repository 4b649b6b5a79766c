//! What is sent, how often, and to whom.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use trtc_live_webhook::{
    App, Command, OptPlatform, Receiver, Reply, Token,
    event::{gift, message},
    samples,
};

use crate::{
    program::{trtc_live, trtc_live_in},
    service::{OURS, Service},
};

const TOKEN: &str = "a-token-that-nobody-shall-see";

fn receiver() -> Receiver {
    Receiver::new(App::new(OURS).with_token(Token::new(TOKEN).unwrap()))
}

#[test]
fn all_commands_are_sent_and_as_many_valid_replies_are_well() {
    let service = Service::receiving(Receiver::new(OURS));
    let run = trtc_live(["send", "--all", "--url", &service.url, "--sdk-app-id", "1400000001"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
    let summary = run.stdout.lines().last().unwrap();
    let count = Command::ALL.len();
    let expected = format!("{count} deliveries, {count} valid replies, slowest ");
    assert!(summary.starts_with(&expected), "{summary}");
    let commands: HashSet<_> = samples::ALL.iter().map(|sample| sample.event().command().clone()).collect();
    let received: HashSet<_> = service
        .received()
        .iter()
        .map(|received| received.delivery(&Receiver::new(OURS)).event.command().clone())
        .collect();
    assert_eq!(service.received().len(), count);
    assert_eq!(received, commands);
}

#[test]
fn a_delivery_looks_like_one_of_the_backend() {
    let service = Service::receiving(Receiver::new(OURS));
    let name = "Live.CallbackAfterDestroyRoom.2024";
    let run = trtc_live(["send", name, "--url", &service.url, "--sdk-app-id", "1400000001"]);
    assert_eq!(run.status, 0, "{run:?}");
    let received = &service.received()[0];
    assert_eq!(
        received.line,
        "POST /webhook?tenant=7&SdkAppid=1400000001&CallbackCommand=Live.CallbackAfterDestroyRoom\
         &contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI"
    );
    assert_eq!(received.content_type.as_deref(), Some("application/json"));
    assert_eq!(received.body, samples::AFTER_DESTROY_ROOM_2024.json().as_bytes());
    let delivery = received.delivery(&Receiver::new(OURS));
    assert_eq!(delivery.request.opt_platform, Some(OptPlatform::RestApi));
}

#[test]
fn samples_go_by_short_names_too_and_in_the_order_given() {
    let service = Service::answering(200, &Reply::ok().to_json());
    let names = ["aftersendmsg", "Live.CallbackBeforeSendGift", "AfterDestroyRoom.2024"];
    let run = trtc_live(["send", "--url", &service.url].into_iter().chain(names));
    assert_eq!(run.status, 0, "{run:?}");
    let bodies: Vec<_> = service.received().into_iter().map(|received| received.body).collect();
    let expected =
        [message::AfterSendMsg::SAMPLE, gift::BeforeSendGift::SAMPLE, samples::AFTER_DESTROY_ROOM_2024];
    assert_eq!(bodies, expected.map(|sample| sample.json().as_bytes().to_owned()));
}

#[test]
fn each_sample_is_sent_as_often_as_asked_for() {
    let service = Service::receiving(Receiver::new(OURS));
    let arguments = ["send", "AfterSendMsg", "AfterFollowAdd", "--repeat", "7", "--concurrency", "3"];
    let run = trtc_live(arguments.into_iter().chain([
        "--url",
        &service.url,
        "--sdk-app-id",
        "1400000001",
        "--json",
    ]));
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stderr.starts_with("14 deliveries, 14 valid replies, slowest "), "{}", run.stderr);
    assert_eq!(run.json().len(), 14);
    let mut counts = BTreeMap::new();
    for received in service.received() {
        *counts.entry(received.packet()["CallbackCommand"].to_string()).or_insert(0) += 1;
    }
    assert_eq!(counts.into_values().collect::<Vec<_>>(), [7, 7]);
}

#[test]
fn so_many_deliveries_are_under_way_at_a_time_and_no_more() {
    let (waiting, most) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let most_ever = Arc::clone(&most);
    // Nobody gets an answer until three are there.
    let three = Barrier::new(3);
    let service = Service::start(move |_| {
        most_ever.fetch_max(waiting.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        three.wait();
        // Time for a fourth to come, if there is one.
        thread::sleep(Duration::from_millis(100));
        waiting.fetch_sub(1, Ordering::SeqCst);
        (200, Reply::ok().to_json())
    });
    let run =
        trtc_live(["send", "AfterSendMsg", "--url", &service.url, "--repeat", "6", "--concurrency", "3"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(service.received().len(), 6);
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

#[test]
fn with_the_token_the_signature_is_right() {
    let service = Service::receiving(receiver());
    let arguments = ["send", "--all", "--url", &service.url, "--sdk-app-id", "1400000001"];
    let run = trtc_live_in(&[("TRTC_TOKEN", TOKEN)], arguments);
    assert_eq!(run.status, 0, "{run:?}");
    let run = trtc_live(arguments.into_iter().chain(["--token", TOKEN]));
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(service.received().len(), 2 * Command::ALL.len());
}

#[test]
fn without_the_token_or_with_another_the_service_refuses() {
    let service = Service::receiving(receiver());
    let arguments = ["send", "AfterCreateRoom", "--url", &service.url, "--sdk-app-id", "1400000001"];
    let run = trtc_live(arguments);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.stdout.contains("no valid reply: status is 401, not 200"), "{}", run.stdout);
    assert!(run.stdout.contains("missing parameter Sign"), "{}", run.stdout);
    let run = trtc_live(arguments.into_iter().chain(["--token", "another"]));
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.stdout.contains("wrong signature"), "{}", run.stdout);
}

#[test]
fn the_token_is_never_shown() {
    let service = Service::receiving(receiver());
    let id = ["--sdk-app-id", "1400000001"];
    let (too_long, hyphen) = (TOKEN.repeat(10), format!("-{TOKEN}"));
    let base = ["send", "BeforeSendGift", "--url"];
    for arguments in [
        vec![&*service.url],
        vec![&*service.url, "--json"],
        vec![&*service.url, "--help"],
        vec![&*service.url, "--token", &too_long],
        vec![&*service.url, "--token", TOKEN, "--repeat", "0"],
        vec![&*service.url, "--token", &hyphen],
        vec!["http://127.0.0.1:1"],
        vec!["ftp://127.0.0.1"],
    ] {
        let run = trtc_live_in(
            &[("TRTC_TOKEN", TOKEN)],
            base.into_iter().chain(arguments.iter().copied()).chain(id),
        );
        assert!(!run.stdout.contains(TOKEN) && !run.stderr.contains(TOKEN), "{arguments:?}: {run:?}");
    }
}
