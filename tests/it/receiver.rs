//! The way in.

use trtc_live_webhook::{
    App, Delivery, Event, EventError, ReceiveError, Receiver, Reply, RequestError, RequestInfo, SdkAppId,
    Token,
};

use crate::support::{chain, fixture, fixtures};

const OURS: SdkAppId = SdkAppId::new(1_400_000_000);

#[test]
fn every_fixture_is_received() {
    let receiver = Receiver::new(OURS);
    for fixture in fixtures() {
        let query = format!("SdkAppid={OURS}&CallbackCommand={}&contenttype=json", fixture.command());
        let delivery = receiver.receive(&query, fixture.text.as_bytes()).unwrap();
        assert_eq!(delivery.request, RequestInfo::from_query(&query).unwrap());
        let checked = receiver.check(&query).unwrap();
        assert_eq!(checked.request(), &delivery.request);
        assert_eq!(delivery.event, Event::from_slice(fixture.text.as_bytes()).unwrap());
        assert_eq!(checked.read(fixture.text.as_bytes()).as_ref(), Ok(&delivery));
        let trusted = Delivery::from_trusted(delivery.request.clone(), fixture.text.as_bytes());
        assert_eq!(trusted.as_ref(), Ok(&delivery));
        let by_hand = Delivery::new(delivery.request.clone(), delivery.event.clone());
        assert_eq!(by_hand, delivery);
    }
}

#[test]
fn another_apps_delivery_is_refused_before_the_body_is_looked_at() {
    let receiver = Receiver::new(OURS);
    for body in [fixture("Live.CallbackAfterEndBattle").text.as_str(), "", "\u{0}"] {
        let error = receiver.receive("SdkAppid=1400000001", body.as_bytes()).unwrap_err();
        assert!(matches!(error, ReceiveError::Request(RequestError::ForeignSdkAppId { .. })));
        assert_eq!(error.status_code(), 403);
        assert_eq!(chain(&error), "SDKAppID 1400000001 does not belong to this receiver");
    }
    let error = receiver.receive("", b"").unwrap_err();
    assert_eq!(error, ReceiveError::Request(RequestError::MissingSdkAppId));
    assert_eq!(error.status_code(), 400);
    let error = receiver.receive("SdkAppid=1400000000", b"{").unwrap_err();
    assert!(matches!(error, ReceiveError::Event(_)));
    assert_eq!(error.status_code(), 400);
    assert_eq!(chain(&error), "body is not JSON at line 1 column 1\nEOF while parsing an object");
}

#[test]
fn an_error_makes_a_reply_that_fails() {
    let receiver = Receiver::new(OURS);
    let error = receiver.check("SdkAppid=8").unwrap_err();
    let json = r#"{"ActionStatus":"FAIL","ErrorInfo":"SDKAppID 8 does not belong to this receiver","ErrorCode":403}"#;
    assert_eq!(Reply::from(error.clone()).to_json(), json);
    assert_eq!(Reply::from(ReceiveError::from(error)).to_json(), json);
    let error = Event::from_slice(b"").unwrap_err();
    assert_eq!(Reply::from(error).error_code(), 400);
}

#[test]
fn several_apps_behind_one_url() {
    let receiver = Receiver::new(OURS).with_app(SdkAppId::new(2)).with_app(App::new(SdkAppId::new(3)));
    for (id, ours) in [("1400000000", true), ("2", true), ("3", true), ("4", false), ("0", false)] {
        let checked = receiver.check(&format!("SdkAppid={id}"));
        assert_eq!(checked.is_ok(), ours, "{id}");
    }
}

#[test]
fn every_app_can_be_made_to_have_a_token() {
    let signed = App::signed(OURS, [Token::new("x").unwrap()]).unwrap();
    assert!(Receiver::new(signed.clone()).require_tokens().is_ok());
    let error = Receiver::new(signed).with_app(SdkAppId::new(7)).require_tokens().unwrap_err();
    assert_eq!(error.sdk_app_id, SdkAppId::new(7));
    assert_eq!(chain(&error), "no token for SDKAppID 7");
}

/// Its application stands in a header: in the query there is none.
#[test]
fn a_callback_of_trtc_is_told_from_a_webhook_without_an_application() {
    let callback = include_bytes!("../../fixtures/foreign/trtc-room-callback.json");
    for query in ["", "tenant=7"] {
        let error = Receiver::new(OURS).receive(query, callback).unwrap_err();
        assert_eq!(error, ReceiveError::Event(EventError::TrtcCallback));
        let error = Receiver::new(OURS).receive(query, b"{}").unwrap_err();
        assert_eq!(error, ReceiveError::Request(RequestError::MissingSdkAppId));
    }
    let mut long = callback.to_vec();
    long.resize(8 * 1024, b' ');
    let error = Receiver::new(OURS).receive("", &long).unwrap_err();
    assert_eq!(error, ReceiveError::Event(EventError::TrtcCallback));
    long.push(b' ');
    let error = Receiver::new(OURS).receive("", &long).unwrap_err();
    assert_eq!(
        error,
        ReceiveError::Request(RequestError::MissingSdkAppId),
        "longer ones are not looked into"
    );
    let error = Receiver::new(OURS).receive("SdkAppid=8", callback).unwrap_err();
    assert_eq!(error.status_code(), 403);
}
