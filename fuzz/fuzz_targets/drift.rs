//! A report never panics, and where it is empty the event is the packet, but for the documented ways of writing it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use trtc_live_webhook::{Command, Receiver, SdkAppId, drift};

fuzz_target!(|body: &[u8]| {
    let receiver = Receiver::new(SdkAppId::new(7));
    let Ok(delivery) = receiver.receive("SdkAppid=7", body) else { return };
    let report = drift::report(&delivery, body);
    for finding in &report {
        assert!(finding.to_string().chars().all(|character| !character.is_control()), "{finding}");
    }
    if report.is_empty() {
        let packet: Value = serde_json::from_slice(body).unwrap();
        let written = serde_json::to_value(&delivery.event).unwrap();
        assert!(same(&packet, &written), "{packet} and {written}");
    }
});

/// `null` is absent, an alias is its command, and a time may be a number or a string.
fn same(packet: &Value, written: &Value) -> bool {
    match (packet, written) {
        (Value::Object(packet), Value::Object(written)) => {
            let present = packet.iter().filter(|(name, value)| !value.is_null() || written.contains_key(*name));
            present.clone().count() == written.len()
                && present.clone().all(|(name, value)| match (&**name, value, written.get(name)) {
                    ("CallbackCommand", Value::String(word), Some(Value::String(written))) => {
                        Command::from(&**word) == Command::from(&**written)
                    }
                    (_, value, Some(written)) => same(value, written),
                    (_, _, None) => false,
                })
        }
        (Value::Array(packet), Value::Array(written)) => {
            packet.len() == written.len() && packet.iter().zip(written).all(|(packet, written)| same(packet, written))
        }
        (Value::String(text), Value::Number(number)) | (Value::Number(number), Value::String(text)) => {
            text.parse::<i64>().ok().is_some_and(|parsed| number.as_i64() == Some(parsed))
        }
        (Value::String(packet), Value::String(written)) if packet != written => {
            // A time in another way of writing the number.
            packet.parse::<i64>().is_ok_and(|packet| written.parse() == Ok(packet))
        }
        (packet, written) => packet == written,
    }
}
