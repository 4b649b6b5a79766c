//! When the clock matters: for a right signature, and for nothing else. There are platforms without a clock.

use std::time::{Duration, SystemTime};

use trtc_live_webhook::{App, Delivery, Receiver, RequestError, RequestInfo, SdkAppId, Token, UnixSeconds};

use crate::support::fixture;

const SIGNED: SdkAppId = SdkAppId::new(7);
const OPEN: SdkAppId = SdkAppId::new(8);
const SENT: UnixSeconds = UnixSeconds::new(1_669_872_112);

fn token() -> Token {
    Token::new("xxxxyyyy").unwrap()
}

fn receiver() -> Receiver {
    Receiver::new(App::new(SIGNED).with_token(token())).with_app(OPEN)
}

/// As far off as the platform's clock goes, and the time at which the deliveries were sent.
#[track_caller]
fn times() -> Vec<SystemTime> {
    let sent = SystemTime::try_from(SENT).unwrap();
    let mut times = vec![sent, SystemTime::now()];
    for far in [1 << 20, 1 << 32, 1 << 40, i64::MAX.unsigned_abs()].map(Duration::from_secs) {
        times.extend(SystemTime::UNIX_EPOCH.checked_add(far));
        times.extend(SystemTime::UNIX_EPOCH.checked_sub(far));
    }
    assert!(times.len() > 6);
    times
}

#[test]
fn an_app_without_a_token_takes_a_delivery_at_any_time() {
    let body = fixture("Live.CallbackAfterEndBattle").text;
    for query in ["SdkAppid=8", "SdkAppid=8&Sign=x&RequestTime=x", "SdkAppid=8&RequestTime=-1"] {
        let request = RequestInfo::from_query(query).unwrap();
        let expected = Delivery::from_trusted(request.clone(), body.as_bytes()).unwrap();
        for receiver in [receiver(), receiver().with_tolerance(Duration::ZERO)] {
            for now in times() {
                assert_eq!(receiver.check_at(query, now).unwrap().request(), &request);
                assert_eq!(receiver.receive_at(query, body.as_bytes(), now).as_ref(), Ok(&expected));
            }
            assert_eq!(receiver.check(query).unwrap().request(), &request);
        }
    }
}

/// Whoever does not know the token is told the same at any time.
#[test]
fn every_other_refusal_comes_before_the_clock() {
    let receiver = receiver();
    let sign = token().sign(SENT);
    let wrong = Token::new("yyyyxxxx").unwrap().sign(SENT);
    for (query, expected) in [
        (String::new(), RequestError::MissingSdkAppId),
        ("SdkAppid=7".to_owned(), RequestError::MissingSign),
        (format!("SdkAppid=7&Sign={sign}"), RequestError::MissingRequestTime),
        (format!("SdkAppid=7&RequestTime={SENT}"), RequestError::MissingSign),
        (format!("SdkAppid=7&Sign=x&RequestTime={SENT}"), RequestError::MalformedSign),
        (format!("SdkAppid=7&Sign={wrong}&RequestTime={SENT}"), RequestError::WrongSign),
        (format!("SdkAppid=7&Sign={sign}&RequestTime=0"), RequestError::WrongSign),
        (format!("SdkAppid=7&Sign={sign}&RequestTime={}", "9".repeat(99)), RequestError::WrongSign),
    ] {
        for now in times() {
            assert_eq!(receiver.check_at(&query, now), Err(expected.clone()), "{query} at {now:?}");
        }
        assert_eq!(receiver.check(&query), Err(expected), "{query}");
    }
    let foreign = format!("SdkAppid=9&Sign={sign}&RequestTime={SENT}");
    for now in times() {
        let error = receiver.check_at(&foreign, now).unwrap_err();
        assert!(matches!(error, RequestError::ForeignSdkAppId { .. }), "{error:?}");
    }
}

#[test]
fn a_right_signature_is_good_for_its_time_alone() {
    let receiver = receiver();
    let query = format!("SdkAppid=7&Sign={}&RequestTime={SENT}", token().sign(SENT));
    let sent = SystemTime::try_from(SENT).unwrap();
    for now in times() {
        let expected = if now == sent { None } else { Some(RequestError::StaleRequestTime) };
        assert_eq!(receiver.check_at(&query, now).err(), expected, "{now:?}");
        assert!(receiver.clone().with_tolerance(Duration::MAX).check_at(&query, now).is_ok());
    }
    // Right now, by the platform's own clock.
    let now = UnixSeconds::now();
    let query = format!("SdkAppid=7&Sign={}&RequestTime={now}", token().sign(now));
    assert!(receiver.check(&query).is_ok());
}
