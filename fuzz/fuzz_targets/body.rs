//! A body is read or refused with an error of one line that quotes none of its longer strings.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trtc_live_webhook::Event;

fuzz_target!(|body: &[u8]| {
    let Err(error) = Event::from_slice(body) else { return };
    assert_eq!(error.status_code(), 400);
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        text.push_str(&error.to_string());
        source = error.source();
    }
    assert!(text.chars().all(|character| !character.is_control()), "{text:?}");
    assert!(text.len() < 1000, "{text}");
});
