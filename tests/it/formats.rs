//! Deliveries and requests on their way through a queue, in the formats that people use there.

use std::{fmt::Debug, net::Ipv6Addr};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use trtc_live_webhook::{Delivery, Event, OptPlatform, RequestInfo, SdkAppId};

use crate::support::{arbitrary_precision, event, packets, with};

/// A request that says everything there is to say.
fn full() -> RequestInfo {
    let mut request = RequestInfo::new(SdkAppId::new(u64::MAX));
    request.command = Some("Room.CallbackAfter\u{2028}".into());
    request.content_type = Some("JSON".to_owned());
    request.client_ip = Some(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7).into());
    request.opt_platform = Some(OptPlatform::IPad);
    request.foreign =
        vec![("tenant".into(), "7".into()), ("tenant".into(), String::new()), ("é \0&".into(), "=".into())];
    request
}

/// Requests that say all, nothing, and each thing alone.
fn requests() -> Vec<RequestInfo> {
    let empty = RequestInfo::new(SdkAppId::new(0));
    let alone = |set: fn(&mut RequestInfo, RequestInfo)| {
        let mut request = empty.clone();
        set(&mut request, full());
        request
    };
    let mut v4 = full();
    v4.client_ip = Some([127, 0, 0, 1].into());
    v4.opt_platform = Some("VisionOS".into());
    vec![
        alone(|request, full| request.command = full.command),
        alone(|request, full| request.content_type = full.content_type),
        alone(|request, full| request.client_ip = full.client_ip),
        alone(|request, full| request.opt_platform = full.opt_platform),
        alone(|request, full| request.foreign = full.foreign),
        empty,
        full(),
        v4,
    ]
}

/// Events of every kind, with all that is hard to carry.
fn events() -> Vec<Event> {
    let mut events: Vec<_> = packets().iter().map(|packet| event(&packet.packet)).collect();
    let numbers = json!([
        0,
        -1,
        i64::MIN,
        i64::MAX,
        u64::MAX,
        (1_u64 << 53) + 1,
        1.5,
        1e300,
        -0.1,
        9.931_003_425_883_171,
    ]);
    let nested = json!({"a": [null, true, {"": []}, "é\u{0}\u{1f600}"], "n": numbers, "$x": {"$y": 0}});
    events.push(event(&json!({"CallbackCommand": "Call.X", "AAA": nested, "zzz": null})));
    events.push(event(&json!({
        "CallbackCommand": "Group.CallbackAfterSendMsg",
        "GroupId": (1_u64 << 53) + 1,
        "MsgBody": [{"MsgType": "TIMNewElem", "MsgContent": nested, "New": [1]}],
    })));
    events.push(event(&json!({
        "CallbackCommand": "Group.CallbackAfterSendMsg",
        "GroupId": "g",
        "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "t", "Lang": "en"}, "Flag": 1}],
    })));
    for id in [json!((1_i64 << 53) + 1), json!(i64::MIN), json!(i64::MAX), json!(u64::MAX), json!("007")] {
        events.push(event(&json!({
            "CallbackCommand": "Live.CallbackAfterEndBattle",
            "BattleId": id,
            "OpType": i64::MIN,
            "Duration": i64::MAX,
            "CreateTime": i64::MIN,
            "EventTime": i64::MAX,
            "FromRoomInfo": {"RoomId": id, "Owner_Account": id, "Score": i64::MAX},
            "ToRoomList": [{"RoomId": id}, {"RoomId": id}],
        })));
    }
    for files in [json!("one"), json!(["one"]), json!([])] {
        let payload = packets().into_iter().find(|packet| packet.name.ends_with(".payload")).unwrap();
        events.push(event(&with(&payload.packet, "/EventInfo/Payload/FileList", files)));
    }
    events
}

/// What is written in a format is read back from it.
#[track_caller]
fn assert_comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value, "{text}");
    assert_eq!(serde_json::from_slice::<T>(text.as_bytes()).unwrap(), *value);
    assert_eq!(serde_json::from_reader::<_, T>(text.as_bytes()).unwrap(), *value);
    let pretty = serde_json::to_string_pretty(value).unwrap();
    assert_eq!(serde_json::from_str::<T>(&pretty).unwrap(), *value);
    let json = serde_json::to_value(value).unwrap();
    assert_eq!(serde_json::from_value::<T>(json).unwrap(), *value);

    let mut cbor = Vec::new();
    ciborium::into_writer(value, &mut cbor).unwrap();
    assert_eq!(ciborium::from_reader::<T, _>(cbor.as_slice()).unwrap(), *value, "{text}");

    let named = rmp_serde::to_vec_named(value).unwrap();
    assert_eq!(rmp_serde::from_slice::<T>(&named).unwrap(), *value, "{text}");
    assert_eq!(rmp_serde::from_read::<_, T>(named.as_slice()).unwrap(), *value);
}

#[test]
fn a_request_comes_back() {
    for request in requests() {
        assert_comes_back(&request);
    }
}

