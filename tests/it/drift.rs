//! What a packet holds that is not modelled.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trtc_live_webhook::{Delivery, Event, drift};

use crate::support::{event, fields, fixture, packets, request, with, without};

/// What is reported of a packet, a line each.
#[track_caller]
fn report(packet: &Value) -> Vec<String> {
    let body = packet.to_string();
    let delivery = Delivery::new(request(), event(packet));
    drift::report(&delivery, body.as_bytes()).iter().map(ToString::to_string).collect()
}

/// Pointers to every object of the packet, itself included.
fn objects(packet: &Value) -> Vec<String> {
    fn walk(value: &Value, pointer: &str, objects: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                objects.push(pointer.to_owned());
                for (name, value) in object {
                    walk(value, &format!("{pointer}/{name}"), objects);
                }
            }
            Value::Array(list) => {
                for (index, value) in list.iter().enumerate() {
                    walk(value, &format!("{pointer}/{index}"), objects);
                }
            }
            _ => {}
        }
    }

    let mut objects = Vec::new();
    walk(packet, "", &mut objects);
    objects
}

#[test]
fn a_documented_packet_has_no_drift() {
    for packet in packets() {
        assert_eq!(report(&packet.packet), [""; 0], "{}", packet.name);
        for pointer in fields(&packet.packet) {
            let null = with(&packet.packet, &pointer, Value::Null);
            if Event::from_slice(null.to_string().as_bytes()).is_ok() {
                assert_eq!(report(&null), [""; 0], "{} {pointer}", packet.name);
            }
        }
    }
}

#[test]
fn an_unknown_field_of_any_object_is_reported_with_its_pointer() {
    for packet in packets() {
        for object in objects(&packet.packet) {
            for value in [json!(1), json!(null), json!({"deep": [{}]})] {
                let mut changed = packet.packet.clone();
                changed.pointer_mut(&object).unwrap()["New/~\n"] = value;
                let pointer = format!("{object}/New~1~0\n");
                assert_eq!(report(&changed), [format!("unknown field {pointer:?}")], "{}", packet.name);
                assert!(changed.pointer(&pointer).is_some());
            }
        }
    }
}

/// Every text and every number is replaced: what is reported then is of an open enum.
#[test]
fn an_unrecognized_value_of_any_open_enum_is_reported_and_comes_back() {
    let mut reported = BTreeSet::new();
    for packet in packets() {
        for pointer in fields(&packet.packet).into_iter().filter(|pointer| pointer != "/CallbackCommand") {
            let unknown = match packet.packet.pointer(&pointer).unwrap() {
                Value::String(text) if text.parse::<i64>().is_ok() => json!("987654321"),
                Value::String(_) => json!("\"No\n"),
                Value::Number(_) => json!(987_654_321),
                _ => continue,
            };
            let changed = with(&packet.packet, &pointer, unknown.clone());
            assert_eq!(serde_json::to_value(event(&changed)).unwrap(), changed, "{} {pointer}", packet.name);
            match &*report(&changed) {
                [] => {}
                [finding] => {
                    assert_eq!(*finding, format!("unrecognized value {unknown} at {pointer:?}"));
                    let (_, command) = packet.command().split_once(".Callback").unwrap();
                    reported.insert(format!("{command} {pointer}"));
                }
                more => panic!("{more:?}"),
            }
        }
    }
    let reported: Vec<_> = reported.iter().map(String::as_str).collect();
    assert_eq!(
        reported,
        [
            "AfterCloudRecordingChanged /EventGroupId",
            "AfterCloudRecordingChanged /EventInfo/Payload/FileMessage/0/MediaId",
            "AfterCloudRecordingChanged /EventInfo/Payload/FileMessage/0/TrackType",
            "AfterCloudRecordingChanged /EventInfo/Payload/TencentVod/MediaId",
            "AfterCloudRecordingChanged /EventInfo/Payload/TencentVod/TrackType",
            "AfterCloudRecordingChanged /EventInfo/Payload/TrackType",
            "AfterCloudRecordingChanged /EventType",
            "AfterCreateRoom /RoomInfo/RoomType",
            "AfterCreateRoom /RoomInfo/TakeSeatMode",
            "AfterDestroyRoom /EventType",
            "AfterDestroyRoom /RoomInfo/RoomType",
            "AfterDestroyRoom /RoomInfo/TakeSeatMode",
            "AfterEndBattle /OpType",
            "AfterMemberStateChanged /EventCause",
            "AfterMemberStateChanged /EventType",
            "AfterModifyAdmin /opType",
            "AfterSendMsg /MsgBody/0/MsgContent/ImageFormat",
            "AfterSendMsg /MsgBody/0/MsgContent/ImageInfoArray/0/Type",
            "AfterSendMsg /MsgBody/0/MsgContent/ImageInfoArray/1/Type",
            "AfterSendMsg /MsgBody/0/MsgContent/ImageInfoArray/2/Type",
            "AfterSendMsg /MsgBody/0/MsgContent/MsgList/0/MsgBody/0/MsgType",
            "AfterSendMsg /MsgBody/0/MsgContent/MsgList/1/MsgBody/0/MsgType",
            "AfterSendMsg /MsgBody/0/MsgType",
            "AfterSendMsg /Type",
            "AfterUpdateRoomInfo /RoomInfo/TakeSeatMode",
            "BeforeSendMsg /MsgBody/0/MsgType",
            "BeforeSendMsg /Type",
        ]
    );
}

