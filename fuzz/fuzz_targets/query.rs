//! A query is read or refused, and what was read can be written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trtc_live_webhook::RequestInfo;
use url::Url;

fuzz_target!(|query: &str| {
    let request = RequestInfo::from_query(query);
    // Something to decode sends the query another way, to the same end.
    assert_eq!(request, RequestInfo::from_query(&format!("{query}&%20")));
    let request = match request {
        Ok(request) => request,
        Err(error) => {
            assert_eq!(error.status_code(), 400);
            return;
        }
    };
    // On a URL that has parameters of any kind already.
    let mut url = Url::parse("https://www.example.com/").unwrap();
    url.set_query(Some(query));
    request.write_to(&mut url);
    assert_eq!(RequestInfo::from_query(url.query().unwrap()).unwrap(), request);
});
