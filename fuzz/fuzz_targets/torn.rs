//! Documented deliveries in which values were replaced by marked ones, and which were then torn: no panic, no marker in
//! any error, a report within its bound, and the same outcome twice.

#![no_main]

mod errors;

use arbitrary::Arbitrary;
use errors::{MARKER, assert_tells_nothing};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};
use trtc_live_webhook::{Receiver, SdkAppId, drift, samples};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    packet: u8,
    plants: Vec<Plant<'a>>,
    /// Where the first field of an object is, so that a command or a kind may come last.
    first: u8,
    tears: Vec<Tear<'a>>,
    parameters: Vec<(u8, u8, &'a str)>,
}

/// Puts something in the place of a value, or beside the fields of an object.
#[derive(Arbitrary, Debug)]
struct Plant<'a> {
    place: u16,
    value: Planted,
    before: Vec<u8>,
    after: Vec<u8>,
    text: &'a str,
}

#[derive(Arbitrary, Debug)]
enum Planted {
    Text,
    Field,
    List,
    Object,
    TextElement,
    CustomElement,
    OtherElement,
    Number(i64),
    Null,
}

/// Replaces bytes by others.
#[derive(Arbitrary, Debug)]
struct Tear<'a> {
    start: u16,
    length: u8,
    piece: &'a [u8],
}

/// What the texts of errors consist of.
const IMITATIONS: &[&str] = &[
    " at line 9 column 9",
    ", expected ",
    "`: ",
    "missing field `",
    "duplicate field `",
    "unknown field `",
    "invalid type: string \"",
    "invalid type: string, expected ",
    "invalid length 3, expected ",
    "within `",
    "within `MsgContent`: missing field `",
    "`",
    "\"",
    "\n",
    "é",
];

const PARAMETERS: &[&str] =
    &["SdkAppid", "CallbackCommand", "contenttype", "ClientIP", "OptPlatform", "Sign", "RequestTime", "x"];

impl Plant<'_> {
    fn text(&self) -> String {
        let imitations = |numbers: &[u8]| {
            let texts = numbers.iter().map(|number| IMITATIONS[usize::from(*number) % IMITATIONS.len()]);
            texts.collect::<String>()
        };
        format!("{}{MARKER}{}{}", imitations(&self.before), self.text, imitations(&self.after))
    }

    fn apply(&self, packet: &mut Value) {
        let text = self.text();
        let count = count(packet);
        let Some(place) = nth(packet, &mut (usize::from(self.place) % count)) else { return };
        *place = match self.value {
            Planted::Text => json!(text),
            Planted::List => json!([text]),
            Planted::Object => json!({ &*text: text }),
            Planted::TextElement => json!([{"MsgContent": text, "MsgType": "TIMTextElem"}]),
            Planted::CustomElement => json!([{"MsgContent": {"Data": [text]}, "MsgType": "TIMCustomElem"}]),
            Planted::OtherElement => {
                json!([{"MsgContent": {"New": &*text}, "MsgType": &*text, &*text: text}])
            }
            Planted::Number(number) => json!(number),
            Planted::Null => Value::Null,
            Planted::Field => match place {
                Value::Object(object) => {
                    object.insert(text.clone(), json!(text));
                    return;
                }
                _ => json!(text),
            },
        };
    }
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

fuzz_target!(|input: Input<'_>| {
    let mut packet = samples::ALL[usize::from(input.packet) % samples::ALL.len()].json().parse().unwrap();
    for plant in input.plants.iter().take(8) {
        plant.apply(&mut packet);
    }
    let mut body = String::new();
    write(&packet, input.first.into(), &mut body);
    let mut body = body.into_bytes();
    for Tear { start, length, piece } in input.tears.iter().take(8) {
        let start = usize::from(*start) % (body.len() + 1);
        let end = body.len().min(start + usize::from(*length));
        body.splice(start..end, piece.iter().copied());
    }
    let mut query = "SdkAppid=7".to_owned();
    for (name, imitation, value) in input.parameters.iter().take(4) {
        let name = PARAMETERS[usize::from(*name) % PARAMETERS.len()];
        let imitation = IMITATIONS[usize::from(*imitation) % IMITATIONS.len()];
        query.push_str(&format!("&{name}={imitation}{MARKER}{value}"));
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