#[test]
fn a_length_that_cannot_be_held_is_reported() {
    for (name, field) in [
        ("Live.CallbackAfterCreateBattle", "/Timeout"),
        ("Live.CallbackAfterCreateBattle", "/Duration"),
        ("Live.CallbackAfterStartBattle", "/Duration"),
        ("Live.CallbackAfterEndBattle", "/Duration"),
    ] {
        let packet = with(&fixture(name).packet, field, json!(-1));
        assert_eq!(report(&packet), [format!("unrecognized value -1 at {field:?}")]);
    }
}

/// The receiver skips such values without a look, and `Value` cannot hold them.
#[test]
fn an_unknown_field_is_reported_whatever_its_value() {
    let fixture = fixture("Live.CallbackAfterDestroyRoom");
    for value in [r#""\ud83d""#, "1e999", "[[1e999]]", r#"{"a":"\ud800"}"#] {
        let body = fixture.text.replacen("\"RoomName\"", &format!("\"New\": {value}, \"RoomName\""), 1);
        let delivery = Delivery::new(request(), Event::from_slice(body.as_bytes()).unwrap());
        let findings = drift::report(&delivery, body.as_bytes());
        assert_eq!(findings.len(), 1, "{value}");
        assert_eq!(findings[0].pointer(), Some("/RoomInfo/New"));
    }
}

#[test]
fn a_field_beside_the_content_of_an_element_is_reported() {
    let packet = json!({
        "CallbackCommand": "Group.CallbackAfterSendMsg",
        "GroupId": "g",
        "MsgBody": [
            {"MsgType": "TIMFaceElem", "MsgContent": {"Index": 1}, "New": 1},
            {"MsgType": "TIMNewElem", "New": {"a": [1]}, "MsgContent": {"a": {"b": 1}}},
            {"MsgType": "TIMTextElem", "MsgContent": {"Text": "t", "Lang": null}},
            {"MsgType": "TIMImageElem", "MsgContent": {"ImageInfoArray": [{"Type": 1, "New": []}], "UUID": null}},
        ],
    });
    let mut findings = report(&packet);
    findings.sort_unstable();
    assert_eq!(
        findings,
        [
            r#"unknown field "/MsgBody/0/New""#,
            r#"unknown field "/MsgBody/1/New""#,
            r#"unknown field "/MsgBody/2/MsgContent/Lang""#,
            r#"unknown field "/MsgBody/3/MsgContent/ImageInfoArray/0/New""#,
            r#"unrecognized value "TIMNewElem" at "/MsgBody/1/MsgType""#,
        ]
    );
    let mut packet = packet;
    packet["MsgBody"][3]["MsgContent"].as_object_mut().unwrap().remove("UUID");
    assert_eq!(serde_json::to_value(event(&packet)).unwrap(), packet);
}

