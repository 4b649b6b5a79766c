//! What tells a repeated delivery from a new one.

use std::collections::HashMap;

use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq};
use serde_json::json;
use trtc_live_webhook::{Command, Delivery, DeliveryKey, Event, RequestInfo, SdkAppId};

use crate::{
    properties::holds,
    support::{event, fields, fixture, fixtures, request, with, without},
};

#[track_caller]
fn key(body: &str) -> Option<DeliveryKey> {
    Delivery::new(request(), Event::from_slice(body.as_bytes()).unwrap()).key(body.as_bytes())
}

#[test]
fn no_two_fixtures_share_a_key() {
    let mut seen = HashMap::new();
    for fixture in fixtures() {
        let Some(key) = key(&fixture.text) else {
            assert!(fixture.command().contains("Before"), "{}", fixture.name);
            continue;
        };
        assert!(!fixture.command().contains("Before"), "{}", fixture.name);
        if let Some(other) = seen.insert(key, fixture.name.clone()) {
            panic!("{other} and {}", fixture.name);
        }
        let text = key.to_string();
        assert_eq!(text.len(), 64);
        assert_eq!(serde_json::to_value(key).unwrap(), json!(text));
        assert_eq!(format!("{key:?}"), format!("DeliveryKey({text})"));
        let bytes: Vec<_> = key.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(text, bytes.concat());
    }
    assert!(seen.len() > Command::ALL.len());
}

#[test]
fn a_repetition_has_the_same_key() {
    for fixture in fixtures() {
        let delivery = Delivery::new(request(), event(&fixture.packet));
        let key = delivery.key(fixture.text.as_bytes());
        // What a query says besides the application is not of the packet; the signature is not even kept.
        let query = "SdkAppid=7&ClientIP=::1&OptPlatform=Web&tenant=7&RequestTime=1&Sign=x";
        let again = Delivery::new(RequestInfo::from_query(query).unwrap(), event(&fixture.packet));
        assert_eq!(again.key(fixture.text.as_bytes()), key, "{}", fixture.name);
        let other = Delivery::new(RequestInfo::new(SdkAppId::new(8)), event(&fixture.packet));
        assert_ne!(other.key(fixture.text.as_bytes()).filter(|_| key.is_some()), key.or(Some(hash())));
    }
    let recording = fixture("Live.CallbackAfterCloudRecordingChanged").packet;
    for ts in [json!(1), json!("1"), json!(-9_007_199_254_740_993_i64)] {
        let again = with(&recording, "/CallbackTs", ts).to_string();
        assert_eq!(key(&again), key(&recording.to_string()), "{again}");
    }
}

/// Any key at all.
fn hash() -> DeliveryKey {
    key(&fixture("Live.CallbackAfterEndBattle").text).unwrap()
}

#[test]
fn anything_else_has_another_key() {
    for fixture in fixtures() {
        let Some(ours) = key(&fixture.packet.to_string()) else { continue };
        for pointer in fields(&fixture.packet) {
            if pointer == "/CallbackTs" {
                continue;
            }
            let less = without(&fixture.packet, &pointer).to_string();
            if let Ok(event) = Event::from_slice(less.as_bytes()) {
                assert_ne!(Delivery::new(request(), event).key(less.as_bytes()), Some(ours), "{pointer}");
            }
            for value in [json!("other"), json!(7_654_321)] {
                let other = with(&fixture.packet, &pointer, value).to_string();
                if let Ok(event) = Event::from_slice(other.as_bytes()) {
                    assert_ne!(
                        Delivery::new(request(), event).key(other.as_bytes()),
                        Some(ours),
                        "{pointer}"
                    );
                }
            }
        }
        // What is not modelled counts as well.
        let mut more = fixture.packet.clone();
        more["New"] = json!({"CallbackTs": 1});
        let mut other = more.clone();
        other["New"] = json!({"CallbackTs": 2});
        assert_ne!(key(&more.to_string()), key(&other.to_string()), "{}", fixture.name);
        assert_ne!(key(&more.to_string()), Some(ours), "{}", fixture.name);
    }
}

