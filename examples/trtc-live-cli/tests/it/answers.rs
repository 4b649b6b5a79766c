//! How answers are judged.

use std::{net::TcpListener, thread, time::Duration};

use serde_json::{Value, json};
use trtc_live_webhook::{
    Command, Event, Receiver, Reply,
    event::{gift, message},
};

use crate::{
    program::{Run, trtc_live},
    service::{OURS, Service},
};

/// Sends one sample to a service that gives this answer, with `--json`.
#[track_caller]
fn answer(command: &str, status: u16, body: &str) -> (Run, Value) {
    let service = Service::answering(status, body);
    let run = trtc_live(["send", command, "--json", "--url", &service.url]);
    let line = run.json().remove(0);
    (run, line)
}

#[test]
fn a_line_of_json_says_it_all() {
    let (run, mut line) = answer("BeforeSendGift", 200, &Reply::from(gift::Decision::Reject).to_json());
    assert_eq!(run.status, 0, "{run:?}");
    assert!(line["millis"].take().is_u64());
    let expected = json!({
        "sample": "Live.CallbackBeforeSendGift",
        "command": "Live.CallbackBeforeSendGift",
        "status": 200,
        "valid": true,
        "late": false,
        "millis": null,
        "decision": "reject",
        "problem": null,
        "reply": {"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 1},
    });
    assert_eq!(line, expected);
}

#[test]
fn a_reply_of_several_lines_stays_on_one() {
    let (run, line) = answer(
        "AfterSendMsg",
        200,
        "{\r\n  \"ActionStatus\": \"FAIL\",\n  \"ErrorInfo\": \"a\\nb\",\n  \"ErrorCode\": 7\n}\n",
    );
    assert_eq!((run.status, run.stdout.lines().count()), (0, 1), "{run:?}");
    assert_eq!(line["reply"], json!({"ActionStatus": "FAIL", "ErrorInfo": "a\nb", "ErrorCode": 7}));
}

#[test]
fn decisions_are_told_for_the_two_commands_that_ask() {
    let reject = gift::Decision::reject_with(gift::Code::new(102_100).unwrap(), "no coins");
    let changes = message::Changes::new().with_cloud_custom_data("checked");
    for (command, reply, decision) in [
        ("BeforeSendGift", Reply::ok(), json!("allow")),
        ("BeforeSendGift", reject.clone().into(), json!("reject with 102100")),
        ("BeforeSendMsg", message::Decision::AllowChanged(changes).into(), json!("allow with changes")),
        ("BeforeSendMsg", message::Decision::Discard.into(), json!("discard")),
        ("BeforeSendMsg", reject.into(), json!("none that is documented")),
        ("AfterSendMsg", Reply::ok(), Value::Null),
    ] {
        let (run, line) = answer(command, 200, &reply.to_json());
        assert_eq!(run.status, 0, "{run:?}");
        assert_eq!((&line["valid"], &line["decision"]), (&json!(true), &decision), "{command}");
    }
}

#[test]
fn what_is_no_reply_is_told_with_the_reason() {
    let ok = Reply::ok().to_json();
    for (status, body, problem, reply) in [
        (500, "out of order", "status is 500, not 200", json!("out of order")),
        (500, r#""\ud800""#, "status is 500, not 200", json!(r#""\ud800""#)),
        (302, "", "status is 302, not 200", Value::Null),
        (401, &*ok, "status is 401, not 200", json!({"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0})),
        (
            200,
            "<html>\u{1b}[2J",
            "body is not a JSON object: expected value at line 1 column 1",
            json!("<html> [2J"),
        ),
        (200, "", "body is not a JSON object: EOF while parsing a value at line 1 column 0", Value::Null),
        (
            200,
            r#"["OK","",0]"#,
            "body is not a JSON object: invalid type: sequence, expected a map at line 1 column 0",
            json!(["OK", "", 0]),
        ),
        (
            200,
            r#"{"ErrorCode":0}"#,
            "body is not a reply packet: missing field `ActionStatus` at line 1 column 15",
            json!({"ErrorCode": 0}),
        ),
    ] {
        let (run, line) = answer("BeforeSendGift", status, body);
        assert_eq!(run.status, 1, "{run:?}");
        assert_eq!((&line["status"], &line["valid"]), (&json!(status), &json!(false)));
        assert_eq!(line["problem"], problem);
        assert_eq!((&line["decision"], &line["reply"]), (&Value::Null, &reply));
        assert!(run.stderr.starts_with("1 delivery, 0 valid replies, slowest "), "{}", run.stderr);
    }
}

#[test]
fn an_endless_body_is_not_read_to_its_end() {
    let (run, line) = answer("AfterSendMsg", 200, &" ".repeat(2 << 20));
    assert_eq!(run.status, 1, "{run:?}");
    assert_eq!(line["problem"], "body is longer than 1048576 bytes");
}

#[test]
fn a_connection_that_breaks_is_no_reply() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || listener.incoming().for_each(drop));
    let run = trtc_live(["send", "AfterSendMsg", "--json", "--url", &url]);
    assert_eq!(run.status, 1, "{run:?}");
    let line = &run.json()[0];
    assert_eq!((&line["status"], &line["valid"]), (&Value::Null, &json!(false)));
    assert!(line["problem"].as_str().unwrap().starts_with("no answer: "), "{line}");
}

#[test]
fn one_bad_reply_among_many_is_enough() {
    let service = Service::start(|received| match received.delivery(&Receiver::new(OURS)).event {
        Event::AfterFollowAdd(_) => (500, String::new()),
        _ => (200, Reply::ok().to_json()),
    });
    let run = trtc_live(["send", "--all", "--url", &service.url, "--sdk-app-id", "1400000001"]);
    assert_eq!(run.status, 1, "{run:?}");
    let count = Command::ALL.len();
    let summary = format!("\n{count} deliveries, {} valid replies, slowest ", count - 1);
    assert!(run.stdout.contains(&summary), "{}", run.stdout);
    let failed: Vec<_> = run.stdout.lines().filter(|line| line.starts_with("FAIL")).collect();
    assert_eq!(failed.len(), 1);
    assert!(failed[0].contains("Follow.CallbackAfterFollowAdd"), "{}", failed[0]);
}

#[test]
fn a_late_reply_is_told_and_none_is_not_waited_for() {
    let service = Service::start(|received| {
        let gift = received.line.contains("BeforeSendGift");
        thread::sleep(Duration::from_millis(if gift { 2001 } else { 60_000 }));
        (200, Reply::ok().to_json())
    });
    let (late, none) = thread::scope(|scope| {
        let late = scope.spawn(|| trtc_live(["send", "BeforeSendGift", "--url", &service.url]));
        let none = trtc_live(["send", "BeforeSendMsg", "--json", "--url", &service.url]);
        (late.join().unwrap(), none)
    });
    assert_eq!((late.status, none.status), (1, 1), "{late:?} {none:?}");

    assert!(late.stdout.starts_with("FAIL  Live.CallbackBeforeSendGift "), "{}", late.stdout);
    let verdict = "  valid reply, but late: it came after more than 2000 ms  decision: allow  ";
    assert!(late.stdout.contains(verdict), "{}", late.stdout);
    let summary = late.stdout.lines().last().unwrap();
    assert!(summary.starts_with("1 delivery, 1 valid reply, 1 late, slowest 2"), "{summary}");

    let line = &none.json()[0];
    assert_eq!((&line["valid"], &line["late"], &line["status"]), (&json!(false), &json!(true), &Value::Null));
    let problem = line["problem"].as_str().unwrap();
    let millis: u64 =
        problem.trim_start_matches("no answer within ").trim_end_matches(" ms").parse().unwrap();
    assert!((3000..10_000).contains(&millis), "{problem}");
    assert!(line["millis"].as_u64() >= Some(3000), "{line}");
}
