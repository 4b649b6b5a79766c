//! Choosing the struct, and the quirks of the documented packets.

use serde::{
    Deserialize, Deserializer,
    de::{self, IntoDeserializer, value::MapDeserializer},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value, json};
use trtc_live_webhook::{
    Command, Event, RoomId, UnixMillis, UnrecognizedEvent, UserId,
    event::{battle, member, room},
};

use crate::support::{event, fields, fixture, fixtures, packets, with, without};

/// The text of the packet with its command as the last key.
fn command_last(packet: &Value) -> String {
    let mut fields = packet.as_object().unwrap().clone();
    let command = fields.remove("CallbackCommand").unwrap();
    let rest = Value::Object(fields).to_string();
    format!("{},\"CallbackCommand\":{command}}}", &rest[..rest.len() - 1])
}

#[test]
fn the_command_may_stand_anywhere() {
    for fixture in fixtures() {
        let first = Event::from_slice(fixture.text.as_bytes()).unwrap();
        let last = command_last(&fixture.packet);
        assert_eq!(Event::from_slice(last.as_bytes()).unwrap(), first, "{}", fixture.name);
        assert_eq!(serde_json::from_str::<Event>(&last).unwrap(), first, "{}", fixture.name);
        assert_eq!(serde_json::from_str::<Event>(&fixture.text).unwrap(), first, "{}", fixture.name);
        assert_eq!(serde_json::from_slice::<Event>(fixture.text.as_bytes()).unwrap(), first);
        assert_eq!(
            serde_json::from_value::<Event>(fixture.packet.clone()).unwrap(),
            first,
            "{}",
            fixture.name
        );
        let command = fixture.packet["CallbackCommand"].as_str().unwrap();
        for (plain, escaped) in [
            ("CallbackCommand", "\\u0043allbackCommand".to_owned()),
            (command, command.replace(".C", ".\\u0043")),
            (command, format!("\\u{:04x}{}", u32::from(command.as_bytes()[0]), &command[1..])),
        ] {
            let escaped = fixture.text.replace(&format!("\"{plain}\""), &format!("\"{escaped}\""));
            assert_ne!(escaped, fixture.text);
            assert_eq!(Event::from_slice(escaped.as_bytes()).unwrap(), first, "{}", fixture.name);
        }
        let spaced = fixture
            .text
            .replacen('{', "\t {\r\n ", 1)
            .replace("\"CallbackCommand\":", "\"CallbackCommand\" \n : \t");
        assert_eq!(Event::from_slice(spaced.as_bytes()).unwrap(), first, "{}", fixture.name);
    }
}

#[test]
fn a_packet_without_a_command_is_refused_by_every_way_in() {
    for packet in [json!({}), json!({"RoomId": "r"}), json!([]), json!("Live.CallbackAfterEndBattle")] {
        assert!(Event::from_slice(packet.to_string().as_bytes()).is_err());
        assert!(serde_json::from_value::<Event>(packet.clone()).is_err());
        assert!(serde_json::from_value::<UnrecognizedEvent>(packet.clone()).is_err());
        assert!(serde_json::from_value::<room::AfterDestroyRoom>(packet).is_err());
    }
    let error = serde_json::from_str::<Event>("[]").unwrap_err().to_string();
    assert!(error.starts_with("invalid type: sequence, expected a packet"), "{error}");
    // Other formats have keys that are no text.
    let number = MapDeserializer::<_, de::value::Error>::new([(1, 2)].into_iter());
    let error = Event::deserialize(number).unwrap_err().to_string();
    assert_eq!(error, "invalid type: integer `1`, expected the name of a field");
    for body in [
        r#"{"CallbackCommand":"Call.X","CallbackCommand":"Call.X"}"#,
        r#"{"A":1,"CallbackCommand":"Call.X","CallbackCommand":"Call.X"}"#,
        r#"{"CallbackCommand":"Call.X","CallbackCommand":"Live.CallbackAfterEndBattle","BattleId":"b"}"#,
        r#"{"CallbackCommand":"Live.CallbackAfterEndBattle","BattleId":"b","CallbackCommand":"Call.X"}"#,
        r#"{"BattleId":"b","CallbackCommand":"Live.CallbackAfterEndBattle","CallbackCommand":"Call.X"}"#,
    ] {
        assert!(Event::from_slice(body.as_bytes()).is_err(), "{body}");
        assert!(serde_json::from_str::<Event>(body).is_err(), "{body}");
    }
}

