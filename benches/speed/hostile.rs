//! Bodies of 64 KiB that are made to cost much, each of a kind of its own.

use std::fmt::Write;

/// Size that services are told to limit bodies to.
const SIZE: usize = 64 << 10;

const MESSAGES: &str = r#"{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","MsgBody":["#;
const MEMBERS: &str = r#"{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"r","EventType":"Online","MemberList":["#;
const FILES: &str = r#"{"CallbackCommand":"Live.CallbackAfterCloudRecordingChanged","EventType":310,"EventInfo":{"Payload":{"FileMessage":["#;
const FOLLOWS: &str =
    r#"{"CallbackCommand":"Follow.CallbackAfterFollowDelete","From_Account":"u","To_Account":["#;
const SEATS: &str = r#"{"CallbackCommand":"Mic.CallbackAfterSeatInfoChanged","RoomId":"r","SeatList":["#;
const BATTLE: &str = r#"{"CallbackCommand":"Live.CallbackAfterEndBattle","BattleId":"b","ToRoomList":["#;
const CATEGORIES: &str =
    r#"{"CallbackCommand":"Live.CallbackAfterCreateRoom","RoomInfo":{"RoomId":"r","Category":["#;
const DESTROYED: &str = r#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"r","EventType":"x""#;

/// The parts, as many as fit, with commas between them.
fn filled(head: &str, tail: &str, part: impl Fn(usize) -> String) -> String {
    let mut body = format!("{head}{}", part(0));
    for number in 1.. {
        let part = part(number);
        if body.len() + 1 + part.len() + tail.len() > SIZE {
            break;
        }
        write!(body, ",{part}").unwrap();
    }
    body + tail
}

/// The part, as often as it fits.
fn repeated(head: &str, part: &str, tail: &str) -> String {
    filled(head, tail, |_| part.to_owned())
}

/// Value within as many objects or lists.
fn nested(open: &str, value: &str, close: &str, depth: usize) -> String {
    format!("{}{value}{}", open.repeat(depth), close.repeat(depth))
}

/// Short names, the last in the order of the alphabet first.
fn descending(number: usize) -> String {
    format!("\"{}\":0", 99_999 - number)
}

