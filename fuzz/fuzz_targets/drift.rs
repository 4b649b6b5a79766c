//! A report never panics, and where it is empty the event is the packet, but for the documented ways of writing it.

#![no_main]

#[path = "../../tests/it/same.rs"]
mod same;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use trtc_live_webhook::{Receiver, SdkAppId, drift};

fuzz_target!(|body: &[u8]| {
    let receiver = Receiver::new(SdkAppId::new(7));
    let Ok(delivery) = receiver.receive("SdkAppid=7", body) else { return };
    let report = drift::report(&delivery, body);
    for finding in &report {
        assert!(finding.to_string().chars().all(|character| !character.is_control()), "{finding}");
    }
    if report.is_empty() {
        let written = serde_json::to_vec(&delivery.event).unwrap();
        // A `Value` takes some keys for more than names, and refuses what stands behind them.
        let value = |json: &[u8]| serde_json::from_slice::<Value>(json).ok();
        let (Some(packet), Some(written)) = (value(body), value(&written)) else { return };
        assert!(same::same(&packet, &written), "{packet} and {written}");
    }
});
