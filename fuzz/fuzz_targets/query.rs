//! A query is read or refused, and what was read can be written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trtc_live_webhook::{RequestInfo, SdkAppId, event::room, samples::Request};
use url::Url;

fuzz_target!(|query: &str| {
    // Documented parameters of a base URL are replaced, whatever it has.
    let mut base = Url::parse("https://www.example.com/").unwrap();
    base.set_query(Some(query));
    // A URL drops line breaks and tabs.
    let kept = RequestInfo::from_query(base.query().unwrap());
    let url = Request::new(SdkAppId::new(7), room::AfterCreateRoom::new(room::CreatedRoomInfo::new("r")))
        .url(&base);
    let written = RequestInfo::from_query(url.query().unwrap()).unwrap();
    assert_eq!(written.sdk_app_id, SdkAppId::new(7));

    let request = RequestInfo::from_query(query);
    // Something to decode sends the query another way, to the same end.
    let encoded = RequestInfo::from_query(&format!("{query}&%20")).map(|mut request| {
        assert_eq!(request.foreign.pop().unwrap().0, " ");
        request
    });
    assert_eq!(request, encoded);
    let request = match request {
        Ok(request) => request,
        Err(error) => {
            assert_eq!(error.status_code(), 400);
            return;
        }
    };
    assert_eq!(RequestInfo::from_query(&request.to_query()).unwrap(), request);
    if let Ok(kept) = kept {
        assert_eq!(written.foreign, kept.foreign);
    }
});
