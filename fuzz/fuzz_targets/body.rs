//! A body is read or refused with an error of one line that tells nothing of it.

#![no_main]

mod errors;

use libfuzzer_sys::fuzz_target;
use trtc_live_webhook::{Event, ReceiveError};

fuzz_target!(|body: &[u8]| {
    refused(body);
    // The marker is hard to come upon: a character that no documented packet has, and no error, stands in for it.
    if let Ok(text) = std::str::from_utf8(body) {
        if text.contains('~') {
            refused(text.replace('~', errors::MARKER).as_bytes());
        }
    }
});

fn refused(body: &[u8]) {
    if let Err(error) = Event::from_slice(body) {
        assert_eq!(error.status_code(), 400);
        errors::assert_tells_nothing(&ReceiveError::from(error));
    }
}
