//! When an event that was written is the packet that it was read from.

use serde_json::Value;
use trtc_live_webhook::Command;

/// Tells whether both are the same, but for what is documented: `null` is absent, an alias is its command, and a time may
/// be a number or a numeric string.
pub(crate) fn same(packet: &Value, written: &Value) -> bool {
    match (packet, written) {
        (Value::Object(packet), Value::Object(written)) => {
            let present =
                || packet.iter().filter(|(name, value)| !value.is_null() || written.contains_key(*name));
            present().count() == written.len()
                && present().all(|(name, value)| match (&**name, value, written.get(name)) {
                    ("CallbackCommand", Value::String(word), Some(Value::String(written))) => {
                        Command::from(&**word).as_str() == written
                    }
                    (_, value, Some(written)) => same(value, written),
                    (_, _, None) => false,
                })
        }
        (Value::Array(packet), Value::Array(written)) => {
            packet.len() == written.len()
                && packet.iter().zip(written).all(|(packet, written)| same(packet, written))
        }
        (Value::String(text), Value::Number(number)) | (Value::Number(number), Value::String(text)) => {
            text.parse::<i64>().is_ok_and(|parsed| number.as_i64() == Some(parsed))
        }
        (Value::String(packet), Value::String(written)) if packet != written => {
            // A time in another way of writing the number.
            packet.parse::<i64>().is_ok_and(|packet| written.parse() == Ok(packet))
        }
        (packet, written) => packet == written,
    }
}
