//! Messages and their elements.

use serde_json::{Value, json};
use trtc_live_webhook::{
    Event,
    event::message::{CustomElem, Element, MsgType},
};

use crate::support::{chain, event, fixture};

#[track_caller]
fn read(text: &str) -> Element {
    serde_json::from_str(text).unwrap()
}

#[test]
fn text_and_custom_elements_are_typed() {
    let text = read(r#"{"MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}}"#);
    assert_eq!(text, Element::text("red packet"));
    assert_eq!(text.msg_type(), MsgType::TimTextElem);
    let json = r#"{"MsgType":"TIMCustomElem","MsgContent":{"Data":"message","Desc":"notification","Ext":"url","Sound":"dingdong.aiff"}}"#;
    let custom = read(json);
    assert_eq!(custom.msg_type(), MsgType::TimCustomElem);
    let Element::Custom(content) = &custom else { panic!("{custom:?}") };
    assert_eq!(content.data.as_deref(), Some("message"));
    assert_eq!(content.desc.as_deref(), Some("notification"));
    assert_eq!(content.ext.as_deref(), Some("url"));
    assert_eq!(content.sound.as_deref(), Some("dingdong.aiff"));
    assert_eq!(serde_json::to_string(&custom).unwrap(), json);
    assert_eq!(Element::from(content.clone()), custom);
    let mut changed = CustomElem::default();
    changed.data = Some("LV1".to_owned());
    assert_eq!(
        serde_json::to_string(&Element::from(changed)).unwrap(),
        r#"{"MsgType":"TIMCustomElem","MsgContent":{"Data":"LV1"}}"#
    );
}

#[test]
fn every_other_kind_is_kept_whole() {
    let face = json!({"MsgType": "TIMFaceElem", "MsgContent": {"Index": 1, "Data": "x"}, "New": [null, 1.5]});
    let new = json!({"MsgType": "TIMNewElem", "MsgContent": "any"});
    let bare = json!({"MsgType": "TIMLocationElem"});
    for json in [face, new, bare] {
        let element: Element = serde_json::from_value(json.clone()).unwrap();
        let Element::Other(other) = &element else { panic!("{element:?}") };
        assert_eq!(*other.msg_type(), *json["MsgType"].as_str().unwrap());
        assert_eq!(other.fields().get("MsgContent"), json.get("MsgContent"));
        assert_eq!(element.msg_type(), other.msg_type());
        assert_eq!(serde_json::to_value(&element).unwrap(), json);
        assert_eq!(read(&json.to_string()), element);
        assert_eq!(read(&serde_json::to_string(&element).unwrap()), element);
    }
    let new = r#"{"MsgType":"TIMNewElem","MsgContent":[9.931003425883171,-0.0,18446744073709551615]}"#;
    assert_eq!(serde_json::to_string(&read(new)).unwrap(), new);
}

#[test]
fn what_is_new_in_a_typed_element_is_not_even_read() {
    let text = read(r#"{"MsgType":"TIMTextElem","New":1e999,"MsgContent":{"Text":"t"},"Newer":[1e999]}"#);
    assert_eq!(text, Element::text("t"));
}

#[test]
fn the_content_may_come_first() {
    assert_eq!(read(r#"{"MsgContent":{"Text":"t"},"New":1,"MsgType":"TIMTextElem"}"#), Element::text("t"));
    let custom = read(r#"{"MsgContent":{"Data":"d"},"MsgType":"TIMCustomElem"}"#);
    assert_eq!(custom, read(r#"{"MsgType":"TIMCustomElem","New":{},"MsgContent":{"Data":"d"}}"#));
}

#[test]
fn what_is_wrong_with_an_element_is_named() {
    for (element, path, problem) in [
        (
            r#"{"MsgType":"TIMTextElem","MsgContent":{}}"#,
            "MsgBody[0].MsgContent.Text",
            "missing field `Text`",
        ),
        (
            r#"{"MsgContent":{},"MsgType":"TIMTextElem"}"#,
            "MsgBody[0].MsgContent.Text",
            "missing field `Text`",
        ),
        (
            r#"{"MsgType":"TIMTextElem","MsgContent":{"Text":["MARKER"]}}"#,
            "MsgBody[0].MsgContent.Text",
            "invalid type: sequence, expected a string",
        ),
        (
            r#"{"MsgContent":{"Text":["MARKER"]},"MsgType":"TIMTextElem"}"#,
            "MsgBody[0].MsgContent.Text",
            "invalid type: sequence, expected a string",
        ),
        (
            r#"{"MsgContent":"MARKER","MsgType":"TIMTextElem"}"#,
            "MsgBody[0].MsgContent",
            "invalid type: string, expected struct TextElem",
        ),
        (
            r#"{"MsgContent":{"Data":true},"MsgType":"TIMCustomElem"}"#,
            "MsgBody[0].MsgContent.Data",
            "invalid type: boolean, expected a string",
        ),
        (r#"{"MsgType":"TIMTextElem"}"#, "MsgBody[0].MsgContent", "missing field `MsgContent`"),
        (r#"{"MsgContent":{}}"#, "MsgBody[0].MsgType", "missing field `MsgType`"),
        (r#"{"MsgType":"x","MsgType":"x"}"#, "MsgBody[0].MsgType", "duplicate field `MsgType`"),
        (
            r#"{"MsgType":"TIMTextElem","MsgContent":{"Text":""},"MsgContent":{"Text":""}}"#,
            "MsgBody[0].MsgContent",
            "duplicate field `MsgContent`",
        ),
        (
            r#"{"MsgContent":1,"MsgType":"x","MsgContent":1}"#,
            "MsgBody[0].MsgContent",
            "duplicate field `MsgContent`",
        ),
        (r#""MARKER""#, "MsgBody[0]", "invalid type: string, expected an element of a message"),
    ] {
        let body = format!(
            r#"{{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","MsgBody":[{element}]}}"#
        );
        let error = Event::from_slice(body.as_bytes()).unwrap_err();
        assert_eq!(error.path(), Some(path), "{element}");
        let (_, source) = chain(&error).split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        assert_eq!(source, problem, "{element}");
    }
}

/// Q6: the time is a numeric string in the samples and an integer in the tables.
#[test]
fn the_time_is_read_in_both_forms_and_written_as_text() {
    for name in ["Group.CallbackBeforeSendMsg", "Group.CallbackAfterSendMsg"] {
        let packet = fixture(name).packet;
        let mut integer = packet.clone();
        integer["EventTime"] = json!(1_670_574_414_123_i64);
        assert_eq!(event(&integer), event(&packet));
        assert_eq!(serde_json::to_value(event(&integer)).unwrap(), packet);
        integer["EventTime"] = Value::Null;
        assert_eq!(event(&integer).event_time(), None);
    }
}
