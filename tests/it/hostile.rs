//! Bodies that are made to do harm: each has its documented outcome.

use serde_json::{Value, json};
use trtc_live_webhook::{Delivery, Event, EventError, drift, event::room};

use crate::support::{arbitrary_precision, chain, fixtures, request};

/// The packet of a destroyed room with this text in place of its fields beyond the mandatory ones.
fn destroyed(fields: &str) -> String {
    format!(r#"{{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"r","EventType":"x"{fields}}}"#)
}

#[track_caller]
fn read(body: impl AsRef<[u8]>) -> room::AfterDestroyRoom {
    match Event::from_slice(body.as_ref()).unwrap_or_else(|error| panic!("{}", chain(&error))) {
        Event::AfterDestroyRoom(event) => event,
        event => panic!("{event:?}"),
    }
}

/// The problem with a body that is refused.
#[track_caller]
fn problem(body: impl AsRef<[u8]>) -> String {
    let error = Event::from_slice(body.as_ref()).unwrap_err();
    let text = chain(&error);
    assert!(text.len() < 300, "{text}");
    match text.split_once('\n') {
        Some((_, problem)) => problem.to_owned(),
        None => text,
    }
}

#[test]
fn a_string_of_10_mebibytes() {
    let long = "x".repeat(10 << 20);
    assert_eq!(
        read(destroyed(&format!(r#","RoomInfo":{{"RoomName":"{long}"}}"#)))
            .room_info
            .unwrap()
            .room_name
            .unwrap(),
        long
    );
    assert_eq!(read(destroyed(&format!(r#","New":"{long}""#))), read(destroyed("")));
    assert_eq!(
        problem(destroyed(&format!(r#","EventTime":"{long}""#))),
        "invalid value: string, expected an integer of 64 bits or a numeric string"
    );
    assert_eq!(
        problem(destroyed(&format!(r#","RoomInfo":"{long}""#))),
        "invalid type: string, expected struct DestroyedRoomInfo"
    );
    let unknown = Event::from_slice(format!(r#"{{"CallbackCommand":"{long}"}}"#).as_bytes()).unwrap();
    assert_eq!(unknown.command().as_str(), long);
}

#[test]
fn lists_of_a_million_elements() {
    let numbers = vec!["7"; 1_000_000].join(",");
    let room = read(destroyed(&format!(r#","RoomInfo":{{"Category":[{numbers}]}}"#))).room_info.unwrap();
    assert_eq!(room.category.unwrap(), vec![7; 1_000_000]);
    let objects = vec!["{}"; 1_000_000].join(",");
    assert_eq!(read(destroyed(&format!(r#","New":[{objects}]"#))), read(destroyed("")));
    let members = format!(
        r#"{{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"r","EventType":"x","MemberList":[{objects}]}}"#
    );
    let error = Event::from_slice(members.as_bytes()).unwrap_err();
    assert_eq!(error.path(), Some("MemberList[0].Member_Account"));
}

#[test]
fn a_million_fields() {
    let fields = r#","New":1"#.repeat(1_000_000);
    assert_eq!(read(destroyed(&fields)), read(destroyed("")));
}

#[test]
fn numbers_beyond_all_bounds() {
    let digits = "9".repeat(100_000);
    for (number, is_too_large) in [
        (&*digits, true),
        ("1e999999999", true),
        ("-1e999999999", true),
        ("1e-999999999", false),
        ("18446744073709551616", false),
    ] {
        // What no `f64` can hold is no number, unless numbers of any size are kept.
        let is_invalid = is_too_large && !arbitrary_precision();
        // Skipped, where nobody asks for it.
        assert_eq!(read(destroyed(&format!(r#","New":{number}"#))), read(destroyed("")));
        for field in [format!(r#","EventTime":{number}"#), format!(r#","Operator_Account":{number}"#)] {
            let error = Event::from_slice(destroyed(&field).as_bytes()).unwrap_err();
            assert_eq!(matches!(error, EventError::Syntax { .. }), is_invalid, "{error:?}");
            assert_eq!(matches!(error, EventError::Field { .. }), !is_invalid, "{error:?}");
        }
        let unknown = format!(r#"{{"CallbackCommand":"Call.X","New":{number}}}"#);
        if is_invalid {
            assert_eq!(problem(unknown), "number out of range");
        } else {
            let event = Event::from_slice(unknown.as_bytes()).unwrap();
            assert_eq!(Event::from_slice(&serde_json::to_vec(&event).unwrap()), Ok(event));
        }
    }
    assert_eq!(
        read(destroyed(&format!(r#","Operator_Account":{}"#, u64::MAX))).operator_account.unwrap(),
        u64::MAX.to_string()
    );
}

#[test]
fn lone_surrogates() {
    for half in [r"\ud800", r"\udfff", r"\ud800\ud800", r"\ud83dx"] {
        assert_eq!(read(destroyed(&format!(r#","New":"{half}""#))), read(destroyed("")));
        for body in [
            destroyed(&format!(r#","Operator_Account":"{half}""#)),
            destroyed(&format!(r#","{half}":1"#)),
            format!(r#"{{"CallbackCommand":"{half}"}}"#),
            format!(r#"{{"CallbackCommand":"Call.X","New":"{half}"}}"#),
        ] {
            let error = Event::from_slice(body.as_bytes()).unwrap_err();
            assert!(matches!(error, EventError::Syntax { .. }), "{body}: {error:?}");
        }
    }
    assert_eq!(read(destroyed(r#","Operator_Account":"\ud83d\ude00""#)).operator_account.unwrap(), "😀");
}

#[test]
fn nul_and_other_control_characters() {
    assert_eq!(read(destroyed(r#","Operator_Account":"\u0000""#)).operator_account.unwrap(), "\0");
    let raw = problem(destroyed(",\"Operator_Account\":\"\0\""));
    assert_eq!(raw, "control character (\\u0000-\\u001F) found while parsing a string");
    assert_eq!(problem("\0"), "expected value");
    assert_eq!(problem(format!("{}\0", destroyed(""))), "trailing characters");
}

#[test]
fn a_byte_order_mark() {
    assert_eq!(problem(format!("\u{feff}{}", destroyed(""))), "expected value");
}

#[test]
fn duplicate_keys() {
    assert_eq!(problem(destroyed(r#","RoomId":"other""#)), "duplicate field `RoomId`");
    assert_eq!(
        problem(destroyed(r#","RoomInfo":{"RoomName":"a","RoomName":"b"}"#)),
        "duplicate field `RoomName`"
    );
    assert_eq!(problem(destroyed(r#","CallbackCommand":"Call.X""#)), "duplicate field `CallbackCommand`");
    // Where nothing is modelled, nothing is amiss: skipped in a known event, the last one kept in another.
    assert_eq!(read(destroyed(r#","New":1,"New":2"#)), read(destroyed("")));
    let event = Event::from_slice(br#"{"CallbackCommand":"Call.X","New":1,"New":2}"#).unwrap();
    assert_eq!(serde_json::to_value(event).unwrap(), json!({"CallbackCommand": "Call.X", "New": 2}));
}

#[test]
fn trailing_bytes() {
    for more in ["x", "{}", ",", "\"", "]", "}"] {
        assert_eq!(problem(format!("{}{more}", destroyed(""))), "trailing characters");
    }
    assert_eq!(read(format!(" \r\n\t{}\n \t\r", destroyed(""))), read(destroyed("")));
}

#[test]
fn invalid_utf_8() {
    // Overlong, a surrogate, beyond Unicode, cut short, a continuation without a start.
    for wrong in [&b"\xc0\xaf"[..], b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80", b"\xfe"] {
        for [before, after] in [[&b"{\"New\":\""[..], b"\"}"], [b"", b""], [b"{\"", b"\":1}"], [b"{}", b""]] {
            let error = Event::from_slice(&[before, wrong, after].concat()).unwrap_err();
            assert!(matches!(error, EventError::Encoding { .. }), "{error:?}");
        }
    }
}

#[test]
fn nesting_a_hundred_thousand_deep() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let (open, close) = (open.repeat(100_000), close.repeat(100_000));
        for body in [
            destroyed(&format!(",\"New\":{open}1{close}")),
            format!("{{\"CallbackCommand\":\"Call.X\",\"New\":{open}1{close}}}"),
            format!("{open}1{close}"),
            open,
        ] {
            assert_eq!(problem(body), "recursion limit exceeded");
        }
    }
}

/// `serde_json` marks raw values and numbers of arbitrary precision by keys; in a packet they are names.
#[test]
fn keys_that_mean_something_to_the_parser() {
    let (raw_value, number) = ("$serde_json::private::RawValue", "$serde_json::private::Number");
    for (key, text) in [(raw_value, "1"), (raw_value, "x"), (raw_value, "[[]]"), (number, "1"), (number, "x")]
    {
        let field = format!(r#"{{"{key}":"{text}"}}"#);
        // Where numbers are passed on under that key, nothing tells this object from a number.
        let is_number = arbitrary_precision() && (key, text) == (number, "1");
        let account = destroyed(&format!(r#","Operator_Account":{field}"#));
        assert!(problem(account).starts_with("invalid type: "));
        assert_eq!(read(destroyed(&format!(r#","New":{field}"#))), read(destroyed("")));

        let kept = |value: &str| {
            [
                format!(r#"{{"CallbackCommand":"Call.X","New":{value}}}"#),
                format!(r#"{{"CallbackCommand":"Call.X","New":[{{"Newer":{value}}}]}}"#),
                format!(
                    r#"{{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","MsgBody":[{{"MsgType":"x","MsgContent":{value}}}]}}"#
                ),
            ]
        };
        for (body, as_number) in kept(&field).iter().zip(kept(text)) {
            let expected = if is_number { &as_number } else { body };
            assert_eq!(
                serde_json::to_string(&Event::from_slice(body.as_bytes()).unwrap()).unwrap(),
                *expected
            );
        }
        let top = format!(r#"{{"CallbackCommand":"Call.X","{key}":"{text}"}}"#);
        let event = Event::from_slice(top.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&event).unwrap(), top);
        let among_others = format!(r#"{{"CallbackCommand":"Call.X","New":{{"{key}":"{text}","More":1}}}}"#);
        let kept: Value = serde_json::to_value(Event::from_slice(among_others.as_bytes()).unwrap()).unwrap();
        assert_eq!(kept.pointer("/New/More"), Some(&json!(1)));
        assert_eq!(kept["New"].get(key), Some(&json!(text)));
        let first = format!(r#"{{"{key}":"{text}","CallbackCommand":"Call.X"}}"#);
        assert_eq!(Event::from_slice(first.as_bytes()).unwrap(), event);
        assert_eq!(drift::report(&Delivery::new(request(), event), first.as_bytes()).len(), 1);
    }
}

/// What a string holds is text, even behind the key by which `serde_json` marks raw values.
#[test]
fn nesting_in_strings_in_strings() {
    let mut value = "0".to_owned();
    for _ in 0..100 {
        let text = value.replace('\\', r"\u005c").replace('"', r"\u0022");
        value = format!(
            "{}{{\"$serde_json::private::RawValue\":\"{text}\"}}{}",
            "[".repeat(120),
            "]".repeat(120)
        );
    }
    for body in [
        format!(r#"{{"CallbackCommand":"Call.X","New":{value}}}"#),
        format!(
            r#"{{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","MsgBody":[{{"MsgType":"x","MsgContent":{value}}}]}}"#
        ),
    ] {
        let event = Event::from_slice(body.as_bytes()).unwrap();
        let written = serde_json::to_vec(&event).unwrap();
        assert_eq!(Event::from_slice(&written), Ok(event));
    }
}

/// Each byte of each fixture changed in each bit: read or refused, never a panic.
#[test]
fn every_bit_of_every_fixture_flipped() {
    for fixture in fixtures() {
        let mut body = fixture.text.into_bytes();
        for offset in 0..body.len() {
            for bit in 0..8 {
                body[offset] ^= 1 << bit;
                match Event::from_slice(&body) {
                    Ok(event) => {
                        let written = serde_json::to_vec(&event).unwrap();
                        assert_eq!(Event::from_slice(&written), Ok(event));
                    }
                    Err(error) => {
                        let is_safe = |character: char| !character.is_control() || character == '\n';
                        assert!(chain(&error).chars().all(is_safe), "{error:?}");
                    }
                }
                body[offset] ^= 1 << bit;
            }
        }
    }
}
