//! A reply that parses is written and parses again; so does the decision it carries.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trtc_live_webhook::{
    Reply,
    event::{gift, message},
};

fuzz_target!(|json: &[u8]| {
    let Ok(reply) = serde_json::from_slice::<Reply>(json) else { return };
    assert_eq!(serde_json::from_str::<Reply>(&reply.to_json()).unwrap(), reply);
    if let Ok(decision) = gift::Decision::try_from(reply.clone()) {
        assert_eq!(gift::Decision::try_from(Reply::from(decision.clone())), Ok(decision));
    }
    if let Ok(decision) = message::Decision::try_from(reply) {
        assert_eq!(message::Decision::try_from(Reply::from(decision.clone())), Ok(decision));
    }
});
