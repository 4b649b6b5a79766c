//! The response packet.

use trtc_live_webhook::{ActionStatus, Reply};

#[test]
fn the_documented_reply() {
    let json = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;
    let reply = Reply::ok();
    assert_eq!(reply.to_json(), json);
    assert_eq!(serde_json::to_string(&reply).unwrap(), json);
    assert_eq!(serde_json::from_str::<Reply>(json).unwrap(), reply);
    assert_eq!(reply.action_status(), ActionStatus::OK);
    assert_eq!(reply.error_info(), "");
    assert_eq!(reply.error_code(), 0);
}

#[test]
fn a_failure() {
    let reply = Reply::fail(-7, "say \"no\"\n");
    let json = r#"{"ActionStatus":"FAIL","ErrorInfo":"say \"no\"\n","ErrorCode":-7}"#;
    assert_eq!(reply.to_json(), json);
    assert_eq!(serde_json::to_string(&reply).unwrap(), json);
    assert_eq!(serde_json::from_str::<Reply>(json).unwrap(), reply);
    assert_eq!(reply.action_status(), ActionStatus::FAIL);
    assert_eq!(reply.error_info(), "say \"no\"\n");
    assert_eq!(reply.error_code(), -7);
}

#[test]
fn fields_are_read_in_any_order_and_all_are_mandatory() {
    let reply: Reply =
        serde_json::from_str(r#"{"ErrorCode":0,"New":1,"ActionStatus":"OK","ErrorInfo":""}"#).unwrap();
    assert_eq!(reply, Reply::ok());
    for json in [
        r#"{"ErrorInfo":"","ErrorCode":0}"#,
        r#"{"ActionStatus":"OK","ErrorCode":0}"#,
        r#"{"ActionStatus":"OK","ErrorInfo":""}"#,
        r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":"0"}"#,
    ] {
        assert!(serde_json::from_str::<Reply>(json).is_err(), "{json}");
    }
}
