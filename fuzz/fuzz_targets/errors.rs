//! What every error must keep to.

use std::error::Error;

use trtc_live_webhook::{ReceiveError, Reply};

/// Stands in what no error may tell.
pub(crate) const MARKER: &str = "MARKER7";

/// Every text of the error is one line of at most 500 bytes and does not have the marker.
pub(crate) fn assert_tells_nothing(error: &ReceiveError) {
    let mut texts = vec![format!("{error:?}"), Reply::from(error.clone()).to_json()];
    let mut source: Option<&dyn Error> = Some(error);
    while let Some(error) = source {
        texts.push(error.to_string());
        source = error.source();
    }
    for text in texts {
        assert!(!text.contains(MARKER), "{text}");
        assert!(text.len() <= 500, "{text}");
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
}
