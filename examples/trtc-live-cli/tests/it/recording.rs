//! `trtc-live listen --record`, `trtc-live replay` and `trtc-live send --file`.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use tempfile::TempDir;
use trtc_live_webhook::{
    Receiver, Reply,
    event::{gift, room},
    samples::{self, Request},
};

use crate::{
    listening::{Listening, signed},
    program::{Run, trtc_live},
    service::{OURS, Service},
};

fn path(folder: &TempDir) -> &str {
    folder.path().to_str().unwrap()
}

fn replay(folder: &str, service: &Service, more: &[&str]) -> Run {
    let base = ["replay", folder, "--url", &service.url, "--sdk-app-id", "1400000001"];
    trtc_live(base.into_iter().chain(more.iter().copied()))
}

/// Commands in the order of their arrival.
fn commands(service: &Service) -> Vec<String> {
    let received = service.received().into_iter();
    received.map(|received| received.packet()["CallbackCommand"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_was_recorded_is_replayed_in_the_order_of_its_arrival() {
    let folder = TempDir::new().unwrap();
    let mut listening = Listening::start(&["--record", path(&folder), "--short"]);
    let mut gift = gift::BeforeSendGift::sample();
    gift.room_id = "a private room".into();
    for coins in [1, 2] {
        gift.gift_water.coins = Some(coins);
        listening.tell(gift.clone()).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    listening.tell(room::AfterCreateRoom::sample()).await;
    // What no event can be made of, and of what nobody knows the command. Neither what is not signed nor what is no JSON.
    for (body, command) in [
        (
            r#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":{}}"#,
            "Live.CallbackAfterDestroyRoom",
        ),
        (r#"{"Room":"another private room"}"#, "Live.CallbackNew"),
        ("not json", "Live.CallbackNew"),
    ] {
        let request = Request::from_json(OURS, body).with_command(command.into());
        assert_eq!(listening.post(&signed(request)).await.0, 400);
    }
    listening.post(&Request::new(OURS, room::AfterDestroyRoom::sample())).await;
    listening.wait_for_line("missing parameter Sign");
    listening.end();

    let mut names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let expected = [
        "Live.CallbackAfterCreateRoom.json",
        "Live.CallbackAfterDestroyRoom.json",
        "Live.CallbackBeforeSendGift.json",
        "arrivals.jsonl",
        "unreadable.json",
    ];
    assert_eq!(names, expected);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(read(expected[1]).contains("\"RoomId\": {}") && read(expected[4]).contains("\"text-"));
    for name in [expected[1], expected[4]] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    let recorded = read(expected[2]);
    assert!(recorded.contains("\"RoomId\": \"room-1\"") && !recorded.contains("private"), "{recorded}");

    let service = Service::receiving(Receiver::new(OURS));
    let start = Instant::now();
    let run = replay(path(&folder), &service, &[]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
    assert!(start.elapsed() > Duration::from_millis(1900), "{:?}", start.elapsed());
    assert_eq!(commands(&service), ["Live.CallbackBeforeSendGift", "Live.CallbackAfterCreateRoom"]);
    assert_eq!(service.received()[0].body, recorded.as_bytes());

    // A minute lies between them, but not at full speed.
    let arrivals = "{\"file\":\"Live.CallbackBeforeSendGift.json\",\"at\":0}\n{\"file\":\"Live.CallbackAfterCreateRoom.json\",\"at\":60000}\n";
    fs::write(folder.path().join("arrivals.jsonl"), arrivals).unwrap();
    let start = Instant::now();
    assert_eq!(replay(path(&folder), &service, &["--speed", "max", "--max-gap", "60"]).status, 0);
    assert!(start.elapsed() < Duration::from_secs(50), "{:?}", start.elapsed());
}

#[test]
fn the_fixtures_of_the_crate_are_a_folder_too() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures");
    let service = Service::receiving(Receiver::new(OURS));
    let run = replay(folder, &service, &["--speed", "max", "--json"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(run.json().len(), samples::ALL.len());
}

#[test]
fn a_folder_without_packets_is_told() {
    let folder = TempDir::new().unwrap();
    let service = Service::answering(200, &Reply::ok().to_json());
    replay(path(&folder), &service, &[]).assert_failed(2, "there is no packet in ");
    replay("/no/such/folder", &service, &[]).assert_failed(2, "cannot read the folder /no/such/folder: ");
    let run = replay(path(&folder), &service, &["--speed", "0"]);
    assert!(run.status == 2 && run.stderr.contains("expected a number above 0, or `max`"), "{run:?}");
}

#[test]
fn files_are_sent_whatever_is_in_them() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let service = Service::answering(200, &Reply::ok().to_json());
    let gift = file("gift.json", gift::BeforeSendGift::SAMPLE.json().as_bytes());
    let nonsense = file("nonsense", b"\xffnonsense");
    let run = trtc_live(["send", "--file", &gift, "--file", &nonsense, "--json", "--url", &service.url]);
    assert_eq!(run.status, 0, "{run:?}");
    let lines = run.json();
    assert_eq!((&lines[0]["sample"], &lines[0]["decision"]), (&"gift.json".into(), &"allow".into()));
    assert_eq!((&lines[1]["sample"], &lines[1]["command"]), (&"nonsense".into(), &serde_json::Value::Null));
    let received = service.received();
    assert_eq!(received[1].body, b"\xffnonsense");
    assert!(!received[1].query().contains("CallbackCommand"), "{}", received[1].line);

    let set = ["send", "--file", &gift, "--set", "GiftWater.Coins=7", "--url", &service.url];
    assert_eq!(trtc_live(set).status, 0);
    assert_eq!(service.received()[2].packet()["GiftWater"]["Coins"], 7);
    let run = trtc_live(["send", "--file", &nonsense, "--set", "A=7", "--url", &service.url]);
    run.assert_failed(2, "cannot set `A` in nonsense: ");
    let missing = Path::new(path(&folder)).join("missing");
    let run = trtc_live(["send", "--file", missing.to_str().unwrap(), "--url", &service.url]);
    run.assert_failed(2, "cannot read ");
}

#[test]
fn a_rate_is_kept() {
    let service = Service::answering(200, &Reply::ok().to_json());
    let start = Instant::now();
    let run = trtc_live([
        "send",
        "AfterSendMsg",
        "--repeat",
        "21",
        "--rate",
        "20",
        "--json",
        "--url",
        &service.url,
    ]);
    // The first is sent at once, and the last a second later.
    assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!((run.status, run.json().len()), (0, 21), "{run:?}");
    assert!(run.stderr.contains(", p50 ") && run.stderr.contains(", p99 "), "{run:?}");
    let run = trtc_live(["send", "AfterSendMsg", "--rate", "0", "--url", &service.url]);
    assert!(run.stderr.contains("expected a number between 0.001 and 100000"), "{run:?}");
}

#[test]
fn what_was_recorded_is_like_what_arrived() {
    let folder = TempDir::new().unwrap();
    let mut listening = Listening::start(&["--record", path(&folder), "--short"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for sample in samples::ALL {
        let request = signed(Request::from_json(OURS, sample.json()));
        assert_eq!(runtime.block_on(listening.post(&request)).0, 200);
    }
    listening.end();
    let service = Service::receiving(Receiver::new(OURS));
    let run = replay(path(&folder), &service, &["--speed", "max"]);
    assert_eq!(run.status, 0, "{run:?}");
}

#[tokio::test]
async fn what_was_answered_is_shown_and_recorded_in_order() {
    let folder = TempDir::new().unwrap();
    let service = Service::answering(200, &Reply::ok().to_json());
    let listening = Listening::start(&["--record", path(&folder), "--short", "--replay-to", &service.url]);
    for number in 1..=200 {
        // Each of a kind of its own.
        let body = format!(
            r#"{{"CallbackCommand":"Live.CallbackAfterSetMetadata","RoomId":"r","Field{number}":{number}}}"#
        );
        assert_eq!(listening.post(&signed(Request::from_json(OURS, body))).await.0, 200);
        // At once: nobody waits for what comes after the answer.
        let arrivals = fs::read_to_string(folder.path().join("arrivals.jsonl")).unwrap();
        assert_eq!(arrivals.lines().count(), number);
        let shown = listening.replay(number).await;
        assert_eq!(shown, 200, "{number}");
    }
}
