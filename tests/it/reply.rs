//! The response packet.

use trtc_live_webhook::{
    ActionStatus, Command, Reply,
    event::{
        gift,
        message::{self, Changes, Element},
    },
};

use crate::support::chain;

#[test]
fn the_documented_reply() {
    let json = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;
    let reply = Reply::ok();
    assert_eq!(reply.to_json(), json);
    assert_eq!(serde_json::to_string(&reply).unwrap(), json);
    assert_eq!(serde_json::from_str::<Reply>(json).unwrap(), reply);
    assert_eq!(reply.action_status(), ActionStatus::Ok);
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
    assert_eq!(reply.action_status(), ActionStatus::Fail);
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

#[track_caller]
fn assert_gift(decision: &gift::Decision, json: &str) {
    let reply = Reply::from(decision.clone());
    assert_eq!(reply.to_json(), json);
    let parsed: Reply = serde_json::from_str(json).unwrap();
    assert_eq!(parsed, reply);
    assert_eq!(gift::Decision::try_from(parsed).as_ref(), Ok(decision));
    assert_eq!(reply.action_status(), ActionStatus::Ok);
}

#[track_caller]
fn assert_message(decision: &message::Decision, json: &str) {
    let reply = Reply::from(decision.clone());
    assert_eq!(reply.to_json(), json);
    let parsed: Reply = serde_json::from_str(json).unwrap();
    assert_eq!(parsed, reply);
    assert_eq!(message::Decision::try_from(parsed).as_ref(), Ok(decision));
    assert_eq!(reply.action_status(), ActionStatus::Ok);
}

#[test]
fn decisions_on_gifts() {
    assert_gift(&gift::Decision::Allow, r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#);
    assert_gift(&gift::Decision::Reject, r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":1}"#);
    for code in [102_100, 102_150, 102_200] {
        assert_gift(
            &gift::Decision::reject_with(gift::Code::new(code).unwrap(), "no \"coins\""),
            &format!(r#"{{"ActionStatus":"OK","ErrorInfo":"no \"coins\"","ErrorCode":{code}}}"#),
        );
    }
}

#[test]
fn decisions_on_messages() {
    assert_message(&message::Decision::Allow, r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#);
    assert_message(&message::Decision::Forbid, r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":1}"#);
    assert_message(&message::Decision::Discard, r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":2}"#);
    for code in [10_100, 10_150, 10_200] {
        assert_message(
            &message::Decision::forbid_with(message::Code::new(code).unwrap(), ""),
            &format!(r#"{{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":{code}}}"#),
        );
    }
    let body = Changes::new().with_msg_body([Element::text("***")]);
    let data = Changes::new().with_cloud_custom_data("data");
    let both = Changes::new().with_cloud_custom_data("").with_msg_body([Element::text("***")]);
    assert_eq!(both, body.clone().with_cloud_custom_data(""));
    let msg_body = r#""MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"***"}}]"#;
    for (changes, rest) in [
        (body, msg_body.to_owned()),
        (data, r#""CloudCustomData":"data""#.to_owned()),
        (both, format!(r#"{msg_body},"CloudCustomData":"""#)),
    ] {
        assert_message(
            &message::Decision::AllowChanged(changes),
            &format!(r#"{{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,{rest}}}"#),
        );
    }
}

#[test]
fn the_parts_of_a_parsed_decision() {
    let json = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"***"}}],"CloudCustomData":"data"}"#;
    let reply: Reply = serde_json::from_str(json).unwrap();
    assert_eq!(reply.msg_body(), Some(&[Element::text("***")][..]));
    assert_eq!(reply.cloud_custom_data(), Some("data"));
    assert_eq!((Reply::ok().msg_body(), Reply::ok().cloud_custom_data()), (None, None));
    let reply: Reply =
        serde_json::from_str(r#"{"ActionStatus":"OK","ErrorInfo":"no","ErrorCode":102100}"#).unwrap();
    let Ok(gift::Decision::RejectWith { code, info, .. }) = gift::Decision::try_from(reply.clone()) else {
        panic!()
    };
    assert_eq!((code.get(), i64::from(code), &*info), (102_100, 102_100, "no"));
    assert!(message::Decision::try_from(reply).is_err());
}

#[test]
fn a_code_outside_its_range_cannot_be_built() {
    for code in [0, 1, 102_099, 102_201, 10_100, i64::MIN, i64::MAX] {
        let error = gift::Code::try_from(code).unwrap_err();
        assert_eq!(chain(&error), format!("error code {code} is not within 102100..=102200"));
        assert_eq!(gift::Code::new(code), None);
    }
    for code in [0, 1, 2, 10_099, 10_201, 102_100, i64::MIN, i64::MAX] {
        let error = message::Code::try_from(code).unwrap_err();
        assert_eq!(chain(&error), format!("error code {code} is not within 10100..=10200"));
        assert_eq!(message::Code::new(code), None);
    }
}

#[test]
fn a_reply_without_a_documented_decision() {
    for code in [0, 1, 2, 10_100, 102_100] {
        let reply = Reply::fail(code, "");
        assert!(gift::Decision::try_from(reply.clone()).is_err());
        assert!(message::Decision::try_from(reply).is_err());
    }
    let two: Reply = serde_json::from_str(r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":2}"#).unwrap();
    assert!(gift::Decision::try_from(two).is_err());
    for code in [-1, 3, 102_099, 102_201] {
        let reply: Reply =
            serde_json::from_str(&format!(r#"{{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":{code}}}"#))
                .unwrap();
        assert!(gift::Decision::try_from(reply.clone()).is_err());
        assert!(message::Decision::try_from(reply).is_err());
    }
    let error = gift::Decision::try_from(Reply::fail(0, "")).unwrap_err();
    assert_eq!(chain(&error), "reply carries no documented decision");
}

#[test]
fn what_refuses_a_command() {
    for command in Command::ALL {
        let refusal = Reply::refusal(command);
        match command {
            Command::BeforeSendGift => {
                assert_eq!(gift::Decision::try_from(refusal.unwrap()), Ok(gift::Decision::Reject));
            }
            Command::BeforeSendMsg => {
                assert_eq!(message::Decision::try_from(refusal.unwrap()), Ok(message::Decision::Forbid));
            }
            asks => assert_eq!(asks.as_str().contains("Before"), refusal.is_some(), "{asks}"),
        }
    }
    assert_eq!(Reply::refusal(&"Room.CallbackBeforeX".into()), None);
}
