//! What bad input gets: an error that names the place, never a panic.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use trtc_live_webhook::{Event, EventError, UnrecognizedEvent};

use crate::support::{arbitrary_precision, chain, fields, fixture, packets, path, with, without};

#[track_caller]
fn refused(body: &[u8]) -> EventError {
    let error = match Event::from_slice(body) {
        Err(error) => error,
        Ok(event) => panic!("{} is {event:?}", String::from_utf8_lossy(body)),
    };
    assert_eq!(error.status_code(), 400);
    let place = format!(" at {}", error.place().unwrap());
    assert!(error.to_string().ends_with(&place), "{error} is not{place}");
    error
}

#[track_caller]
fn assert_refused(body: impl AsRef<[u8]>, text: &str) {
    assert_eq!(chain(&refused(body.as_ref())), text);
}

#[test]
fn every_prefix_of_every_fixture_is_refused() {
    for fixture in packets() {
        let body = fixture.text.trim_end().as_bytes();
        for end in 0..body.len() {
            let error = refused(&body[..end]);
            assert!(matches!(error, EventError::Syntax { .. }), "{}: {error:?}", fixture.name);
        }
    }
}

#[test]
fn every_field_is_optional_or_named_when_it_is_missing() {
    let mut required: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for fixture in packets() {
        for pointer in fields(&fixture.packet) {
            let packet = without(&fixture.packet, &pointer);
            if let Err(error) = Event::from_slice(packet.to_string().as_bytes()) {
                assert_eq!(error.path().unwrap(), path(&pointer), "{}", fixture.name);
                // Without its command, the packet is TRTC's own callback.
                if error != EventError::TrtcCallback {
                    assert!(error.to_string().contains(&path(&pointer)), "{error}");
                    assert!(
                        chain(&error)
                            .ends_with(&format!("missing field `{}`", pointer.rsplit('/').next().unwrap()))
                    );
                }
                // Each element of a list is like the others.
                let pointer = pointer.replace(|digit: char| digit.is_ascii_digit(), "*");
                required.entry(fixture.command().to_owned()).or_default().insert(pointer);
            }
        }
    }
    for (command, required) in &mut required {
        assert!(required.remove("/CallbackCommand"), "{command}");
    }
    let expected = REQUIRED.iter().map(|(command, pointers)| {
        (command.to_string(), pointers.iter().map(ToString::to_string).collect::<BTreeSet<_>>())
    });
    assert_eq!(required, expected.collect());
}

/// What no packet says anything without, beside its command.
const REQUIRED: &[(&str, &[&str])] = &[
    ("Follow.CallbackAfterFollowAdd", &["/FollowList/*/To_Account", "/From_Account"]),
    ("Follow.CallbackAfterFollowDelete", &["/From_Account"]),
    (
        "Group.CallbackAfterSendMsg",
        &[
            "/GroupId",
            "/MsgBody/*/MsgContent",
            "/MsgBody/*/MsgContent/MsgList/*/MsgBody/*/MsgContent",
            "/MsgBody/*/MsgContent/MsgList/*/MsgBody/*/MsgContent/Text",
            "/MsgBody/*/MsgContent/MsgList/*/MsgBody/*/MsgType",
            "/MsgBody/*/MsgContent/Text",
            "/MsgBody/*/MsgType",
        ],
    ),
    (
        "Group.CallbackBeforeSendMsg",
        &["/GroupId", "/MsgBody/*/MsgContent", "/MsgBody/*/MsgContent/Text", "/MsgBody/*/MsgType"],
    ),
    ("Live.CallbackAfterChangeOwner", &["/CurrentOwner_Account", "/RoomId"]),
    ("Live.CallbackAfterCloudRecordingChanged", &["/EventInfo", "/EventType"]),
    ("Live.CallbackAfterCreateBattle", &["/BattleId"]),
    ("Live.CallbackAfterCreateRoom", &["/RoomInfo", "/RoomInfo/RoomId"]),
    ("Live.CallbackAfterCreateRoomReachingThreshold", &[]),
    ("Live.CallbackAfterDelMetadata", &["/RoomId"]),
    ("Live.CallbackAfterDestroyRoom", &["/EventType", "/RoomId"]),
    ("Live.CallbackAfterEndBattle", &["/BattleId", "/FromRoomInfo/RoomId", "/ToRoomList/*/RoomId"]),
    ("Live.CallbackAfterMemberStateChanged", &["/EventType", "/MemberList/*/Member_Account", "/RoomId"]),
    ("Live.CallbackAfterModifyAdmin", &["/RoomId", "/opType"]),
    ("Live.CallbackAfterSetMetadata", &["/Metadata/*/Key", "/RoomId"]),
    ("Live.CallbackAfterStartBattle", &["/BattleId", "/FromRoomInfo/RoomId", "/ToRoomList/*/RoomId"]),
    ("Live.CallbackAfterUpdateRoomInfo", &["/RoomInfo", "/RoomInfo/RoomId"]),
    ("Live.CallbackBeforeSendGift", &["/GiftWater", "/GiftWater/GiftId", "/RoomId"]),
    ("Mic.CallbackAfterSeatInfoChanged", &["/RoomId", "/SeatList/*/Index"]),
];

