//! What parses can be written and parses to the same event; what is not modelled comes back as the same JSON.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use trtc_live_webhook::Event;

fuzz_target!(|body: &[u8]| {
    let Ok(event) = Event::from_slice(body) else { return };
    let written = serde_json::to_vec(&event).unwrap();
    assert_eq!(Event::from_slice(&written).unwrap(), event);
    // What a packet holds before its command is set aside, and may hold what a `Value` cannot.
    if let Ok(again) = serde_json::from_slice::<Event>(body) {
        assert_eq!(again, event);
    }
    if let Event::Unrecognized(_) = event {
        // A `Value` takes some keys for more than names, and refuses what stands behind them.
        let value = |json: &[u8]| serde_json::from_slice::<Value>(json).ok();
        assert_eq!(value(&written), value(body));
    }
});