#[test]
fn a_struct_on_its_own_is_the_complete_packet_and_takes_no_other() {
    let packet = fixture("Live.CallbackAfterDestroyRoom").packet;
    let event: room::AfterDestroyRoom = serde_json::from_value(packet.clone()).unwrap();
    assert_eq!(serde_json::to_value(&event).unwrap(), packet);
    assert!(
        serde_json::to_string(&event)
            .unwrap()
            .starts_with(r#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","#)
    );
    assert!(format!("{event:?}").starts_with("AfterDestroyRoom { tag: AfterDestroyRoom, operator_account: "));
    assert_eq!(Event::from(event), self::event(&packet));
    for other in ["Live.CallbackAfterCreateRoom", "Call.X", ""] {
        let packet = with(&packet, "/CallbackCommand", json!(other));
        let error = serde_json::from_value::<room::AfterDestroyRoom>(packet).unwrap_err();
        assert!(error.to_string().ends_with("expected `Live.CallbackAfterDestroyRoom`"), "{error}");
    }
}

#[test]
fn what_every_event_can_be_asked() {
    let ask = |name: &str| {
        let event = event(&fixture(name).packet);
        (event.room_id().cloned(), event.operator_account().cloned(), event.event_time())
    };
    let at = |millis| Some(UnixMillis::new(millis));
    let room = |id: &str| Some(RoomId::from(id));
    let user = |id: &str| Some(UserId::from(id));
    assert_eq!(ask("Live.CallbackAfterCreateRoom"), (room("tandy-test-rest"), user("admin"), None));
    assert_eq!(
        ask("Live.CallbackAfterDestroyRoom"),
        (room("tandy-test-rest"), user("admin"), at(1_703_589_922_780))
    );
    assert_eq!(
        ask("Live.CallbackAfterUpdateRoomInfo"),
        (room("live-room"), user("bob"), at(1_670_574_414_123))
    );
    assert_eq!(
        ask("Live.CallbackAfterSetMetadata"),
        (room("live-room1111"), user("brennanli"), at(1_739_965_885_831))
    );
    assert_eq!(
        ask("Live.CallbackAfterDelMetadata"),
        (room("live-room1111"), user("brennanli"), at(1_739_966_441_121))
    );
    assert_eq!(
        ask("Live.CallbackAfterCreateRoomReachingThreshold"),
        (None, user("brennanli"), at(1_739_966_441_121))
    );
    assert_eq!(ask("Live.CallbackAfterMemberStateChanged"), (room("room_id"), None, at(1_703_589_922_780)));
    assert_eq!(ask("Live.CallbackAfterChangeOwner"), (room("room_id"), user("admin"), at(1_703_589_922_780)));
    assert_eq!(ask("Live.CallbackAfterModifyAdmin"), (room("room_id"), user("admin"), at(1_703_589_922_780)));
    assert_eq!(ask("Mic.CallbackAfterSeatInfoChanged"), (room("rid-123"), None, at(1_670_574_414_123)));
    assert_eq!(
        ask("Live.CallbackAfterCreateBattle"),
        (room("pk-3"), user("brennanli"), at(1_739_954_005_000))
    );
    assert_eq!(ask("Live.CallbackAfterStartBattle"), (room("pk-3"), None, at(1_739_954_005_000)));
    assert_eq!(ask("Live.CallbackAfterEndBattle"), (room("pk-3"), None, at(1_739_956_146_119)));
    assert_eq!(ask("Live.CallbackBeforeSendGift"), (room("room_id"), user("brennanli"), None));
    let message = (room("@TGS#2J4SZEAEL"), user("admin"), at(1_670_574_414_123));
    assert_eq!(ask("Group.CallbackBeforeSendMsg"), message);
    assert_eq!(ask("Group.CallbackAfterSendMsg"), message);
    assert_eq!(ask("Follow.CallbackAfterFollowAdd"), (None, None, at(1_702_018_343_678)));
    assert_eq!(ask("Follow.CallbackAfterFollowDelete"), (None, None, at(1_702_018_343_678)));
    assert_eq!(ask("Live.CallbackAfterCloudRecordingChanged"), (room("635055"), None, at(1_752_580_150_081)));
}

#[test]
fn a_battle_is_about_the_room_that_asked_for_it() {
    for (name, asked) in [
        ("Live.CallbackAfterCreateBattle", "/FromRoomId"),
        ("Live.CallbackAfterStartBattle", "/FromRoomInfo"),
        ("Live.CallbackAfterEndBattle", "/FromRoomInfo"),
    ] {
        assert_eq!(event(&without(&fixture(name).packet, asked)).room_id(), None);
    }
}

#[test]
fn the_time_of_a_recording_is_the_best_that_there_is() {
    let packet = fixture("Live.CallbackAfterCloudRecordingChanged").packet;
    let packet = without(&packet, "/EventInfo/EventMsTs");
    assert_eq!(event(&packet).event_time(), Some(UnixMillis::new(1_752_580_150_000)));
    let far = with(&packet, "/EventInfo/EventTs", json!(i64::MAX));
    assert_eq!(event(&far).event_time(), None);
    assert_eq!(event(&without(&packet, "/EventInfo/EventTs")).event_time(), None);
}

/// Q1: the page of the member event says that the URL carries another word than the body.
#[test]
fn the_alias_of_the_member_command() {
    let packet = fixture("Live.CallbackAfterMemberStateChanged").packet;
    let alias = with(&packet, "/CallbackCommand", json!("Live.CallbackMemberStateChanged"));
    assert_eq!(event(&alias), event(&packet));
    assert!(serde_json::from_value::<member::AfterMemberStateChanged>(alias).is_ok());
}

/// Q3: account fields are integers in some samples and text in the tables.
#[test]
fn accounts_and_rooms_are_text_or_integers() {
    let packet = json!({
        "CallbackCommand": "Live.CallbackAfterEndBattle",
        "BattleId": "b",
        "FromRoomInfo": {"RoomId": 999_999_999_999_999_999_i64, "Owner_Account": "144115245353757792"},
        "ToRoomList": [{"RoomId": "1", "Owner_Account": 144_115_245_442_327_522_i64}],
    });
    assert_eq!(serde_json::to_value(event(&packet)).unwrap(), packet);
}

/// Q4: the time of a created room stands at the top, inside `RoomInfo`, or nowhere.
#[test]
fn the_time_of_a_created_room() {
    let packet = |top: Value, inside: Value| {
        let mut packet = fixture("Live.CallbackAfterCreateRoom").packet;
        packet["EventTime"] = top;
        packet["RoomInfo"]["EventTime"] = inside;
        event(&packet)
    };
    assert_eq!(packet(json!(1), Value::Null).event_time(), Some(UnixMillis::new(1)));
    assert_eq!(packet(Value::Null, json!("2")).event_time(), Some(UnixMillis::new(2)));
    assert_eq!(packet(json!(1), json!(2)).event_time(), Some(UnixMillis::new(1)));
    assert_eq!(packet(Value::Null, Value::Null).event_time(), None);
    let written = serde_json::to_value(packet(Value::Null, json!(2))).unwrap();
    assert_eq!(written["RoomInfo"]["EventTime"], json!(2));
    assert_eq!(written.get("EventTime"), None);
}

/// Q5: one edition has `RoomInfo` but no `Statistic`, and its `RoomInfo` may hold the room's id.
#[test]
fn the_editions_of_a_destroyed_room() {
    let mut packet = fixture("Live.CallbackAfterDestroyRoom.2024").packet;
    packet["RoomInfo"] = json!({"RoomId": 7, "RoomName": "n"});
    let Event::AfterDestroyRoom(event) = event(&packet) else { panic!() };
    assert_eq!(event.room_info.as_ref().unwrap().room_id.as_ref().unwrap(), "7");
    assert_eq!(event.statistic, None);
    assert_eq!(serde_json::to_value(&event).unwrap(), packet);
}

/// Q8 and Q11: values that no table has.
#[test]
fn nothing_unknown_fails_a_packet() {
    let mut packet = fixture("Live.CallbackAfterMemberStateChanged").packet;
    packet["EventType"] = json!("Hovering");
    packet["EventCause"] = json!("");
    packet["MemberList"] = json!([]);
    let Event::AfterMemberStateChanged(event) = event(&packet) else { panic!() };
    assert_eq!(event.event_type.as_str(), "Hovering");
    assert!(!event.event_type.is_recognized());
    assert_eq!(serde_json::to_value(&event).unwrap(), packet);

    let mut packet = fixture("Live.CallbackAfterEndBattle").packet;
    packet["OpType"] = json!(-3);
    let known = packet.clone();
    packet["New"] = json!({"RoomId": [1, 2, {"a": null}]});
    packet["FromRoomInfo"]["New"] = json!("x");
    let Event::AfterEndBattle(event) = self::event(&packet) else { panic!() };
    assert_eq!(event.op_type.map(battle::OpType::get), Some(-3));
    assert_eq!(serde_json::to_value(&event).unwrap(), known);
}

#[test]
fn a_sentinel_fails_no_packet() {
    let mut packet = fixture("Live.CallbackAfterCreateRoom").packet;
    packet["RoomInfo"]["MaxMemberCount"] = json!(-1);
    packet["RoomInfo"]["Category"] = json!([i64::MIN, i64::MAX]);
    let Event::AfterCreateRoom(event) = event(&packet) else { panic!() };
    assert_eq!(event.room_info.max_member_count, Some(-1));
    assert_eq!(event.room_info.category.unwrap(), [i64::MIN, i64::MAX]);

    for fixture in packets() {
        for pointer in fields(&fixture.packet) {
            if fixture.packet.pointer(&pointer).unwrap().is_i64() {
                event_of_sentinel(&with(&fixture.packet, &pointer, json!(-1)), &pointer);
            }
        }
    }
}

/// Every number comes back, but for a length: [`Duration`](std::time::Duration) holds no sentinel.
#[track_caller]
fn event_of_sentinel(packet: &Value, pointer: &str) {
    let written = serde_json::to_value(event(packet)).unwrap();
    if ["/Duration", "/Timeout"].contains(&pointer) {
        assert_eq!(written, without(packet, pointer));
    } else {
        assert_eq!(written, *packet);
    }
}

#[test]
fn an_unrecognized_command_comes_through_whole() {
    for packet in [
        json!({"CallbackCommand": "Room.CallbackAfterCreateRoom"}),
        json!({
            "CallbackCommand": "C2C.CallbackAfterSendMsg",
            "RoomId": 1,
            "MsgBody": [{"a": null, "b": [1.5, u64::MAX, -1, "é\u{0}", true, {}]}],
        }),
        json!({"AAA": 1, "CallbackCommand": "LiveGo.CallbackAfterCreateRoom", "EventTime": 5, "Operator_Account": "u"}),
    ] {
        let event = event(&packet);
        assert_eq!(serde_json::to_value(&event).unwrap(), packet);
        assert_eq!(event, serde_json::from_value(packet.clone()).unwrap());
        assert_eq!((event.room_id(), event.operator_account(), event.event_time()), (None, None, None));
        let Event::Unrecognized(event) = event else { panic!("{event:?}") };
        assert_eq!(event.command, *packet["CallbackCommand"].as_str().unwrap());
        assert_eq!(event.fields.len(), packet.as_object().unwrap().len() - 1);
        let by_hand = UnrecognizedEvent::new(event.command.clone(), event.fields.clone());
        assert_eq!(by_hand, event);
    }
    // Compared as text: a value would be rounded on both sides.
    let text = r#"{"CallbackCommand":"Call.X","N":[9.931003425883171,-0.0,18446744073709551615,-1]}"#;
    assert_eq!(serde_json::to_string(&Event::from_slice(text.as_bytes()).unwrap()).unwrap(), text);
    let event = Event::from(UnrecognizedEvent::new(Command::from("Call.X"), Map::new()));
    assert_eq!(serde_json::to_string(&event).unwrap(), r#"{"CallbackCommand":"Call.X"}"#);
    assert_eq!(event.command(), Command::from("Call.X"));
    // The command is there once, whatever the fields hold.
    let fields = Map::from_iter([("CallbackCommand".to_owned(), json!("Call.Y"))]);
    let event = UnrecognizedEvent::new(Command::from("Call.X"), fields);
    assert_eq!(serde_json::to_string(&event).unwrap(), r#"{"CallbackCommand":"Call.X"}"#);
}

/// All events are moved as much as the largest.
#[test]
#[cfg(target_pointer_width = "64")]
fn no_event_is_much_larger_than_a_destroyed_room() {
    assert!(size_of::<Event>() <= size_of::<room::AfterDestroyRoom>() + 16);
}

/// Some formats mark values that are optional.
#[test]
fn an_optional_value_is_kept_without_its_mark() {
    #[derive(Clone, Copy)]
    enum Marked {
        Text(&'static str),
        Some(i64),
        None,
    }

    impl<'de> Deserializer<'de> for Marked {
        type Error = de::value::Error;

        fn deserialize_any<V: de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            match self {
                Self::Text(text) => visitor.visit_str(text),
                Self::Some(number) => visitor.visit_some(number.into_deserializer()),
                Self::None => visitor.visit_none(),
            }
        }

        forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
        }
    }

    impl IntoDeserializer<'_, de::value::Error> for Marked {
        type Deserializer = Self;

        fn into_deserializer(self) -> Self {
            self
        }
    }

    let fields =
        [("CallbackCommand", Marked::Text("Call.X")), ("Here", Marked::Some(7)), ("Gone", Marked::None)];
    let event = Event::deserialize(MapDeserializer::new(fields.into_iter())).unwrap();
    let json = json!({"CallbackCommand": "Call.X", "Here": 7, "Gone": null});
    assert_eq!(serde_json::to_value(event).unwrap(), json);
}

#[test]
fn the_command_of_a_body_that_cannot_be_read() {
    for fixture in fixtures() {
        let command = Some(Command::from(fixture.command()));
        assert_eq!(Event::peek_command(fixture.text.as_bytes()), command);
        // As soon as it is there.
        let word = format!("\"{}\"", fixture.command());
        let end = fixture.text.find(&word).unwrap() + word.len();
        assert_eq!(Event::peek_command(&fixture.text.as_bytes()[..end]), command);
        assert_eq!(Event::peek_command(&fixture.text.as_bytes()[..end - 1]), None);
    }
    let gift = Some(Command::BeforeSendGift);
    let nested = format!(r#"{{"CallbackCommand":"Live.CallbackBeforeSendGift","A":{}"#, "[".repeat(1 << 16));
    for (body, command) in [
        (r#"{"A":[{"CallbackCommand":"x"}],"CallbackCommand":"Live.CallbackBeforeSendGift"]"#, &gift),
        (r#"{"CallbackCommand":"Live.CallbackBeforeSendGift","CallbackCommand":"Room.X"}"#, &gift),
        (r#"{"CallbackCommand":"Live.CallbackBeforeSendGift","CallbackCommand":7}"#, &gift),
        (&*nested, &gift),
        (r#"{"CallbackCommand":7,"CallbackCommand":"Live.CallbackBeforeSendGift"}"#, &None),
        (r#"["CallbackCommand","Live.CallbackBeforeSendGift"]"#, &None),
        ("", &None),
    ] {
        assert_eq!(Event::peek_command(body.as_bytes()), *command, "{}", &body[..40.min(body.len())]);
    }
    assert_eq!(Event::peek_command(b"{\"CallbackCommand\":\"\xff\"}"), None);
}
