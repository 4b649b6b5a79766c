//! How fast deliveries are received, beside the ways in which a user would do it by hand.
//!
//! `cargo bench` measures, `cargo run -p ratios` prints the ratios.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "criterion's macros document nothing, and a benchmark that cannot run must stop"
)]

mod by_hand;
mod hostile;

use std::{fs, hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};
use trtc_live_webhook::{
    App, Event, Receiver, Reply, RequestInfo, SdkAppId, Token, UnixSeconds, drift,
    event::{gift, message, room},
};

const OURS: SdkAppId = SdkAppId::new(1_400_000_000);

/// Room destroyed, the largest of the documented packets, received in every way there is.
fn room_destroyed(criterion: &mut Criterion) {
    let text = include_str!("../../fixtures/Live.CallbackAfterDestroyRoom.json");
    let body = text.as_bytes();
    let mut packet: Value = serde_json::from_slice(body).unwrap();
    let command = packet.as_object_mut().unwrap().remove("CallbackCommand").unwrap();
    let rest = serde_json::to_string_pretty(&packet).unwrap();
    let last = format!("{},\n  \"CallbackCommand\": {command}\n}}", rest.strip_suffix("\n}").unwrap());
    assert_eq!(Event::from_slice(last.as_bytes()), Event::from_slice(body));
    let broken = text.replace("\"TotalLikesReceived\": 0", "\"TotalLikesReceived\": []");
    assert_eq!(
        Event::from_slice(broken.as_bytes()).unwrap_err().path(),
        Some("Statistic.TotalLikesReceived")
    );

    let mut group = criterion.benchmark_group("room destroyed");
    group.bench_function("a: the struct alone, by serde_json::from_str", |bencher| {
        bencher.iter(|| {
            let text = std::str::from_utf8(black_box(body)).unwrap();
            serde_json::from_str::<room::AfterDestroyRoom>(text).unwrap()
        });
    });
    group.bench_function("b: Event::from_slice", |bencher| {
        bencher.iter(|| Event::from_slice(black_box(body)).unwrap());
    });
    group.bench_function("c: Event::from_slice, command last", |bencher| {
        bencher.iter(|| Event::from_slice(black_box(last.as_bytes())).unwrap());
    });
    group.bench_function("d: serde's internally tagged enum", |bencher| {
        bencher.iter(|| serde_json::from_slice::<by_hand::Tagged>(black_box(body)).unwrap());
    });
    group.bench_function("e: Value, then from_value", |bencher| {
        bencher.iter(|| by_hand::Tagged::from_value(black_box(body)).unwrap());
    });
    group.bench_function("f: serde's untagged enum", |bencher| {
        bencher.iter(|| serde_json::from_slice::<by_hand::Untagged>(black_box(body)).unwrap());
    });
    let query = format!(
        "SdkAppid={OURS}&CallbackCommand=Live.CallbackAfterDestroyRoom&contenttype=json&ClientIP=127.0.0.1\
         &OptPlatform=RESTAPI"
    );
    let receiver = Receiver::new(OURS);
    group.bench_function("g: Receiver::receive", |bencher| {
        bencher.iter(|| receiver.receive(black_box(&query), black_box(body)).unwrap());
    });
    let token = Token::new("xxxxyyyy").unwrap();
    let receiver = Receiver::new(App::new(OURS).with_token(token.clone())).with_tolerance(Duration::MAX);
    let now = UnixSeconds::now();
    let query = format!("{query}&Sign={}&RequestTime={now}", token.sign(now));
    group.bench_function("g: Receiver::receive, signed", |bencher| {
        bencher.iter(|| receiver.receive(black_box(&query), black_box(body)).unwrap());
    });
    group.bench_function("h: Event::from_slice, error located", |bencher| {
        bencher.iter(|| Event::from_slice(black_box(broken.as_bytes())).unwrap_err());
    });
    let delivery = Receiver::new(OURS).receive(&query, body).unwrap();
    group.bench_function("j: drift::report", |bencher| {
        bencher.iter(|| drift::report(black_box(&delivery), black_box(body)));
    });
    group.finish();
}