#[test]
fn a_parameter_with_an_unrecognized_value() {
    let packet = fixture("Live.CallbackAfterEndBattle").packet;
    let mut delivery = Delivery::new(request(), event(&packet));
    delivery.request.opt_platform = Some("Vision\u{2028}OS".into());
    let findings = drift::report(&delivery, packet.to_string().as_bytes());
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].to_string(), r#"unrecognized value "Vision\u{2028}OS" of parameter OptPlatform"#);
    assert_eq!(findings[0].pointer(), None);
    delivery.request.opt_platform = Some("macOS".into());
    assert_eq!(drift::report(&delivery, packet.to_string().as_bytes()), []);
}

/// Neither line and paragraph separators nor control characters beyond ASCII nor a change of direction.
#[test]
fn a_finding_is_one_line() {
    let odd = "\n\u{7f}\u{85}\u{9b}\u{2028}\u{202e}";
    let mut packet = fixture("Live.CallbackAfterDestroyRoom").packet;
    packet["EventType"] = json!(odd);
    packet[odd] = json!(1);
    for finding in report(&packet) {
        assert!(finding.is_ascii() && !finding.contains('\n'), "{finding}");
    }
    assert_eq!(report(&packet).len(), 2);
}

#[test]
fn an_unrecognized_command_is_all_there_is_to_say_of_it() {
    let packet = json!({"CallbackCommand": "Room.\nX", "New": 1, "EventType": "?"});
    assert_eq!(report(&packet), [r#"unrecognized command "Room.\nX""#]);
}

#[test]
fn a_command_in_the_url_that_is_another() {
    let packet = fixture("Live.CallbackAfterMemberStateChanged").packet;
    let body = packet.to_string();
    let report = |word: &str| {
        let mut request = request();
        request.command = Some(word.into());
        let delivery = Delivery::new(request, event(&packet));
        drift::report(&delivery, body.as_bytes()).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(report("Live.CallbackAfterMemberStateChanged"), [""; 0]);
    assert_eq!(report("Live.CallbackMemberStateChanged"), [""; 0]);
    let mismatch = r#"command "Room.\nX" in the URL, "Live.CallbackAfterMemberStateChanged" in the body"#;
    assert_eq!(report("Room.\nX"), [mismatch]);
    let alias = with(&packet, "/CallbackCommand", json!("Live.CallbackMemberStateChanged"));
    assert_eq!(self::report(&alias), [""; 0]);
}

/// Q1: the page of the deletion prints the command of the setting for its URL. The reverse is nowhere printed.
#[test]
fn a_command_in_the_url_that_the_page_prints() {
    for (url, body, mismatch) in [
        ("Live.CallbackAfterSetMetadata", "Live.CallbackAfterDelMetadata", false),
        ("Live.CallbackAfterDelMetadata", "Live.CallbackAfterSetMetadata", true),
    ] {
        let fixture = fixture(body);
        let mut delivery = Delivery::new(request(), event(&fixture.packet));
        delivery.request.command = Some(url.into());
        assert_eq!(drift::report(&delivery, fixture.text.as_bytes()).len(), usize::from(mismatch));
    }
}

#[test]
fn an_unrecognized_command_with_another_in_the_url() {
    let packet = json!({"CallbackCommand": "Room.X"});
    let mut delivery = Delivery::new(request(), event(&packet));
    delivery.request.command = Some("Room.Y".into());
    let findings = drift::report(&delivery, packet.to_string().as_bytes());
    assert!(matches!(&findings[0], drift::Finding::CommandMismatch { url, .. } if *url == "Room.Y"));
    assert!(
        matches!(&findings[1], drift::Finding::UnrecognizedCommand { command, .. } if *command == "Room.X")
    );
    assert_eq!(findings.len(), 2);
}

#[test]
fn all_that_is_found_is_reported() {
    let mut packet = fixture("Live.CallbackAfterEndBattle").packet;
    packet["ToRoomList"] = json!([{"RoomId": 1}, {"RoomId": 2, "Rank": 1, "Team": "x"}]);
    packet["OpType"] = json!(9);
    packet["Season"] = json!(null);
    let mut findings = report(&packet);
    findings.sort_unstable();
    assert_eq!(
        findings,
        [
            r#"unknown field "/Season""#,
            r#"unknown field "/ToRoomList/1/Rank""#,
            r#"unknown field "/ToRoomList/1/Team""#,
            r#"unrecognized value 9 at "/OpType""#,
        ]
    );
}

#[test]
fn findings_are_structured() {
    let packet = json!({"CallbackCommand": "Live.CallbackAfterModifyAdmin", "RoomId": 1, "opType": "promote", "New": 2});
    let mut delivery = Delivery::new(request(), event(&packet));
    delivery.request.command = Some("Room.X".into());
    let mut seen = Vec::new();
    for finding in drift::report(&delivery, packet.to_string().as_bytes()) {
        seen.push(match finding {
            drift::Finding::UnknownField { pointer, .. } => packet.pointer(&pointer).unwrap().clone(),
            drift::Finding::UnrecognizedValue { pointer, value, .. } => {
                assert_eq!(packet.pointer(&pointer), Some(&value));
                value
            }
            drift::Finding::CommandMismatch { url, body, .. } => json!([url, body]),
            other => panic!("{other}"),
        });
    }
    assert_eq!(seen, [json!(["Room.X", "Live.CallbackAfterModifyAdmin"]), json!("promote"), json!(2)]);
}

/// What is reported without the packet at hand is what the event itself tells.
#[test]
fn a_body_that_is_not_the_deliverys() {
    let packet = with(&fixture("Live.CallbackAfterEndBattle").packet, "/OpType", json!(9));
    let delivery = Delivery::new(request(), event(&packet));
    for body in ["", "[]", "{}", "{\"ToRoomList\":{}}"] {
        let findings: Vec<_> =
            drift::report(&delivery, body.as_bytes()).iter().map(ToString::to_string).collect();
        assert_eq!(findings, [r#"unrecognized value 9 at "/OpType""#], "{body}");
    }
    let shorter = without(&packet, "/ToRoomList").to_string();
    assert_eq!(drift::report(&delivery, shorter.as_bytes()).len(), 1);
}

#[test]
fn a_finding_is_short() {
    let long = "\u{9b}".repeat(10_000);
    let mut packet = fixture("Live.CallbackAfterDestroyRoom").packet;
    packet["EventType"] = json!(long);
    packet["RoomInfo"][&long] = json!(1);
    let mut delivery = Delivery::new(request(), event(&packet));
    delivery.request.command = Some(long.as_str().into());
    delivery.request.opt_platform = Some(long.as_str().into());
    let findings = drift::report(&delivery, packet.to_string().as_bytes());
    assert_eq!(findings.len(), 4);
    for finding in findings {
        // Each character is written as its escape.
        assert!(finding.to_string().len() < 1500, "{finding}");
        assert!(finding.to_string().contains('…'), "{finding}");
    }
}
/// A report of a body that consists of unknown fields is as long as a log can bear.
#[test]
fn a_report_has_a_hundred_findings_and_says_how_many_more_there_are() {
    for (unknown, more) in [(99, None), (100, None), (101, Some(1)), (60_000, Some(59_900))] {
        let fields: Vec<_> = (0..unknown).map(|number| format!(r#","New{number}":0"#)).collect();
        let fields = fields.concat();
        let body = format!(
            r#"{{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"r","EventType":"DestroyByUser"{fields}}}"#
        );
        let delivery = Delivery::new(request(), Event::from_slice(body.as_bytes()).unwrap());
        let findings = drift::report(&delivery, body.as_bytes());
        assert_eq!(findings.len(), unknown.min(100) + usize::from(more.is_some()));
        for (number, finding) in findings.iter().take(100).enumerate() {
            assert_eq!(finding.pointer(), Some(&*format!("/New{number}")));
        }
        if let Some(more) = more {
            assert!(
                matches!(findings[100], drift::Finding::More { count, .. } if count == more),
                "{findings:?}"
            );
            assert_eq!(findings[100].to_string(), format!("and {more} more"));
            assert_eq!(findings[100].pointer(), None);
        }
    }
}

/// The bound is that of all findings together, whatever they are about.
#[test]
fn findings_of_every_kind_count() {
    let files = r#"{"TrackType":"x","MediaId":"y","New":0}"#;
    let body = format!(
        r#"{{"CallbackCommand":"Live.CallbackAfterCloudRecordingChanged","EventType":1,"EventInfo":{{"Payload":{{"FileMessage":[{}]}}}}}}"#,
        vec![files; 1000].join(",")
    );
    let mut delivery = Delivery::new(request(), Event::from_slice(body.as_bytes()).unwrap());
    delivery.request.command = Some("Room.X".into());
    delivery.request.opt_platform = Some("VisionOS".into());
    let findings = drift::report(&delivery, body.as_bytes());
    assert_eq!(findings.len(), 101);
    assert_eq!(findings[100].to_string(), format!("and {} more", 3 + 3000 - 100));
    let texts: Vec<_> = findings.iter().take(5).map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            r#"command "Room.X" in the URL, "Live.CallbackAfterCloudRecordingChanged" in the body"#,
            r#"unrecognized value "VisionOS" of parameter OptPlatform"#,
            r#"unrecognized value 1 at "/EventType""#,
            r#"unrecognized value "x" at "/EventInfo/Payload/FileMessage/0/TrackType""#,
            r#"unrecognized value "y" at "/EventInfo/Payload/FileMessage/0/MediaId""#,
        ]
    );
}

/// What an element of another kind contains is kept, and thus modelled as a whole, whatever a body says in its place.
#[test]
fn what_is_kept_is_not_entered() {
    let message = |content: &str| {
        format!(
            r#"{{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","MsgBody":[{{"MsgType":"TIMFaceElem","MsgContent":{content}}}]}}"#
        )
    };
    let kept = r#"{"Index":1,"Data":"d"}"#;
    let delivery = Delivery::new(request(), Event::from_slice(message(kept).as_bytes()).unwrap());
    for content in
        [kept, r#"{"Index":1,"Data":"d","Index":[1e999]}"#, r#"{"New":{"Newer":0}}"#, "[]", "1e999"]
    {
        assert_eq!(drift::report(&delivery, message(content).as_bytes()), [], "{content}");
    }
    let unknown = r#"{"CallbackCommand":"Call.X","New":{"Newer":0}}"#;
    let delivery = Delivery::new(request(), Event::from_slice(unknown.as_bytes()).unwrap());
    assert_eq!(drift::report(&delivery, unknown.as_bytes()).len(), 1);
}

/// A lookup that begins where the last one ended took a quarter of a second for the fields of one element in reverse.
#[test]
fn the_order_of_fields_does_not_matter() {
    let fields: Vec<_> = (0..500).map(|number| format!(r#""{}":0"#, 9999 - number)).collect();
    let message = |fields: &str| {
        format!(
            r#"{{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","MsgBody":[{{"MsgType":"x",{fields},"MsgContent":{{{fields}}}}}]}}"#
        )
    };
    let (forth, back) = (fields.join(","), fields.iter().rev().cloned().collect::<Vec<_>>().join(","));
    let event = Event::from_slice(message(&forth).as_bytes()).unwrap();
    assert_eq!(Event::from_slice(message(&back).as_bytes()).as_ref(), Ok(&event));
    let delivery = Delivery::new(request(), event);
    let findings = drift::report(&delivery, message(&forth).as_bytes());
    assert_eq!(drift::report(&delivery, message(&back).as_bytes()), findings);
    assert_eq!(findings.len(), 101);
    assert_eq!(findings[100].to_string(), "and 401 more");
}

/// A field that is there twice is there twice. No struct of the crate is deceived by it.
#[test]
fn an_unknown_field_is_reported_as_often_as_it_is_there() {
    let body = br#"{"CallbackCommand":"Live.CallbackAfterEndBattle","New":1,"BattleId":"b","New":{}}"#;
    let delivery = Delivery::new(request(), Event::from_slice(body).unwrap());
    let findings: Vec<_> = drift::report(&delivery, body).iter().map(ToString::to_string).collect();
    assert_eq!(findings, [r#"unknown field "/New""#, r#"unknown field "/New""#]);
}