#[test]
fn a_delivery_comes_back() {
    for event in events() {
        for request in [full(), RequestInfo::new(SdkAppId::new(7))] {
            let delivery = Delivery::new(request, event.clone());
            assert_comes_back(&delivery);
            assert_comes_back(&delivery.event);
        }
    }
    for request in requests() {
        assert_comes_back(&Delivery::new(request, events().swap_remove(0)));
    }
}

/// The form of an id is not part of its identity, and so no comparison sees it.
#[test]
fn what_comes_back_is_written_as_before() {
    for event in events() {
        let delivery = Delivery::new(full(), event);
        let text = serde_json::to_string(&delivery).unwrap();
        let again = |delivery: Delivery| serde_json::to_string(&delivery).unwrap();
        assert_eq!(again(serde_json::from_str(&text).unwrap()), text);
        let mut cbor = Vec::new();
        ciborium::into_writer(&delivery, &mut cbor).unwrap();
        assert_eq!(again(ciborium::from_reader(cbor.as_slice()).unwrap()), text);
        let named = rmp_serde::to_vec_named(&delivery).unwrap();
        assert_eq!(again(rmp_serde::from_slice(&named).unwrap()), text);
    }
}

/// Where a build keeps numbers of any size, other formats get them as text under a private key.
#[test]
fn a_number_of_any_size_comes_back_where_it_is_kept() {
    if !arbitrary_precision() {
        return;
    }
    let integers = format!("18446744073709551616,{},{},{}0", i128::from(i64::MIN) - 1, i128::MIN, u128::MAX);
    let body = format!(r#"{{"CallbackCommand":"Call.X","N":[1e999,0.10000000000000000000001,{integers}]}}"#);
    let event = Event::from_slice(body.as_bytes()).unwrap();
    assert_eq!(serde_json::to_string(&event).unwrap().replace("e+", "e"), body);
    assert_comes_back(&Delivery::new(full(), event));
}

/// The names are on the wire, as in a database that is searched by them.
#[test]
fn the_json_of_a_delivery() {
    let mut request = full();
    request.command = None;
    request.foreign.truncate(1);
    let packet = json!({"CallbackCommand": "Live.CallbackAfterEndBattle", "BattleId": 1});
    let expected = json!({
        "request": {
            "sdk_app_id": u64::MAX,
            "content_type": "JSON",
            "client_ip": "2001:db8::7",
            "opt_platform": "iPad",
            "foreign": [["tenant", "7"]],
        },
        "event": packet,
    });
    assert_eq!(serde_json::to_value(Delivery::new(request, event(&packet))).unwrap(), expected);
}

#[test]
fn what_is_no_delivery_is_refused() {
    for json in [
        json!({}),
        json!({"request": {"sdk_app_id": 7}}),
        json!({"event": {"CallbackCommand": "Call.X"}}),
        json!({"request": [7], "event": {"CallbackCommand": "Call.X"}}),
        json!({"request": [7, null, null, null, null, []], "event": {"CallbackCommand": "Call.X"}}),
        json!({"request": {"sdk_app_id": "7"}, "event": {"CallbackCommand": "Call.X"}}),
        json!({"request": {"sdk_app_id": 7}, "event": {}}),
        json!({"request": {"sdk_app_id": 7}, "event": ["Call.X"]}),
        json!({"request": {"sdk_app_id": 7}, "event": {"CallbackCommand": "Live.CallbackAfterEndBattle"}}),
    ] {
        assert!(serde_json::from_value::<Delivery>(json.clone()).is_err(), "{json}");
        assert!(serde_json::from_str::<Delivery>(&json.to_string()).is_err(), "{json}");
    }
}

/// As the type's documentation says: a format that leaves out names or types carries no delivery. It must say so, at the
/// latest when the delivery is read.
#[test]
fn a_format_without_names_or_types_fails() {
    for packet in packets() {
        for request in requests() {
            let delivery = Delivery::new(request, event(&packet.packet));
            let positional = rmp_serde::to_vec(&delivery).unwrap();
            let read = rmp_serde::from_slice::<Delivery>(&positional);
            assert!(read.is_err(), "{delivery:?} as {positional:?} is {read:?}");
            if let Ok(bytes) = postcard::to_allocvec(&delivery) {
                let read = postcard::from_bytes::<Delivery>(&bytes);
                assert!(read.is_err(), "{delivery:?} as {bytes:?} is {read:?}");
            }
        }
    }
}

/// What happens to have no gaps may be carried all the same, but never as something else.
#[test]
fn what_comes_back_without_names_is_no_other() {
    for request in requests() {
        assert_no_other(&request);
        for event in events() {
            // A number of any size is a struct to a format that is not JSON: without its name, it becomes a list.
            if arbitrary_precision() && !event.command().is_recognized() {
                continue;
            }
            assert_no_other(&Delivery::new(request.clone(), event));
        }
    }
}

#[track_caller]
fn assert_no_other<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let positional = rmp_serde::to_vec(value).unwrap();
    if let Ok(read) = rmp_serde::from_slice::<T>(&positional) {
        assert_eq!(read, *value);
    }
    if let Ok(bytes) = postcard::to_allocvec(value) {
        if let Ok(read) = postcard::from_bytes::<T>(&bytes) {
            assert_eq!(read, *value);
        }
    }
}
