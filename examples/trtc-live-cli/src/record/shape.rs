//! Kinds of packets: what is new in one.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use serde_json::Value;
use trtc_live_webhook::{Delivery, RequestInfo, SdkAppId, drift};

/// Deeper than any packet. What is below is left out of files, and makes no kind.
pub(crate) const MAX_DEPTH: usize = 32;

/// What texts and ids are replaced by, each with a number behind it.
pub(crate) const NOUNS: [&str; 6] = ["room", "user", "id", "name", "text", "field"];

/// Kind of a packet: equal for packets that have the same command, the same fields of the same types, and the same drift.
/// A packet in which texts and ids are replaced is of the same kind as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kind(u64);

impl Kind {
    pub(crate) fn of(packet: &[u8]) -> Self {
        let mut places = BTreeSet::new();
        let value: Value = serde_json::from_slice(packet).unwrap_or_default();
        collect(&value, "", 0, &mut places);
        let request = RequestInfo::new(SdkAppId::new(0));
        let drift: BTreeSet<String> = match Delivery::from_trusted(request, packet) {
            Ok(delivery) => {
                let findings = drift::report(&delivery, packet);
                findings.iter().map(told).collect()
            }
            Err(_) => BTreeSet::new(),
        };
        let mut hasher = DefaultHasher::new();
        (value.get("CallbackCommand").and_then(Value::as_str).map(kept), places, drift).hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// Collects each place with its type. All elements of a list are in the same place.
fn collect(value: &Value, place: &str, depth: usize, places: &mut BTreeSet<String>) {
    let of_type = match value {
        Value::Null => "null",
        Value::Array(_) | Value::Object(_) if depth == MAX_DEPTH => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(elements) => {
            for element in elements {
                collect(element, &format!("{place}/"), depth + 1, places);
            }
            "list"
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                collect(field, &format!("{place}/{}", kept(name)), depth + 1, places);
            }
            // What a message consists of is told by its elements.
            if let Some(Value::String(kind)) = fields.get("MsgType") {
                places.insert(format!("{place} {}", kept(kind)));
            }
            "object"
        }
    };
    places.insert(format!("{place} {of_type}"));
}

/// The same finding in another element is nothing new, nor are other texts in the place of a word.
fn told(finding: &drift::Finding) -> String {
    match finding {
        drift::Finding::UnknownField { pointer, .. } => format!("field {}", without_indices(pointer)),
        drift::Finding::UnrecognizedValue { pointer, value, .. } => {
            format!("value {} {}", without_indices(pointer), kept(value.as_str().unwrap_or_default()))
        }
        _ => String::new(),
    }
}

fn without_indices(pointer: &str) -> String {
    let part = |part: &str| if part.parse::<usize>().is_ok() { String::new() } else { kept(part).to_owned() };
    pointer.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Returns what of a name or a word makes a kind: nothing, if it is or would be replaced.
fn kept(text: &str) -> &str {
    if is_word(text) && number_of(text).is_none() { text } else { "…" }
}

/// Tells whether a text is like the names and words of the protocol. What users write rarely is, and what is written in
/// the place of a word is not theirs.
pub(crate) fn is_word(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    text.len() <= 64 && text.bytes().all(is_part) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Reads what a text was replaced by: `room-7` and the like.
pub(crate) fn number_of(text: &str) -> Option<(&'static str, u32)> {
    let (name, number) = text.rsplit_once('-')?;
    let noun = NOUNS.into_iter().find(|noun| *noun == name)?;
    Some((noun, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn values_and_numbers_of_elements_make_no_kind() {
        let kind = |fields: &str| {
            Kind::of(format!(r#"{{"CallbackCommand":"Live.CallbackAfterDelMetadata",{fields}}}"#).as_bytes())
        };
        let base = kind(r#""RoomId":"a","Keys":["x"]"#);
        assert_eq!(base, kind(r#""Keys":["y","z"],"RoomId":"b""#));
        for other in [
            r#""RoomId":7,"Keys":["x"]"#,
            r#""RoomId":"a","Keys":[]"#,
            r#""RoomId":"a""#,
            r#""RoomId":"a","Keys":["x"],"New":null"#,
        ] {
            assert_ne!(base, kind(other), "{other}");
        }
    }

    #[test]
    fn drift_makes_a_kind_once() {
        let members = |elements: &str| {
            let head = r#""CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"a","EventType":"Online""#;
            Kind::of(format!(r#"{{{head},"MemberList":[{elements}]}}"#).as_bytes())
        };
        let known = members(r#"{"Member_Account":"a"}"#);
        let new = members(r#"{"Member_Account":"a","New":1}"#);
        assert_ne!(known, new);
        assert_eq!(new, members(r#"{"Member_Account":"a"},{"Member_Account":"b","New":2}"#));
    }
}
