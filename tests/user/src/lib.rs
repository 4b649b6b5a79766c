//! What a program's own `serde_json::Value` does, once the program depends on `trtc-live-webhook`.
//!
//! Cargo unifies the features of `serde_json` over the whole program. With `raw_value`, an object behind a certain key
//! is no longer data: a string of it is read as JSON, without the limit on nesting.

#![cfg(test)]

use std::thread;

use serde_json::{Map, Value};
use trtc_live_webhook::Event;

/// Key that means something to `serde_json` where `raw_value` is on.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// Key that means something to `serde_json` where `arbitrary_precision` is on.
const NUMBER: &str = "$serde_json::private::Number";

/// Size of a thread's stack where nobody asks for another.
const STACK: usize = 2 * 1024 * 1024;

/// The program does use the crate.
#[test]
fn an_event_is_read() {
    let body =
        br#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"r","EventType":"DestroyByUser"}"#;
    assert!(matches!(Event::from_slice(body), Ok(Event::AfterDestroyRoom(event)) if event.room_id == "r"));
}

#[test]
fn a_string_behind_a_private_key_stays_a_string() {
    for key in [RAW_VALUE, NUMBER] {
        for text in ["1", "[[]]", r#"{"admin":true}"#, "not JSON"] {
            let object = Value::Object(Map::from_iter([(key.to_owned(), Value::from(text))]));
            assert_eq!(serde_json::from_str::<Value>(&object.to_string()).unwrap(), object);
        }
    }
}

/// Without the feature, the whole is nested 120 levels deep. With it, each string nests another 120.
#[test]
fn strings_in_strings_do_not_exhaust_the_stack() {
    let mut body = "0".to_owned();
    while body.len() < 85_000 {
        // A quote of the innermost string is as long as there are strings around it, not twice as long for each.
        let text = body.replace('\\', r"\u005c").replace('"', r"\u0022");
        body = format!("{}{{\"{RAW_VALUE}\":\"{text}\"}}{}", "[".repeat(120), "]".repeat(120));
    }
    let read = thread::Builder::new().stack_size(STACK).spawn(move || serde_json::from_str::<Value>(&body));
    let mut value = read.unwrap().join().unwrap().unwrap();
    for _ in 0..120 {
        value = value[0].take();
    }
    assert!(value[RAW_VALUE].is_string());
}

/// An object's keys are sorted, not kept in the order in which they came.
#[test]
fn keys_are_sorted() {
    assert_eq!(serde_json::from_str::<Value>(r#"{"b":1,"a":2}"#).unwrap().to_string(), r#"{"a":2,"b":1}"#);
}

/// A number is the nearest one that is representable, not its digits.
#[test]
fn numbers_are_not_kept_as_text() {
    assert_eq!(serde_json::from_str::<Value>("1.10e0").unwrap().to_string(), "1.1");
}
