//! What receiving allocates, and what looking for drift does.

use allocation_counter::measure;
use serde_json::Value;
use trtc_live_webhook::{App, Delivery, Event, Receiver, Reply, SdkAppId, Token, UnixSeconds, drift};

use crate::support::{arbitrary_precision, fields, fixtures, packets, request};

/// A clone allocates what the event owns: its strings, lists and boxes.
#[test]
fn an_event_allocates_what_it_owns_and_nothing_else() {
    for fixture in packets() {
        let mut event = None;
        let reading = measure(|| event = Event::from_slice(fixture.text.as_bytes()).ok());
        let mut copy = None;
        let cloning = measure(|| copy = event.clone());
        assert!(cloning.count_total > 0);
        let more = reading.count_total - cloning.count_total;
        assert!(
            more <= numbers(&fixture.packet) + set_aside(&fixture.text),
            "{more} more in {}",
            fixture.name
        );
        assert_eq!(copy, event);
    }
}

/// No detour is made through a `Value`. To skip what is nested, the parser keeps track of it in memory of its own.
#[test]
fn nor_does_one_whose_command_comes_last() {
    for fixture in fixtures() {
        let mut packet = fixture.packet.clone();
        let command = packet.as_object_mut().unwrap().remove("CallbackCommand").unwrap();
        // A value has its keys sorted, and the kind of an element is to come before its content.
        let rest = packet.to_string().replace(
            r#""MsgContent":{"Text":"red packet"},"MsgType":"TIMTextElem""#,
            r#""MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}"#,
        );
        let aside = set_aside(&rest);
        let body = format!("{},\"CallbackCommand\":{command}}}", rest.strip_suffix('}').unwrap());
        let mut event = None;
        let reading = measure(|| event = Event::from_slice(body.as_bytes()).ok());
        let cloning = measure(|| drop(event.clone()));
        assert!(event.is_some());
        let more = reading.count_total - cloning.count_total;
        assert!(more <= 1 + numbers(&packet) + aside, "{more} more in {}", fixture.name);
    }
}

