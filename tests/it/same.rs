//! When an event that was written is the packet that it was read from.

use serde_json::{Map, Value};
use trtc_live_webhook::Command;

/// Tells whether both are the same, but for what is documented: `null` is absent, an alias is its command, and a time may
/// be a number or a numeric string.
pub(crate) fn same(packet: &Value, written: &Value) -> bool {
    let (Value::Object(packet), Value::Object(written)) = (packet, written) else { return false };
    same_fields(packet, written, |name, packet, written| match (packet, written) {
        (Value::String(word), Value::String(written)) if name == "CallbackCommand" => {
            Command::from(&**word).as_str() == written
        }
        _ => same_value(name, packet, written),
    })
}

fn same_fields(
    packet: &Map<String, Value>,
    written: &Map<String, Value>,
    same: impl Fn(&str, &Value, &Value) -> bool,
) -> bool {
    let present = || packet.iter().filter(|(name, value)| !value.is_null() || written.contains_key(*name));
    present().count() == written.len()
        && present().all(|(name, value)| written.get(name).is_some_and(|written| same(name, value, written)))
}

fn same_value(name: &str, packet: &Value, written: &Value) -> bool {
    match (packet, written) {
        (Value::Object(packet), Value::Object(written)) => same_fields(packet, written, same_value),
        (Value::Array(packet), Value::Array(written)) => {
            packet.len() == written.len()
                && packet.iter().zip(written).all(|(packet, written)| same_value("", packet, written))
        }
        _ if ["Time", "Ts", "TimeStamp"].iter().any(|end| name.ends_with(end)) => {
            packet == written || integer(packet).is_some_and(|time| integer(written) == Some(time))
        }
        _ => packet == written,
    }
}

fn integer(time: &Value) -> Option<i64> {
    time.as_str().map_or_else(|| time.as_i64(), |text| text.parse().ok())
}