pub(crate) fn bodies() -> Vec<(&'static str, String)> {
    let objects = nested("{\"\":", "0", "}", 110);
    let lists = nested("[", "0", "]", 110);
    let destroyed = |field: &str| format!("{DESTROYED},{field}}}");
    let element = |content: &str| format!(r#"{{"MsgType":"x","MsgContent":{content}}}"#);
    let messages = |content: &str| repeated(MESSAGES, &element(content), "]}");
    let one_message = |part: &dyn Fn(usize) -> String| {
        filled(&format!(r#"{MESSAGES}{{"MsgType":"x","MsgContent":{{"#), "}}]}", part)
    };
    let long = |part: &str| part.repeat((SIZE - 200) / part.len());
    vec![
        // Kept.
        ("kept objects, nested", messages(&objects)),
        ("kept lists, nested", messages(&lists)),
        ("kept numbers", messages("[0,1.5,1e300,-1]")),
        ("kept long numbers", messages(&format!("[{}]", "9".repeat(300)))),
        ("kept fields", one_message(&|number| format!("\"{number}\":0"))),
        ("kept fields, descending", one_message(&descending)),
        ("a kept string", format!("{MESSAGES}{}]}}", element(&format!("\"{}\"", long("x"))))),
        ("a kept string, escaped", format!("{MESSAGES}{}]}}", element(&format!("\"{}\"", long("\\n"))))),
        ("a kept name, escaped", format!("{MESSAGES}{}]}}", element(&format!("{{\"{}\":0}}", long("\\n"))))),
        ("elements of an unknown kind", messages("{}")),
        ("elements of an unknown kind, content first", {
            repeated(MESSAGES, r#"{"MsgContent":{"":0},"MsgType":"x"}"#, "]}")
        }),
        ("elements without content", repeated(MESSAGES, r#"{"MsgType":""}"#, "]}")),
        (
            "fields beside a content",
            filled(&format!(r#"{MESSAGES}{{"MsgType":"x""#), "}]}", |number| {
                if number == 0 { String::new() } else { descending(number) }
            })
            .replacen(",,", ",", 1),
        ),
        // Skipped.
        ("unknown objects, nested", repeated(&format!("{DESTROYED},\"New\":["), &objects, "]}")),
        ("unknown lists, nested", repeated(&format!("{DESTROYED},\"New\":["), &lists, "]}")),
        ("unknown fields", filled(&format!("{DESTROYED},"), "}", |number| format!("\"{number}\":0"))),
        (
            "unknown fields, each often",
            filled(&format!("{DESTROYED},"), "}", |number| format!("\"{}\":0", 100 + number % 99)),
        ),
        ("an unknown field, often", repeated(&format!("{DESTROYED},"), "\"\":0", "}")),
        ("an unknown name", destroyed(&format!("\"{}\":0", long("x")))),
        ("an unknown name, escaped", destroyed(&format!("\"{}\":0", long("\\n")))),
        (
            "unknown names of slashes",
            filled(&format!("{DESTROYED},"), "}", |number| format!("\"{number}{}\":0", "/".repeat(600))),
        ),
        (
            "unknown names of slashes and letters",
            filled(&format!("{DESTROYED},"), "}", |number| format!("\"{number}{}\":0", "/a".repeat(100))),
        ),
        ("an unknown string", destroyed(&format!("\"New\":\"{}\"", long("x")))),
        ("an unknown number", destroyed(&format!("\"New\":{}", long("9")))),
        ("unknown fields in elements", repeated(MEMBERS, r#"{"Member_Account":0,"":0}"#, "]}")),
        ("unknown fields in small elements", repeated(FILES, r#"{"":0}"#, "]}}}")),
        // Modelled.
        ("unrecognized values", repeated(FILES, r#"{"TrackType":""}"#, "]}}}")),
        ("unrecognized values, two each", repeated(FILES, r#"{"TrackType":"","MediaId":""}"#, "]}}}")),
        ("an unrecognized value", {
            format!(
                r#"{{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"r","EventType":"{}"}}"#,
                long("x")
            )
        }),
        ("empty elements", repeated(FILES, "{}", "]}}}")),
        ("elements with one field", repeated(SEATS, r#"{"Index":0}"#, "]}")),
        ("elements with an id", repeated(BATTLE, r#"{"RoomId":0}"#, "]}")),
        ("elements with text", {
            repeated(MESSAGES, r#"{"MsgType":"TIMTextElem","MsgContent":{"Text":""}}"#, "]}")
        }),
        ("elements with text and more", {
            repeated(MESSAGES, r#"{"MsgType":"TIMTextElem","MsgContent":{"Text":"","":0},"":0}"#, "]}")
        }),
        ("images", {
            let image = r#"{"MsgType":"TIMImageElem","MsgContent":{"ImageInfoArray":[{},{},{}]}}"#;
            repeated(MESSAGES, image, "]}")
        }),
        ("forwarded messages", {
            let relay = r#"{"MsgType":"TIMRelayElem","MsgContent":{"MsgList":[{},{}]}}"#;
            repeated(MESSAGES, relay, "]}")
        }),
        ("forwarded messages with more", {
            let relay = r#"{"MsgType":"TIMRelayElem","MsgContent":{"MsgList":[{"":0,"MsgBody":[]}]}}"#;
            repeated(MESSAGES, relay, "]}")
        }),
        ("numbers", repeated(CATEGORIES, "0", "]}}")),
        ("ids", repeated(FOLLOWS, "0", "]}")),
        ("empty ids", repeated(FOLLOWS, "\"\"", "]}")),
        ("an id", destroyed(&format!("\"Operator_Account\":\"{}\"", long("x")))),
        ("an id, escaped", destroyed(&format!("\"Operator_Account\":\"{}\"", long("\\n")))),
        // Kept whole: there is nothing to compare.
        ("an unrecognized command", repeated(r#"{"CallbackCommand":"Call.X","New":["#, "0", "]}")),
    ]
}