#[test]
fn every_field_is_named_when_it_is_of_the_wrong_type() {
    for fixture in packets() {
        for pointer in fields(&fixture.packet) {
            let wrong = match fixture.packet.pointer(&pointer).unwrap() {
                // Not even a list of as many values.
                Value::Object(object) => {
                    let values = Value::Array(object.values().cloned().collect());
                    vec![json!("MARKER"), json!(987_654_321), json!(true), json!([]), values]
                }
                // Not text: a list of files may be that.
                Value::Array(_) => vec![json!(987_654_321), json!(true), json!({"MARKER": "MARKER"})],
                // A latitude may be a fraction.
                Value::Number(number) if number.is_f64() => vec![json!("MARKER"), json!(true), json!([])],
                Value::Bool(_) => vec![json!("MARKER"), json!(987_654_321), json!([]), json!({})],
                _ => vec![json!(987_654_321.5), json!(true), json!(["MARKER"]), json!({"MARKER": 1})],
            };
            for wrong in wrong {
                let body = with(&fixture.packet, &pointer, wrong).to_string();
                let error = refused(body.as_bytes());
                assert_eq!(error.path().unwrap(), path(&pointer), "{body}");
                assert!(error.to_string().contains(&path(&pointer)), "{error}");
                let place = error.place().unwrap();
                assert!(place.line == 1 && place.column > 0, "{error}");
                let texts = format!("{}{error:?}", chain(&error));
                assert!(!texts.contains("MARKER") && !texts.contains("987654321"), "{texts}");
            }
        }
    }
}

/// A list of objects, each of which is given as the list of its values.
#[test]
fn no_object_is_read_from_a_list() {
    for fixture in packets() {
        for pointer in fields(&fixture.packet) {
            let Value::Array(list) = fixture.packet.pointer(&pointer).unwrap() else { continue };
            let Some(object) = list.first().and_then(Value::as_object) else { continue };
            let values: Vec<_> = object.values().cloned().collect();
            let packet = with(&fixture.packet, &format!("{pointer}/0"), json!(values));
            let error = refused(packet.to_string().as_bytes());
            assert_eq!(error.path().unwrap(), format!("{}[0]", path(&pointer)));
        }
    }
}

#[test]
fn every_field_is_refused_twice() {
    for fixture in packets() {
        let command = fixture.command();
        for (name, value) in fixture.packet.as_object().unwrap() {
            let text = fixture.packet.to_string();
            let body = format!("{},\"{name}\":{value}}}", &text[..text.len() - 1]);
            let error = refused(body.as_bytes());
            assert_eq!(error.path(), Some(name.as_str()), "{command}");
            assert!(chain(&error).ends_with(&format!("duplicate field `{name}`")), "{error:?}");
        }
    }
}

#[test]
fn a_body_that_is_not_utf_8() {
    let destroy = fixture("Live.CallbackAfterDestroyRoom").text;
    let mut body = destroy.into_bytes();
    let at = body.windows(4).position(|bytes| bytes == b"live").unwrap();
    body[at] = 0xff;
    assert_refused(&body, "body is not UTF-8 at line 8 column 18");
    assert_refused(b"\xff", "body is not UTF-8 at line 1 column 1");
    assert_refused(b"\n\n ab\xc3", "body is not UTF-8 at line 3 column 4");
}

