//! Whatever the configuration and the clock, only what is signed gets in where there is a token.

#![no_main]

use std::time::{Duration, SystemTime};

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use trtc_live_webhook::{App, Event, ReceiveError, Receiver, SdkAppId, Token, UnixSeconds};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    apps: Vec<(u8, Vec<&'a str>)>,
    tolerance: Option<Duration>,
    now: i64,
    query: &'a str,
    sdk_app_id: u8,
    signed_by: Option<&'a str>,
    request_time: i64,
    body: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let Ok(now) = SystemTime::try_from(UnixSeconds::new(input.now)) else { return };
    let mut receiver = Receiver::new(SdkAppId::new(1000));
    if let Some(tolerance) = input.tolerance {
        receiver = receiver.with_tolerance(tolerance);
    }
    let mut tokens_of_app = Vec::new();
    let mut ours = false;
    for (id, tokens) in &input.apps {
        let mut app = App::new(SdkAppId::new((*id).into()));
        for token in tokens.iter().filter_map(|text| Token::new(*text).ok()) {
            app = app.with_token(token.clone());
            if *id == input.sdk_app_id {
                tokens_of_app.push(token);
            }
        }
        ours |= *id == input.sdk_app_id;
        receiver = receiver.with_app(app);
    }
    // Any query at all.
    let _ = receiver.receive_at(input.query, input.body, now);

    // One that is well formed.
    let request_time = UnixSeconds::new(input.request_time);
    let mut query = format!("SdkAppid={}", input.sdk_app_id);
    let signer = input.signed_by.and_then(|text| Token::new(text).ok());
    let sign = signer.map(|token| token.sign(request_time));
    if let Some(sign) = &sign {
        query.push_str(&format!("&Sign={sign}&RequestTime={request_time}"));
    }
    let known = sign.is_some_and(|sign| tokens_of_app.iter().any(|token| token.sign(request_time) == sign));
    let distance = u128::from(input.now.abs_diff(input.request_time));
    let fresh = distance * 1_000_000_000 <= input.tolerance.unwrap_or(Duration::from_secs(60)).as_nanos();
    let expected = ours && (tokens_of_app.is_empty() || known && fresh);
    assert_eq!(receiver.check_at(&query, now).is_ok(), expected, "{query}");
    let event = Event::from_slice(input.body);
    match receiver.receive_at(&query, input.body, now) {
        Ok(delivery) => assert!(expected && event == Ok(delivery.event)),
        Err(ReceiveError::Event(error)) => assert!(expected && event == Err(error)),
        Err(_) => assert!(!expected),
    }
});