#[test]
fn what_the_protocol_cannot_tell_apart_has_no_key() {
    for packet in [
        fixture("Live.CallbackBeforeSendGift").packet,
        fixture("Group.CallbackBeforeSendMsg").packet,
        json!({"CallbackCommand": "Room.CallbackAfterX", "EventTime": 1}),
        without(&fixture("Live.CallbackAfterMemberStateChanged").packet, "/EventTime"),
        without(&fixture("Follow.CallbackAfterFollowAdd").packet, "/EventTime"),
        without(&fixture("Live.CallbackAfterCreateRoom").packet, "/RoomInfo/CreateTime"),
        with(&fixture("Live.CallbackAfterMemberStateChanged").packet, "/EventTime", json!(0)),
        with(&fixture("Live.CallbackAfterCreateRoom").packet, "/RoomInfo/CreateTime", json!(0)),
        with(&fixture("Live.CallbackAfterCloudRecordingChanged").packet, "/EventInfo/EventMsTs", json!(0)),
        json!({
            "CallbackCommand": "Live.CallbackAfterCloudRecordingChanged", "EventType": 301, "EventInfo": {"EventTs": 5}
        }),
        json!({
            "CallbackCommand": "Group.CallbackAfterSendMsg", "GroupId": "g", "MsgId": "", "MsgSeq": 0, "EventTime": "0"
        }),
    ] {
        assert_eq!(key(&packet.to_string()), None, "{packet}");
    }
    let message = without(&fixture("Group.CallbackAfterSendMsg").packet, "/EventTime");
    let [by_number, by_id] = ["/MsgId", "/MsgSeq"].map(|field| without(&message, field));
    assert!(key(&by_number.to_string()).is_some() && key(&by_id.to_string()).is_some());
    assert_eq!(key(&without(&by_id, "/MsgId").to_string()), None);
    // An id tells apart what a time does not.
    for (name, time) in
        [("Live.CallbackAfterEndBattle", "/EventTime"), ("Group.CallbackAfterSendMsg", "/EventTime")]
    {
        let packet = without(&fixture(name).packet, time);
        assert!(key(&packet.to_string()).is_some(), "{name}");
    }
}

/// Two bodies of recordings share a key if and only if they are equal but for the value of their own `CallbackTs`.
#[test]
fn recordings_share_a_key_only_if_they_are_one() {
    let value = || prop::sample::select(vec!["1", "2", "\"3\"", "null"]);
    let name = prop::sample::select(vec!["CallbackTs", "New", "\\\"CallbackTs\\\":"]);
    let parts =
        (name, value(), value(), any::<[bool; 2]>()).prop_map(|(name, more, ts, [nested_first, spaced])| {
            let nested = format!("\"Info\":{{\"{name}\":{more},\"CallbackTs\":[{more}]}},");
            let (before, after) =
                if nested_first { (nested, String::new()) } else { (String::new(), nested) };
            let space = if spaced { " " } else { "" };
            let command = r#""CallbackCommand":"Live.CallbackAfterCloudRecordingChanged""#;
            (
                format!("{{{command},{before}\"CallbackTs\"{space}:{space}"),
                format!("{ts}{space}"),
                format!(",{after}\"EventType\":301,\"EventInfo\":{{\"EventMsTs\":5}}}}"),
            )
        });
    holds(&(parts.clone(), parts), |(one, two)| {
        let body = |(before, ts, after): &(String, String, String)| format!("{before}{ts}{after}");
        let cut = |parts: &(String, String, String)| (parts.0.trim_end().to_owned(), parts.2.clone());
        prop_assert!(key(&body(&one)).is_some());
        prop_assert_eq!(key(&body(&one)) == key(&body(&two)), cut(&one) == cut(&two), "{:?} {:?}", one, two);
        Ok(())
    });
}