#[test]
fn a_body_that_is_not_json() {
    assert_refused("", "body is not JSON at line 1 column 0\nEOF while parsing a value");
    assert_refused("SdkAppid=1", "body is not JSON at line 1 column 1\nexpected value");
    assert_refused("\u{feff}{}", "body is not JSON at line 1 column 1\nexpected value");
    assert_refused(
        "{\"CallbackCommand\":\"Live.CallbackAfterEndBattle\",\n\"BattleId\":\"MARKER",
        "body is not JSON at line 2 column 18\nEOF while parsing a string",
    );
    assert_refused(
        r#"{"CallbackCommand":"Call.X"} {}"#,
        "body is not JSON at line 1 column 30\ntrailing characters",
    );
}

#[test]
fn a_body_that_is_no_packet() {
    assert_refused(
        "{}",
        "missing or invalid CallbackCommand at line 1 column 2\nmissing field `CallbackCommand`",
    );
    assert_refused(
        r#"{"RoomId":"MARKER"}"#,
        "missing or invalid CallbackCommand at line 1 column 19\nmissing field `CallbackCommand`",
    );
    assert_refused(
        r#"["Live.CallbackAfterEndBattle"]"#,
        "missing or invalid CallbackCommand at line 1 column 0\ninvalid type: sequence, expected a packet",
    );
    assert_refused(
        r#""MARKER""#,
        "missing or invalid CallbackCommand at line 1 column 8\ninvalid type: string, expected a packet",
    );
    assert_refused(
        r#"{"CallbackCommand":null}"#,
        "missing or invalid CallbackCommand at line 1 column 23\ninvalid type: null, expected a string",
    );
    assert_refused(
        r#"{"RoomId":"MARKER","CallbackCommand":["MARKER"]}"#,
        "missing or invalid CallbackCommand at line 1 column 37\ninvalid type: sequence, expected a string",
    );
    assert_refused(
        r#"{"CallbackCommand":"Call.MARKER","X":1,"CallbackCommand":"Call.MARKER"}"#,
        "missing or invalid CallbackCommand at line 1 column 71\nduplicate field `CallbackCommand`",
    );
}

#[test]
fn a_field_that_is_missing_or_of_the_wrong_type() {
    assert_refused(
        r#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","EventType":"DestroyByUser"}"#,
        "invalid field RoomId of Live.CallbackAfterDestroyRoom at line 1 column 79\nmissing field `RoomId`",
    );
    assert_refused(
        "{\"CallbackCommand\":\"Live.CallbackAfterEndBattle\",\"BattleId\":\"b\",\n\"ToRoomList\":[{\"RoomId\":1,\"Score\":\"MARKER\"}]}",
        "invalid field ToRoomList[0].Score of Live.CallbackAfterEndBattle at line 2 column 42\n\
         invalid type: string, expected i64",
    );
    let error = refused(
        br#"{"EventTime":"MARKER, expected MARKER","CallbackCommand":"Live.CallbackAfterEndBattle"}"#,
    );
    assert_eq!(error.command().unwrap().as_str(), "Live.CallbackAfterEndBattle");
    assert_eq!(error.path(), Some("EventTime"));
    assert_eq!(
        chain(&error),
        "invalid field EventTime of Live.CallbackAfterEndBattle at line 1 column 38\n\
         invalid value: string, expected an integer of 64 bits or a numeric string"
    );
}

#[test]
fn a_known_command_with_a_broken_field_never_becomes_unrecognized() {
    let body = br#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":{}}"#;
    assert!(matches!(refused(body), EventError::Field { .. }));
    for (json, problem) in [
        (&body[..], "invalid value: string, expected a packet of an unrecognized command"),
        (b"[]", "invalid type: sequence, expected a packet of an unrecognized command"),
    ] {
        let error = serde_json::from_slice::<UnrecognizedEvent>(json).unwrap_err();
        assert!(error.to_string().starts_with(problem), "{error}");
    }
}