/// What the contents of elements cost at most that stand before their kinds, and are set aside until that is known: a
/// few allocations for each of their values.
fn set_aside(text: &str) -> u64 {
    let compact: String = text.split_whitespace().collect();
    let contents = compact.split(r#"{"MsgContent":"#).skip(1);
    contents.map(|content| 4 * u64::try_from(content.matches(':').count()).unwrap()).sum()
}

/// How many numbers the parser reads by way of text: all, if it keeps numbers of any size, else none.
fn numbers(packet: &Value) -> u64 {
    let pointers = fields(packet);
    let count =
        pointers.iter().filter(|pointer| packet.pointer(pointer).is_some_and(Value::is_number)).count();
    // A fraction goes by way of a value.
    let fractions =
        pointers.iter().filter(|pointer| packet.pointer(pointer).is_some_and(Value::is_f64)).count();
    if arbitrary_precision() { u64::try_from(count + 8 * fractions).unwrap() } else { 0 }
}

#[test]
fn a_check_allocates_the_content_type() {
    let ours = SdkAppId::new(1_400_000_000);
    let token = Token::new("xxxxyyyy").unwrap();
    let now = UnixSeconds::now();
    let query = format!(
        "SdkAppid={ours}&CallbackCommand=Live.CallbackAfterEndBattle&contenttype=json&ClientIP=127.0.0.1\
         &OptPlatform=RESTAPI&Sign={}&RequestTime={now}",
        token.sign(now)
    );
    let receiver = Receiver::new(App::new(ours).with_token(token));
    let checking = measure(|| drop(receiver.check(&query).unwrap()));
    assert_eq!(checking.count_total, 1);
}

#[test]
fn an_ok_is_one_string() {
    let reply = Reply::ok();
    assert_eq!(measure(|| drop(reply.to_json())).count_total, 1);
    assert_eq!(measure(|| drop(Reply::ok())).count_total, 0);
}

/// How many bytes of memory a body of a kilobyte or more may take for each of its own while it is read, at worst.
const FACTOR: u64 = 208;

/// The same for reading it and then looking for drift. The delivery is there all the time.
const FACTOR_WITH_DRIFT: u64 = 208;

/// Bodies that take much memory for their size, the lists in them of so many elements.
fn bodies(count: usize) -> Vec<String> {
    let list = |head: &str, element: &str, tail: &str, count: usize| {
        format!("{head}{}{element}{tail}", format!("{element},").repeat(count))
    };
    let unknown = r#"{"CallbackCommand":"Call.X","New":["#;
    let messages = r#"{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","MsgBody":["#;
    let follows =
        r#"{"CallbackCommand":"Follow.CallbackAfterFollowDelete","From_Account":"u","To_Account":["#;
    let seats = r#"{"CallbackCommand":"Mic.CallbackAfterSeatInfoChanged","RoomId":"r","SeatList":["#;
    let files = r#"{"CallbackCommand":"Live.CallbackAfterCloudRecordingChanged","EventType":310,"EventInfo":{"Payload":{"FileMessage":["#;
    let room = r#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"r","EventType":"x","New":["#;
    let objects = format!("{}0{}", "{\"\":".repeat(120), "}".repeat(120));
    let lists = format!("{}0{}", "[".repeat(120), "]".repeat(120));
    vec![
        list(unknown, "0", "]}", count),
        list(unknown, "[]", "]}", count),
        list(unknown, r#"{"":0}"#, "]}", count),
        list(unknown, r#""""#, "]}", count),
        list(unknown, &objects, "]}", count / 100),
        list(unknown, &lists, "]}", count / 100),
        list(messages, r#"{"MsgType":"TIMTextElem","MsgContent":{"Text":""}}"#, "]}", count),
        list(messages, r#"{"MsgType":"","MsgContent":{"":0}}"#, "]}", count),
        list(messages, r#"{"MsgContent":{"":0},"MsgType":""}"#, "]}", count),
        list(
            &format!(r#"{messages}{{"MsgType":"TIMRelayElem","MsgContent":{{"MsgList":["#),
            "{}",
            "]}}]}",
            count,
        ),
        list(
            &format!(r#"{messages}{{"MsgContent":{{"MsgList":["#),
            "{}",
            r#"]},"MsgType":"TIMRelayElem"}]}"#,
            count,
        ),
        list(
            &format!(r#"{messages}{{"MsgType":"TIMImageElem","MsgContent":{{"ImageInfoArray":["#),
            "{}",
            "]}}]}",
            count,
        ),
        list(
            &format!(r#"{messages}{{"MsgType":"TIMTextElem","MsgContent":{{"Text":"","New":["#),
            "{}",
            "]}}]}",
            count,
        ),
        list(
            &format!(r#"{messages}{{"MsgContent":{{"Text":"","New":["#),
            "[]",
            r#"]},"MsgType":"TIMTextElem"}]}"#,
            count,
        ),
        list(
            r#"{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","GroupAtInfo":["#,
            "{}",
            "]}",
            count,
        ),
        list(follows, "0", "]}", count),
        list(seats, r#"{"Index":0}"#, "]}", count),
        list(files, "{}", "]}}}", count),
        list(room, &objects, "]}", count / 100),
        list(room, "0", "],\"EventTime\":\"x\"}", count),
        format!(r#"{{"CallbackCommand":"{}"}}"#, "\\n".repeat(count)),
        destroyed_at(&"\u{200b}".repeat(count)),
    ]
}

/// Bodies in which there is much to find, besides those.
fn drifting(count: usize) -> Vec<String> {
    let destroyed = |fields: String| {
        format!(
            r#"{{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"r","EventType":"x"{fields}}}"#
        )
    };
    let files = |file: &str| {
        let files = vec![file; count].join(",");
        format!(
            r#"{{"CallbackCommand":"Live.CallbackAfterCloudRecordingChanged","EventType":310,"EventInfo":{{"Payload":{{"FileMessage":[{files}]}}}}}}"#
        )
    };
    let element = |fields: &str| {
        format!(
            r#"{{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","MsgBody":[{{"MsgType":"x"{fields},"MsgContent":[{}]}}]}}"#,
            vec![r#"{"":0}"#; count].join(",")
        )
    };
    let numbers = vec!["0"; count].join(",");
    let distinct: Vec<_> = (0..count).map(|number| format!(r#","{number}":0"#)).collect();
    let distinct = distinct.concat();
    vec![
        destroyed(r#","":0"#.repeat(count)),
        destroyed(distinct.clone()),
        destroyed(format!(r#","{}":0"#, "/".repeat(count))),
        destroyed(format!(r#","{}":0"#, "\\n".repeat(count))),
        files(r#"{"":0}"#),
        files(r#"{"TrackType":""}"#),
        files(r#"{"TrackType":"","MediaId":""}"#),
        element(""),
        element(&distinct),
        format!(
            r#"{{"CallbackCommand":"Live.CallbackAfterCreateRoom","RoomInfo":{{"RoomId":"r","Category":[{numbers}]}}}}"#
        ),
        format!(
            r#"{{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"r","EventType":"{}"}}"#,
            "x".repeat(count)
        ),
    ]
}

/// Measures the memory that each body takes, and requires that it stays within the factor and that the factor is no
/// larger than it has to be.
#[track_caller]
fn assert_linear(bodies: fn(usize) -> Vec<String>, factor: u64, what: &str, take: fn(&[u8])) {
    let mut worst = (0.0, 0, String::new());
    // A list has just been moved to twice the room.
    for count in [65, 129, 257, 513, 1_025, 16_385, 65_537] {
        for body in bodies(count).into_iter().filter(|body| body.len() >= 1024) {
            let peak = measure(|| take(body.as_bytes())).bytes_max;
            let size = u64::try_from(body.len()).unwrap();
            let times = f64::from(u32::try_from(peak).unwrap()) / f64::from(u32::try_from(size).unwrap());
            assert!(peak <= factor * size, "{what} {} takes {times:.1} times its size", start(&body));
            if times > worst.0 {
                worst = (times, body.len(), start(&body));
            }
        }
    }
    let (times, size, body) = worst;
    println!("{what} {size} bytes {body}… takes {times:.1} times the size in memory, of {factor} at most");
    assert!(times > f64::from(u32::try_from(factor).unwrap()) * 0.9, "{times}");
}

fn start(body: &str) -> String {
    body.chars().take(120).collect()
}

#[test]
fn the_memory_that_a_body_takes_is_linear_in_its_size() {
    assert_linear(bodies, FACTOR, "receiving", |body| drop(Event::from_slice(body)));
}

#[test]
fn the_memory_that_a_body_and_its_drift_take_is_linear_in_its_size() {
    fn take(body: &[u8]) {
        let Ok(delivery) = Delivery::from_trusted(request(), body) else { return };
        let findings = drift::report(&delivery, body);
        assert!(findings.len() <= 101);
    }

    assert_linear(
        |count| [bodies(count), drifting(count)].concat(),
        FACTOR_WITH_DRIFT,
        "receiving and reporting",
        take,
    );
}

fn destroyed_at(time: &str) -> String {
    format!(
        r#"{{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"r","EventType":"x","EventTime":"{time}"}}"#
    )
}
