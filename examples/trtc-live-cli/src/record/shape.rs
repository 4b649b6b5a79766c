//! Kinds of packets: what is new in one.

use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use serde_json::Value;
use trtc_live_webhook::{Delivery, RequestInfo, SdkAppId, drift};

/// Kind of a packet: equal for packets that have the same command, the same fields of the same types, and the same drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kind(u64);

impl Kind {
    pub(crate) fn of(packet: &[u8]) -> Self {
        let mut places = BTreeSet::new();
        let value: Value = serde_json::from_slice(packet).unwrap_or_default();
        collect(&value, "", &mut places);
        let request = RequestInfo::new(SdkAppId::new(0));
        let drift: BTreeSet<String> = match Delivery::from_trusted(request, packet) {
            Ok(delivery) => {
                let findings = drift::report(&delivery, packet);
                findings.iter().map(|finding| without_indices(&finding.to_string())).collect()
            }
            Err(_) => BTreeSet::new(),
        };
        let mut hasher = DefaultHasher::new();
        (value.get("CallbackCommand").and_then(Value::as_str), places, drift).hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// Collects each place with its type. All elements of a list are in the same place.
fn collect(value: &Value, place: &str, places: &mut BTreeSet<String>) {
    let of_type = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(elements) => {
            for element in elements {
                collect(element, &format!("{place}/"), places);
            }
            "list"
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                collect(field, &format!("{place}/{name}"), places);
            }
            // What a message consists of is told by its elements.
            if let Some(Value::String(kind)) = fields.get("MsgType") {
                places.insert(format!("{place} {kind}"));
            }
            "object"
        }
    };
    places.insert(format!("{place} {of_type}"));
}

/// The same finding in another element is nothing new.
fn without_indices(finding: &str) -> String {
    let part = |part: &str| if part.parse::<usize>().is_ok() { String::new() } else { part.to_owned() };
    finding.split('/').map(part).collect::<Vec<_>>().join("/")
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