/// Faults that skipping a value does not notice, and that its reading does.
#[test]
fn what_is_not_json_after_all_is_no_matter_of_a_field() {
    for wrong in [r#""\ud83d MARKER""#, "1e999", "[1,2", r#"{"MARKER":1e999}"#] {
        if arbitrary_precision() && wrong.contains("1e999") {
            continue; // It is kept, then.
        }
        for body in [
            format!(r#"{{"CallbackCommand":"Call.MARKER\n\u001b[31m","secret MARKER":{wrong}}}"#),
            format!(r#"{{"secret MARKER":{wrong},"CallbackCommand":"Call.MARKER\n"}}"#),
        ] {
            let error = refused(body.as_bytes());
            assert!(matches!(error, EventError::Syntax { .. }), "{error:?}");
            assert_eq!((error.command(), error.path()), (None, None));
            let texts = format!("{}{error:?}", chain(&error));
            assert!(!texts.contains("MARKER"), "{texts}");
        }
        let body = format!(
            r#"{{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","MsgBody":[{{"MsgType":"x","MARKER":{wrong}}}]}}"#
        );
        let error = refused(body.as_bytes());
        assert!(matches!(error, EventError::Syntax { .. }), "{error:?}");
        assert!(!format!("{}{error:?}", chain(&error)).contains("MARKER"), "{error:?}");
    }
}

#[test]
fn nesting_thousands_deep() {
    let deep = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(
            r#"{{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"]\"]","EventType":"x","New":{open}{close}}}"#
        )
    };
    // The packet itself is one level.
    assert!(Event::from_slice(deep(126).as_bytes()).is_ok());
    let text = "body is not JSON at line 1 column 216\nrecursion limit exceeded";
    assert_refused(deep(127), text);
    assert_refused(deep(100_000), text);
    let unknown = |depth: usize| deep(depth).replace("Live.CallbackAfterDestroyRoom", "Room.X");
    assert!(Event::from_slice(unknown(126).as_bytes()).is_ok());
    assert_refused(unknown(127), "body is not JSON at line 1 column 193\nrecursion limit exceeded");
    assert_refused("[".repeat(100_000), "body is not JSON at line 1 column 128\nrecursion limit exceeded");
    assert_refused(
        "{\"\":".repeat(100_000),
        "body is not JSON at line 1 column 509\nrecursion limit exceeded",
    );
}

#[test]
fn many_brackets_that_are_not_nested() {
    let members = vec![json!({"Member_Account": "]["}); 1000];
    let packet = json!({
        "CallbackCommand": "Live.CallbackAfterMemberStateChanged",
        "RoomId": "[[\\\"{{",
        "EventType": "Online",
        "MemberList": members,
        "New": "[{".repeat(1000),
    });
    assert!(Event::from_slice(packet.to_string().as_bytes()).is_ok());
}

/// One URL can be configured for a whole application.
#[test]
fn a_callback_of_trtc_is_told_from_a_webhook() {
    let callback = json!({
        "EventGroupId": 1,
        "EventType": 103,
        "CallbackTs": 1_687_770_731_166_i64,
        "EventInfo": {"RoomId": 12345, "EventTs": 1_687_770_731, "EventMsTs": 1_687_770_730_831_i64, "UserId": "test"},
    });
    let error = Event::from_slice(callback.to_string().as_bytes()).unwrap_err();
    assert_eq!(chain(&error), "body is a callback of the TRTC room or recording service, not a Live webhook");
    assert_eq!((error.status_code(), error.place(), error.command()), (400, None, None));
    // Anything less is only a packet without a command.
    for field in ["/EventGroupId", "/EventInfo"] {
        let error = refused(without(&callback, field).to_string().as_bytes());
        assert!(matches!(error, EventError::Command { .. }), "{error}");
    }
    let command = with(&callback, "/EventGroupId", json!("3"));
    assert!(matches!(refused(command.to_string().as_bytes()), EventError::Command { .. }));
    let body = callback.to_string().replacen('{', r#"{"CallbackCommand":7,"#, 1);
    assert!(matches!(refused(body.as_bytes()), EventError::Command { .. }));
}