fn packets(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("packets");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    for file in files {
        let body = fs::read(&file).unwrap();
        group.throughput(Throughput::Bytes(body.len().try_into().unwrap()));
        group.bench_function(file.file_stem().unwrap().to_str().unwrap(), |bencher| {
            bencher.iter(|| Event::from_slice(black_box(&body)).unwrap());
        });
    }
    group.finish();
}

fn replies(criterion: &mut Criterion) {
    let changes = message::Changes::new().with_msg_body([message::Element::text("***")]);
    let gift_answer = gift::Decision::reject_with(gift::Code::new(102_100).unwrap(), "no");
    let message_answer = message::Decision::forbid_with(message::Code::new(10_100).unwrap(), "no");
    let mut group = criterion.benchmark_group("replies");
    group.bench_function("i: ok", |bencher| bencher.iter(|| Reply::ok().to_json()));
    for (name, decision) in [
        ("i: gift allowed", gift::Decision::Allow),
        ("i: gift rejected", gift::Decision::Reject),
        ("i: gift rejected with a code", gift_answer),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| Reply::from(black_box(&decision).clone()).to_json());
        });
    }
    for (name, decision) in [
        ("i: message allowed", message::Decision::Allow),
        ("i: message changed", message::Decision::AllowChanged(changes)),
        ("i: message forbidden", message::Decision::Forbid),
        ("i: message discarded", message::Decision::Discard),
        ("i: message forbidden with a code", message_answer),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| Reply::from(black_box(&decision).clone()).to_json());
        });
    }
    group.finish();
}

fn growth(criterion: &mut Criterion) {
    type Grow = fn(usize) -> Value;
    let members: Grow = |count| {
        json!({
            "CallbackCommand": "Live.CallbackAfterMemberStateChanged",
            "RoomId": "room",
            "EventType": "Online",
            "MemberList": vec![json!({"Member_Account": "member"}); count],
        })
    };
    let seats: Grow = |count| {
        json!({
            "CallbackCommand": "Mic.CallbackAfterSeatInfoChanged",
            "RoomId": "room",
            "SeatList": vec![json!({"Index": 1, "Member_Account": 144_115_233_775_727_695_i64}); count],
        })
    };
    let follows: Grow = |count| {
        json!({
            "CallbackCommand": "Follow.CallbackAfterFollowAdd",
            "From_Account": "follower",
            "FollowList": vec![json!({"To_Account": "followed"}); count],
        })
    };
    for (name, packet) in [("members", members), ("seats", seats), ("follows", follows)] {
        let mut group = criterion.benchmark_group(format!("growth of {name}"));
        for count in [1, 10, 100, 1_000, 10_000] {
            let body = serde_json::to_vec(&packet(count)).unwrap();
            group.throughput(Throughput::Elements(count.try_into().unwrap()));
            group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
                bencher.iter(|| Event::from_slice(black_box(&body)).unwrap());
            });
        }
        group.finish();
    }

    for (name, parameter) in [("a query", "foreign=parameter&"), ("an encoded query", "foreign=%70arameter&")]
    {
        let mut group = criterion.benchmark_group(format!("growth of {name}"));
        for count in [1, 10, 100, 1_000, 10_000] {
            let query = format!("{}SdkAppid={OURS}", parameter.repeat(count));
            group.throughput(Throughput::Elements(count.try_into().unwrap()));
            group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
                bencher.iter(|| RequestInfo::from_query(black_box(&query)).unwrap());
            });
        }
        group.finish();
    }

    let mut group = criterion.benchmark_group("growth of drift");
    for count in [1, 10, 100, 1_000, 10_000] {
        let mut packet = members(count);
        packet["MemberList"] = json!(vec![json!({"Member_Account": "member", "New": 1}); count]);
        let body = serde_json::to_vec(&packet).unwrap();
        let delivery = Receiver::new(OURS).receive(&format!("SdkAppid={OURS}"), &body).unwrap();
        assert_eq!(drift::report(&delivery, &body).len(), count.min(101));
        group.throughput(Throughput::Elements(count.try_into().unwrap()));
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| drift::report(black_box(&delivery), black_box(&body)));
        });
    }
    group.finish();
}

