//! Messages and their elements.

use std::collections::{BTreeMap, BTreeSet};

use allocation_counter::measure;
use proptest::prelude::{Strategy, any, prop, prop_assert_eq};
use serde_json::{Value, json};
use trtc_live_webhook::{
    Delivery, Event, Reply, UnixSeconds, drift,
    event::message::{self, CustomElem, Element, MsgType},
};

use crate::{
    properties::holds,
    support::{arbitrary_precision, chain, event, fixture, request},
};

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
    assert_eq!(Element::from((**content).clone()), custom);
    let mut changed = CustomElem::default();
    changed.data = Some("LV1".to_owned());
    assert_eq!(
        serde_json::to_string(&Element::from(changed)).unwrap(),
        r#"{"MsgType":"TIMCustomElem","MsgContent":{"Data":"LV1"}}"#
    );
}

#[test]
fn every_other_kind_is_kept_whole() {
    let new = json!({"MsgType": "TIMNewElem", "MsgContent": "any", "New": [null, 1.5]});
    let newer = json!({"MsgType": "TIMNewerElem", "MsgContent": {"Index": 1, "Data": "x"}});
    let bare = json!({"MsgType": "TIMBareElem"});
    for json in [new, newer, bare] {
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

/// Every documented kind, each with a field that no page documents, in the content and beside it.
const KINDS: [&str; 9] = [
    r#"{"MsgType":"TIMTextElem","MsgContent":{"Text":"fine","Lang":"en"},"Flag":1}"#,
    r#"{"MsgType":"TIMCustomElem","MsgContent":{"Data":"d","New":{"a":[1.5,null]}},"Flag":1}"#,
    r#"{"MsgType":"TIMLocationElem","MsgContent":{"Desc":"d","Latitude":29.340656774469956,"Longitude":116,"New":null},"Flag":1}"#,
    r#"{"MsgType":"TIMFaceElem","MsgContent":{"Index":1,"Data":"x","New":1},"Flag":1}"#,
    r#"{"MsgType":"TIMSoundElem","MsgContent":{"Url":"u","UUID":"i","Size":1,"Second":2,"Download_Flag":2,"New":1},"Flag":1}"#,
    r#"{"MsgType":"TIMImageElem","MsgContent":{"UUID":"i","ImageFormat":255,"ImageInfoArray":[{"Type":1,"URL":"u","New":1}],"New":1},"Flag":1}"#,
    r#"{"MsgType":"TIMFileElem","MsgContent":{"Url":"u","UUID":"i","FileSize":1,"FileName":"n","Download_Flag":2,"New":1},"Flag":1}"#,
    r#"{"MsgType":"TIMVideoFileElem","MsgContent":{"VideoUrl":"u","ThumbUUID":"i","New":1},"Flag":1}"#,
    r#"{"MsgType":"TIMRelayElem","MsgContent":{"Title":"t","MsgList":[{"From_Account":7,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"t","Lang":"en"},"Flag":1}],"New":1}],"JsonMsgKey":"k","New":1},"Flag":1}"#,
];

#[test]
fn an_element_goes_out_with_everything_it_came_in_with() {
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    for kind in KINDS {
        let element = read(kind);
        assert!(element.msg_type().is_recognized(), "{kind}");
        assert!(!matches!(element, Element::Other(_)), "{kind}");
        let written = serde_json::to_string(&element).unwrap();
        assert_eq!(value(&written), value(kind));
        assert_eq!(read(&written), element);
        // In a reply, too.
        let changes = message::Changes::new().with_msg_body([element.clone()]);
        let reply = Reply::from(message::Decision::AllowChanged(changes)).to_json();
        assert_eq!(value(&reply)["MsgBody"], json!([value(kind)]));
        // Content first, and kept aside by the way: a value sorts its keys.
        assert_eq!(serde_json::from_value::<Element>(value(kind)).unwrap(), element);
        assert_eq!(read(&value(kind).to_string()), element);
    }
    let kinds: BTreeSet<_> = KINDS.iter().map(|kind| read(kind).msg_type().clone().to_string()).collect();
    assert_eq!(kinds.len(), MsgType::ALL.len());
}

/// Only a number that no `f64` can hold cannot be kept.
#[test]
fn a_value_that_cannot_be_kept() {
    let text = r#"{"MsgType":"TIMTextElem","New":1e999,"MsgContent":{"Text":"t"}}"#;
    assert_eq!(serde_json::from_str::<Element>(text).is_ok(), arbitrary_precision());
}

#[test]
fn an_element_without_anything_new_takes_no_memory_for_it() {
    let element = read(r#"{"MsgType":"TIMTextElem","MsgContent":{"Text":"t"}}"#);
    assert_eq!(measure(|| drop(element.clone())).count_total, 1);
    assert_eq!(element, Element::text("t"));
    assert!(size_of::<Element>() <= 120, "{}", size_of::<Element>());
}

#[test]
fn texts_are_read_and_replaced_in_place() {
    let packet = json!({
        "CallbackCommand": "Group.CallbackBeforeSendMsg",
        "GroupId": "g",
        "MsgBody": KINDS.iter().map(|kind| serde_json::from_str(kind).unwrap()).collect::<Vec<Value>>(),
    });
    let Event::BeforeSendMsg(mut before) = event(&packet) else { panic!() };
    assert_eq!(before.texts().collect::<Vec<_>>(), ["fine", "t"]);
    for element in before.msg_body.iter_mut().flatten() {
        let text = element.as_text().map(ToOwned::to_owned);
        assert_eq!(element.as_text_mut().cloned(), text);
        if let Some(text) = element.as_text_mut() {
            "***".clone_into(text);
        }
    }
    let written = serde_json::to_value(&before).unwrap();
    assert_eq!(
        written["MsgBody"][0],
        json!({"MsgType": "TIMTextElem", "MsgContent": {"Text": "***", "Lang": "en"}, "Flag": 1})
    );
    assert_eq!(written["MsgBody"][1], packet["MsgBody"][1]);
    // Those of forwarded messages, too.
    for text in before.msg_body.iter_mut().flatten().flat_map(Element::texts_mut) {
        "###".clone_into(text);
    }
    assert_eq!(before.texts().collect::<Vec<_>>(), ["###", "###"]);
    let mut relay = packet["MsgBody"][8].clone();
    relay["MsgContent"]["MsgList"][0]["MsgBody"][0]["MsgContent"]["Text"] = json!("###");
    assert_eq!(serde_json::to_value(&before).unwrap()["MsgBody"][8], relay);
    let mut after = message::AfterSendMsg::new("g");
    assert_eq!(after.texts().count(), 0);
    after.msg_body = Some(vec![Element::text("a"), Element::custom("{}"), Element::text("b")]);
    assert_eq!(after.texts().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn the_fields_of_every_kind() {
    let Element::Location(location) = read(KINDS[2]) else { panic!() };
    assert_eq!(location.desc.as_deref(), Some("d"));
    assert_eq!(location.latitude.as_ref().unwrap().to_string(), "29.340656774469956");
    assert_eq!(location.longitude.as_ref().unwrap().to_string(), "116");
    let Element::Face(face) = read(KINDS[3]) else { panic!() };
    assert_eq!((face.index, face.data.as_deref()), (Some(1), Some("x")));
    let Element::Sound(sound) = read(KINDS[4]) else { panic!() };
    assert_eq!((sound.url.as_deref(), sound.uuid.as_deref()), (Some("u"), Some("i")));
    assert_eq!((sound.size, sound.second, sound.download_flag), (Some(1), Some(2), Some(2)));
    let Element::Image(image) = read(KINDS[5]) else { panic!() };
    assert_eq!(image.image_format, Some(message::ImageFormat::Other));
    let info = &image.image_info_array.as_ref().unwrap()[0];
    assert_eq!((info.r#type, info.url.as_deref()), (Some(message::ImageType::Original), Some("u")));
    let Element::File(file) = read(KINDS[6]) else { panic!() };
    assert_eq!((file.url.as_deref(), file.uuid.as_deref()), (Some("u"), Some("i")));
    assert_eq!(
        (file.file_size, file.file_name.as_deref(), file.download_flag),
        (Some(1), Some("n"), Some(2))
    );
    let Element::Relay(relay) = read(KINDS[8]) else { panic!() };
    assert_eq!((relay.title.as_deref(), relay.json_msg_key.as_deref()), (Some("t"), Some("k")));
    let relayed = &relay.msg_list.as_ref().unwrap()[0];
    assert_eq!(relayed.from_account.as_ref().unwrap(), "7");
    assert_eq!(relayed.msg_body.as_ref().unwrap()[0].as_text(), Some("t"));

    let Event::AfterSendMsg(video) = event(&fixture("Group.CallbackAfterSendMsg.video").packet) else {
        panic!()
    };
    let Element::VideoFile(video) = &video.msg_body.as_ref().unwrap()[0] else { panic!() };
    assert_eq!(video.video_url.as_deref(), Some("https://x/f7c6"));
    assert_eq!(video.video_uuid.as_deref(), Some("5da38ba89d6521011e1f6f3fd6692e35"));
    assert_eq!((video.video_size, video.video_second), (Some(1_194_603), Some(5)));
    assert_eq!((video.video_format.as_deref(), video.video_download_flag), (Some("mp4"), Some(2)));
    assert_eq!(video.thumb_url.as_deref(), Some("https://x/a6c1"));
    assert_eq!(video.thumb_uuid.as_deref(), Some("6edaffedef5150684510cf97957b7bc8"));
    assert_eq!(
        (video.thumb_size, video.thumb_width, video.thumb_height),
        (Some(13907), Some(720), Some(1280))
    );
    assert_eq!((video.thumb_format.as_deref(), video.thumb_download_flag), (Some("JPG"), Some(2)));

    let Event::AfterSendMsg(relay) = event(&fixture("Group.CallbackAfterSendMsg.relay").packet) else {
        panic!()
    };
    let Element::Relay(relay) = &relay.msg_body.as_ref().unwrap()[0] else { panic!() };
    assert_eq!(relay.msg_num, Some(2));
    assert!(relay.compatible_text.as_ref().unwrap().starts_with("The SDK version"));
    assert_eq!(relay.abstract_list.as_ref().unwrap()[1], "B: I think it's great.");
    let relayed = &relay.msg_list.as_ref().unwrap()[0];
    assert_eq!(relayed.group_id.as_ref().unwrap(), "group1");
    assert_eq!((relayed.msg_seq, relayed.msg_random), (Some(85), Some(3_998_651_049)));
    assert_eq!(relayed.msg_time_stamp, Some(UnixSeconds::new(1_664_437_702)));
}

/// What a message of Chat brings beside those of a live room.
#[test]
fn the_fields_of_chat() {
    let packet = json!({
        "CallbackCommand": "Group.CallbackAfterSendMsg",
        "GroupId": "g",
        "Type": "Community",
        "OnlineOnlyFlag": 1,
        "TopicId": "@TOPIC#_1",
        "GroupAtInfo": [{"GroupAtAllFlag": 1}, {"GroupAtAllFlag": 0, "GroupAt_Account": "a"}],
    });
    let Event::AfterSendMsg(after) = event(&packet) else { panic!() };
    assert_eq!(after.r#type, Some(message::GroupType::Community));
    assert_eq!((after.online_only_flag, after.topic_id.as_deref()), (Some(1), Some("@TOPIC#_1")));
    let at = after.group_at_info.as_ref().unwrap();
    assert_eq!((at[0].group_at_all_flag, at[0].group_at_account.as_ref()), (Some(1), None));
    assert_eq!((at[1].group_at_all_flag, at[1].group_at_account.as_ref().unwrap().as_str()), (Some(0), "a"));
    assert_eq!(serde_json::to_value(&after).unwrap(), packet);
    let packet =
        json!({"CallbackCommand": "Group.CallbackBeforeSendMsg", "GroupId": "g", "OnlineOnlyFlag": 0});
    let Event::BeforeSendMsg(before) = event(&packet) else { panic!() };
    assert_eq!(before.online_only_flag, Some(0));
    assert_eq!(serde_json::to_value(&before).unwrap(), packet);
}

/// Messages within messages, as deep as JSON may be nested, read on a stack of 2 MiB.
#[test]
fn relays_within_relays() {
    for first in [true, false] {
        relays_as_deep_as_they_can_be(first);
    }
}

fn relays_as_deep_as_they_can_be(kind_first: bool) {
    let nested = |depth: usize| {
        let mut element = r#"{"MsgType":"TIMTextElem","MsgContent":{"Text":"t"}}"#.to_owned();
        for _ in 0..depth {
            let content = format!(r#""MsgContent":{{"MsgList":[{{"MsgBody":[{element}]}}]}}"#);
            let kind = r#""MsgType":"TIMRelayElem""#;
            element =
                if kind_first { format!("{{{kind},{content}}}") } else { format!("{{{content},{kind}}}") };
        }
        format!(r#"{{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","MsgBody":[{element}]}}"#)
    };
    let deepest = (127 - 4) / 5;
    let event = Event::from_slice(nested(deepest).as_bytes()).unwrap();
    let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(serde_json::to_value(&event).unwrap(), value(&nested(deepest)));
    assert_eq!(event.clone(), event);
    assert!(format!("{event:?}").contains("\"t\""));
    let delivery = Delivery::new(request(), event);
    assert_eq!(drift::report(&delivery, nested(deepest).as_bytes()), []);
    assert!(Event::from_slice(nested(deepest + 1).as_bytes()).is_err());
    let mut broken = nested(deepest);
    broken = broken.replace(r#"{"Text":"t"}"#, r#"{"Text":7}"#);
    let error = Event::from_slice(broken.as_bytes()).unwrap_err();
    assert!(error.path().unwrap().ends_with(".MsgContent.Text"), "{error}");
    assert!(chain(&error).len() <= 500, "{error}");
}

#[test]
fn the_content_may_come_first() {
    assert_eq!(read(r#"{"MsgContent":{"Text":"t"},"MsgType":"TIMTextElem"}"#), Element::text("t"));
    let custom = read(r#"{"MsgContent":{"Data":"d"},"New":{},"MsgType":"TIMCustomElem"}"#);
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
        (
            r#"{"MsgType":"TIMTextElem","MsgContent":{"Text":"MARKER","Text":"fine"}}"#,
            "MsgBody[0].MsgContent.Text",
            "duplicate field `Text`",
        ),
        (
            r#"{"MsgContent":{"Text":"MARKER","Text":"fine"},"MsgType":"TIMTextElem"}"#,
            "MsgBody[0].MsgContent",
            "invalid value: map, expected an object without duplicate fields",
        ),
        (
            r#"{"MsgContent":{"MsgList":[1,{"MARKER":{"New":1,"New":2}},3]},"MsgType":"TIMRelayElem"}"#,
            "MsgBody[0].MsgContent",
            "invalid value: map, expected an object without duplicate fields",
        ),
        (
            r#"{"MsgType":"TIMCustomElem","MsgContent":["MARKER"]}"#,
            "MsgBody[0].MsgContent",
            "invalid type: sequence, expected struct CustomElem",
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

/// Whatever an element has, known or not, in whatever order: it is written as it was read.
#[test]
fn any_element_goes_out_with_everything_it_came_in_with() {
    let value = prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(-7),
        json!(1.5),
        json!("x"),
        json!([]),
        json!([[{}]]),
        json!({"MsgType": "x", "MsgContent": {"MsgType": 1}}),
        json!({"": null}),
    ]);
    let name = prop::sample::select(vec!["New", "Flag", "", "unmodelled", "Unmodelled", "msgType", "Lang"]);
    let extra = || prop::collection::btree_map(name.clone(), value.clone(), 0..3);
    let text = (extra(), extra(), any::<bool>()).prop_map(|(inside, beside, first)| {
        written("TIMTextElem", &[("Text", json!("t").to_string())], &inside, &beside, first)
    });
    let element = text.prop_recursive(4, 16, 2, move |inner| {
        let kind = prop::sample::select(vec!["TIMCustomElem", "TIMImageElem", "TIMNewElem", "TIMRelayElem"]);
        (kind, prop::collection::vec(inner, 0..3), extra(), extra(), any::<bool>()).prop_map(
            |(kind, inner, inside, beside, first)| {
                let info = |text: &str| (kind == "TIMImageElem").then(|| ("ImageInfoArray", text.to_owned()));
                let list = (kind == "TIMRelayElem")
                    .then(|| ("MsgList", format!(r#"[{{"New":1,"MsgBody":[{}]}}]"#, inner.join(","))));
                let own: Vec<_> = info(r#"[{"New":[1],"URL":"u"}]"#).into_iter().chain(list).collect();
                written(kind, &own, &inside, &beside, first)
            },
        )
    });
    holds(&element, |text| {
        let element = read(&text);
        let value: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&serde_json::to_value(&element).unwrap(), &value);
        prop_assert_eq!(read(&serde_json::to_string(&element).unwrap()), element.clone());
        prop_assert_eq!(serde_json::from_value::<Element>(value).unwrap(), element);
        Ok(())
    });
}

/// Text of an element, its kind first or last.
fn written(
    kind: &str,
    own: &[(&str, String)],
    inside: &BTreeMap<&str, Value>,
    beside: &BTreeMap<&str, Value>,
    kind_first: bool,
) -> String {
    let pairs = |fields: &BTreeMap<&str, Value>| {
        fields.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect::<Vec<_>>()
    };
    let mut content: Vec<_> = own.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    content.extend(pairs(inside));
    let mut fields = vec![format!(r#""MsgContent":{{{}}}"#, content.join(","))];
    fields.extend(pairs(beside));
    fields.insert(if kind_first { 0 } else { fields.len() }, format!(r#""MsgType":"{kind}""#));
    format!("{{{}}}", fields.join(","))
}
