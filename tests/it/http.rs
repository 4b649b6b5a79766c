//! Types of the `http` crate in and out.

use http::{Request, Response, StatusCode};
use trtc_live_webhook::{Event, Receiver, Reply, SdkAppId, event::gift};

use crate::support::fixtures;

fn receiver() -> Receiver {
    Receiver::new(SdkAppId::new(7))
}

#[track_caller]
fn assert_response(response: &Response<Vec<u8>>, status: StatusCode, body: &str) {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(std::str::from_utf8(response.body()), Ok(body));
    let reply: Reply = serde_json::from_str(body).unwrap();
    assert_eq!(reply.to_json(), body);
}

#[test]
fn every_fixture_is_received() {
    for fixture in fixtures() {
        for uri in ["/webhook?SdkAppid=7&x=1", "https://www.example.com?SdkAppid=7"] {
            let request = Request::post(uri).body(fixture.text.clone()).unwrap();
            let delivery = receiver().receive_http(&request).unwrap();
            assert_eq!(delivery.event, Event::from_slice(fixture.text.as_bytes()).unwrap());
        }
    }
}

#[test]
fn replies_are_responses() {
    let ok = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;
    assert_response(&Reply::ok().into(), StatusCode::OK, ok);
    let rejected = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":1}"#;
    assert_response(&Reply::from(gift::Decision::Reject).into(), StatusCode::OK, rejected);
    let failed = r#"{"ActionStatus":"FAIL","ErrorInfo":"busy","ErrorCode":7}"#;
    assert_response(&Reply::fail(7, "busy").into(), StatusCode::OK, failed);
    let unavailable = Reply::fail(7, "busy").into_response(StatusCode::SERVICE_UNAVAILABLE);
    assert_response(&unavailable, StatusCode::SERVICE_UNAVAILABLE, failed);
}

#[test]
fn errors_are_responses() {
    for (uri, body, status, text) in [
        (
            "/webhook",
            "",
            StatusCode::BAD_REQUEST,
            r#"{"ActionStatus":"FAIL","ErrorInfo":"missing parameter SdkAppid","ErrorCode":400}"#,
        ),
        (
            "/webhook?SdkAppid=8",
            "",
            StatusCode::FORBIDDEN,
            r#"{"ActionStatus":"FAIL","ErrorInfo":"SDKAppID 8 does not belong to this receiver","ErrorCode":403}"#,
        ),
        (
            "/webhook?SdkAppid=7",
            "",
            StatusCode::BAD_REQUEST,
            r#"{"ActionStatus":"FAIL","ErrorInfo":"body is not JSON at line 1 column 0","ErrorCode":400}"#,
        ),
    ] {
        let error = receiver().receive_http(&Request::post(uri).body(body).unwrap()).unwrap_err();
        assert_response(&error.into(), status, text);
    }
    let error = receiver().check("SdkAppid=8").unwrap_err();
    assert_eq!(Response::<String>::from(error).status(), StatusCode::FORBIDDEN);
    let error = Event::from_slice(b"").unwrap_err();
    assert_eq!(Response::<String>::from(error).status(), StatusCode::BAD_REQUEST);
}