/// What a check costs beside other applications.
fn apps(criterion: &mut Criterion) {
    let query = format!(
        "SdkAppid={OURS}&CallbackCommand=Live.CallbackAfterDestroyRoom&contenttype=json&ClientIP=127.0.0.1\
         &OptPlatform=RESTAPI"
    );
    let token = Token::new("xxxxyyyy").unwrap();
    let now = UnixSeconds::now();
    let signed = format!("{query}&Sign={}&RequestTime={now}", token.sign(now));
    // Spread over the numbers that the console gives.
    let others = |count: u64| (0..count).map(|number| SdkAppId::new(1_400_000_000 + 1 + number * 49_999));
    let open = |count| others(count).fold(Receiver::new(OURS), Receiver::with_app);
    let closed = |count| {
        let ours = App::new(OURS).with_token(token.clone());
        let apps = others(count).map(|id| App::new(id).with_token(Token::new(id.to_string()).unwrap()));
        apps.fold(Receiver::new(ours), Receiver::with_app).with_tolerance(Duration::MAX)
    };
    let mut group = criterion.benchmark_group("apps");
    for (name, count) in [("1 app", 0), ("10,000 apps", 9_999)] {
        let receiver = open(count);
        group.bench_function(format!("k: Receiver::check, {name}"), |bencher| {
            bencher.iter(|| receiver.check(black_box(&query)).unwrap());
        });
        let receiver = closed(count);
        group.bench_function(format!("k: Receiver::check, {name}, signed"), |bencher| {
            bencher.iter(|| receiver.check(black_box(&signed)).unwrap());
        });
    }
    group.finish();
}

/// Messages, whose elements are of several kinds.
fn messages(criterion: &mut Criterion) {
    let elements = [
        ("text", r#"{"MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}}"#),
        ("text, content first", r#"{"MsgContent":{"Text":"red packet"},"MsgType":"TIMTextElem"}"#),
        (
            "custom",
            r#"{"MsgType":"TIMCustomElem","MsgContent":{"Data":"{\"gift\":7}","Desc":"a gift","Ext":"url","Sound":"x.aiff"}}"#,
        ),
        ("face", r#"{"MsgType":"TIMFaceElem","MsgContent":{"Index":1,"Data":"smile"}}"#),
    ];
    let mut group = criterion.benchmark_group("messages");
    for (kind, element) in elements {
        for count in [1, 10, 100] {
            let body = format!(
                r#"{{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"@TGS#2J4SZEAEL","Type":"Live","From_Account":"jared","Operator_Account":"admin","Random":123456,"MsgId":"144115223434344444-1670574414-123456","MsgBody":[{}],"CloudCustomData":"your cloud custom data","EventTime":"1670574414123"}}"#,
                vec![element; count].join(",")
            );
            group.throughput(Throughput::Elements(count.try_into().unwrap()));
            group.bench_function(BenchmarkId::new(kind, count), |bencher| {
                bencher.iter(|| Event::from_slice(black_box(body.as_bytes())).unwrap());
            });
        }
    }
    group.finish();
}

/// Receiving a hostile body, and reporting what it contains that is not modelled.
fn hostile(criterion: &mut Criterion) {
    let receiver = Receiver::new(OURS);
    let query = format!("SdkAppid={OURS}");
    let mut group = criterion.benchmark_group("hostile");
    for (name, body) in hostile::bodies() {
        let body = body.as_bytes();
        let delivery = receiver.receive(&query, body).unwrap();
        assert!(drift::report(&delivery, body).len() <= 101, "{name}");
        group.throughput(Throughput::Bytes(body.len().try_into().unwrap()));
        group.bench_function(BenchmarkId::new("receive", name), |bencher| {
            bencher.iter(|| receiver.receive(black_box(&query), black_box(body)).unwrap());
        });
        group.bench_function(BenchmarkId::new("drift", name), |bencher| {
            bencher.iter(|| drift::report(black_box(&delivery), black_box(body)));
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500));
    targets = room_destroyed, apps, packets, messages, replies, growth, hostile
}
criterion_main!(benches);
