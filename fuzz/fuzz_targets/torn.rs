//! Documented deliveries in which values were replaced by marked ones, and which were then torn: no panic, no marker in
//! any error, a report within its bound, and the same outcome twice.

#![no_main]

mod errors;

use arbitrary::Unstructured;
use errors::{MARKER, assert_tells_nothing};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use trtc_live_webhook::{Receiver, SdkAppId, drift, samples};

/// What the texts of errors consist of.
const IMITATIONS: &[&str] = &[
    "",
    ", expected ",
    " at line 9 column 9",
    "`: ",
    "`",
    "\"",
    "\n",
    "é",
    "missing field `",
    "duplicate field `",
    "unknown field `",
    "invalid type: string \"",
    "invalid type: string, expected ",
    "invalid length 3, expected ",
    "within `",
    "within `MsgContent`: missing field `",
];

const PIECES: &[&str] = &["", "[", "]", "{", "}", "\"", ",", ":", "\\", "0", "1e999", "\\ud83d", "\u{feff}"];

const PARAMETERS: &[&str] =
    &["SdkAppid", "CallbackCommand", "contenttype", "ClientIP", "OptPlatform", "Sign", "RequestTime", "x"];

/// Takes one byte of the input for each choice; when there are none left, the first.
struct Choices<'a>(Unstructured<'a>);

impl Choices<'_> {
    fn number(&mut self) -> usize {
        self.0.arbitrary::<u8>().unwrap_or_default().into()
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.number() % choices.len()]
    }

    /// The marker among imitations of errors.
    fn text(&mut self) -> String {
        let around = [(); 4].map(|()| self.of(IMITATIONS));
        format!("{}{}{MARKER}{}{}", around[0], around[1], around[2], around[3])
    }
}

/// A documented packet, or a message of every kind of element.
fn packet(choices: &mut Choices<'_>) -> Value {
    let number = choices.number() % (samples::ALL.len() + 8);
    if let Some(sample) = samples::ALL.get(number) {
        return sample.json().parse().unwrap();
    }
    json!({
        "CallbackCommand": choices.of(&["Group.CallbackBeforeSendMsg", "Group.CallbackAfterSendMsg"]),
        "GroupId": "g",
        "MsgBody": [
            {"MsgContent": {"Text": "t"}, "MsgType": "TIMTextElem"},
            {"MsgContent": {"Data": "d", "Ext": "e"}, "MsgType": "TIMCustomElem"},
            {"MsgContent": {"Index": 1, "Data": "d"}, "MsgType": "TIMFaceElem"},
            {"MsgContent": {"New": [{}]}, "MsgType": "TIMNewElem", "More": 1},
        ],
    })
}

/// Puts something in the place of a value, or beside the fields of an object.
fn plant(packet: &mut Value, choices: &mut Choices<'_>) {
    let mut place = choices.number() % count(packet);
    let Some(place) = nth(packet, &mut place) else { return };
    let text = choices.text();
    *place = match choices.number() % 10 {
        0..3 => json!(text),
        3 => json!([text]),
        4 => json!({ &*text: text }),
        5 => json!([{"MsgContent": text, "MsgType": "TIMTextElem"}]),
        6 => json!([{"MsgContent": {"Data": [text]}, "MsgType": "TIMCustomElem"}]),
        7 => json!([{"MsgContent": {"New": &*text}, "MsgType": &*text, &*text: text}]),
        8 => {
            choices.of(&[json!(-1), json!(u64::MAX), json!(0.5), Value::Null, json!(true)].each_ref()).clone()
        }
        _ => match place {
            Value::Object(object) => {
                object.insert(text.clone(), json!(text));
                return;
            }
            _ => json!(text),
        },
    };
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Object(object) => object.values().map(count).sum::<usize>(),
        Value::Array(list) => list.iter().map(count).sum(),
        _ => 0,
    }
}

fn nth<'v>(value: &'v mut Value, number: &mut usize) -> Option<&'v mut Value> {
    if *number == 0 {
        return Some(value);
    }
    *number -= 1;
    match value {
        Value::Object(object) => object.values_mut().find_map(|value| nth(value, number)),
        Value::Array(list) => list.iter_mut().find_map(|value| nth(value, number)),
        _ => None,
    }
}

/// Writes a packet, the fields of its objects beginning with another than the first.
fn write(value: &Value, first: usize, json: &mut String) {
    let mut separator = "";
    match value {
        Value::Object(object) => {
            json.push('{');
            for (name, value) in rotated(object, first) {
                json.push_str(separator);
                json.push_str(&Value::from(&**name).to_string());
                json.push(':');
                write(value, first, json);
                separator = ",";
            }
            json.push('}');
        }
        Value::Array(list) => {
            json.push('[');
            for value in list {
                json.push_str(separator);
                write(value, first, json);
                separator = ",";
            }
            json.push(']');
        }
        scalar => json.push_str(&scalar.to_string()),
    }
}

fn rotated(object: &Map<String, Value>, first: usize) -> impl Iterator<Item = (&String, &Value)> {
    let first = if object.is_empty() { 0 } else { first % object.len() };
    object.iter().skip(first).chain(object.iter().take(first))
}

fuzz_target!(|input: &[u8]| {
    let choices = &mut Choices(Unstructured::new(input));
    let mut packet = packet(choices);
    // Where the first field of an object is, so that a command or a kind may come last.
    let first = choices.number();
    for _ in 0..=choices.number() % 4 {
        plant(&mut packet, choices);
    }
    let mut body = String::new();
    write(&packet, first, &mut body);
    let mut body = body.into_bytes();
    for _ in 0..choices.number() % 3 {
        let start = (choices.number() * 256 + choices.number()) % (body.len() + 1);
        let end = body.len().min(start + choices.number() % 32);
        body.splice(start..end, choices.of(PIECES).bytes());
    }
    let mut query = "SdkAppid=7".to_owned();
    for _ in 0..choices.number() % 3 {
        query.push_str(&format!("&{}={}", choices.of(PARAMETERS), choices.text()));
    }

    let receiver = Receiver::new(SdkAppId::new(7));
    for query in [&*query, "SdkAppid=7"] {
        let received = receiver.receive(query, &body);
        assert_eq!(receiver.receive(query, &body), received);
        match received {
            Err(error) => assert_tells_nothing(&error),
            Ok(delivery) => {
                let findings = drift::report(&delivery, &body);
                assert_eq!(drift::report(&delivery, &body), findings);
                assert!(findings.len() <= 101, "{}", findings.len());
                for (number, finding) in findings.iter().enumerate() {
                    assert_eq!(matches!(finding, drift::Finding::More { .. }), number == 100);
                    assert!(!finding.to_string().chars().any(char::is_control), "{finding}");
                }
            }
        }
    }
});
