//! Events and their parts made from scratch, as tests of services make them.

use std::collections::BTreeSet;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use trtc_live_webhook::{
    Command, Delivery, Event, UnrecognizedEvent, drift,
    event::{battle, follow, gift, member, message, recording, room, seat},
};

use crate::support::request;

/// An event as it was made, and its packet.
struct Made(Event, Value);

fn made(event: impl Into<Event>, packet: Value) -> Made {
    Made(event.into(), packet)
}

/// Every event there is, with nothing but its required fields.
fn events() -> Vec<Made> {
    let mut events = rooms();
    events.extend(others());
    events
}

fn rooms() -> Vec<Made> {
    vec![
        made(
            room::AfterCreateRoom::new(room::CreatedRoomInfo::new("r")),
            json!({"CallbackCommand": "Live.CallbackAfterCreateRoom", "RoomInfo": {"RoomId": "r"}}),
        ),
        made(
            room::AfterDestroyRoom::new("r", room::EventType::DestroyBySystem),
            json!({
                "CallbackCommand": "Live.CallbackAfterDestroyRoom",
                "RoomId": "r",
                "EventType": "DestroyBySystem",
            }),
        ),
        made(
            room::AfterUpdateRoomInfo::new(room::UpdatedRoomInfo::new("r")),
            json!({"CallbackCommand": "Live.CallbackAfterUpdateRoomInfo", "RoomInfo": {"RoomId": "r"}}),
        ),
        made(
            room::AfterSetMetadata::new("r"),
            json!({"CallbackCommand": "Live.CallbackAfterSetMetadata", "RoomId": "r"}),
        ),
        made(
            room::AfterDelMetadata::new("r"),
            json!({"CallbackCommand": "Live.CallbackAfterDelMetadata", "RoomId": "r"}),
        ),
        made(
            room::AfterCreateRoomReachingThreshold::new(),
            json!({"CallbackCommand": "Live.CallbackAfterCreateRoomReachingThreshold"}),
        ),
    ]
}

fn others() -> Vec<Made> {
    vec![
        made(
            member::AfterMemberStateChanged::new("r", member::EventType::Offline),
            json!({
                "CallbackCommand": "Live.CallbackAfterMemberStateChanged",
                "RoomId": "r",
                "EventType": "Offline",
            }),
        ),
        made(
            member::AfterChangeOwner::new("r", "new"),
            json!({
                "CallbackCommand": "Live.CallbackAfterChangeOwner",
                "RoomId": "r",
                "CurrentOwner_Account": "new",
            }),
        ),
        made(
            member::AfterModifyAdmin::new("r", member::OpType::Delete),
            json!({"CallbackCommand": "Live.CallbackAfterModifyAdmin", "RoomId": "r", "opType": "delete"}),
        ),
        made(
            seat::AfterSeatInfoChanged::new("r"),
            json!({"CallbackCommand": "Mic.CallbackAfterSeatInfoChanged", "RoomId": "r"}),
        ),
        made(
            battle::AfterCreateBattle::new("b"),
            json!({"CallbackCommand": "Live.CallbackAfterCreateBattle", "BattleId": "b"}),
        ),
        made(
            battle::AfterStartBattle::new("b"),
            json!({"CallbackCommand": "Live.CallbackAfterStartBattle", "BattleId": "b"}),
        ),
        made(
            battle::AfterEndBattle::new("b"),
            json!({"CallbackCommand": "Live.CallbackAfterEndBattle", "BattleId": "b"}),
        ),
        made(
            gift::BeforeSendGift::new("r", gift::GiftWater::new("g")),
            json!({
                "CallbackCommand": "Live.CallbackBeforeSendGift",
                "RoomId": "r",
                "GiftWater": {"GiftId": "g"},
            }),
        ),
        made(
            message::BeforeSendMsg::new("r"),
            json!({"CallbackCommand": "Group.CallbackBeforeSendMsg", "GroupId": "r"}),
        ),
        made(
            message::AfterSendMsg::new("r"),
            json!({"CallbackCommand": "Group.CallbackAfterSendMsg", "GroupId": "r"}),
        ),
        made(
            follow::AfterFollowAdd::new("u"),
            json!({"CallbackCommand": "Follow.CallbackAfterFollowAdd", "From_Account": "u"}),
        ),
        made(
            follow::AfterFollowDelete::new("u"),
            json!({"CallbackCommand": "Follow.CallbackAfterFollowDelete", "From_Account": "u"}),
        ),
        made(
            recording::AfterCloudRecordingChanged::new(
                recording::EventType::Mp4Stop,
                recording::EventInfo::new(),
            ),
            json!({
                "CallbackCommand": "Live.CallbackAfterCloudRecordingChanged",
                "EventType": 310,
                "EventInfo": {},
            }),
        ),
        made(
            UnrecognizedEvent::new(
                Command::from("Call.X"),
                [("New".to_owned(), json!(1))].into_iter().collect(),
            ),
            json!({"CallbackCommand": "Call.X", "New": 1}),
        ),
    ]
}

/// Nothing is written but what was given, and what is written is read again.
#[track_caller]
fn assert_packet(event: &Event, packet: &Value) {
    assert_eq!(serde_json::to_value(event).unwrap(), *packet);
    let body = serde_json::to_vec(event).unwrap();
    assert_eq!(Event::from_slice(&body).as_ref(), Ok(event), "{packet}");
    assert_eq!(serde_json::from_slice::<Event>(&body).unwrap(), *event);
    assert_eq!(serde_json::from_value::<Event>(packet.clone()).unwrap(), *event);
    let findings = drift::report(&Delivery::new(request(), event.clone()), &body);
    assert_eq!(findings.len(), usize::from(!event.command().is_recognized()), "{findings:?}");
}

#[test]
fn every_event_is_made_from_its_required_fields() {
    let mut commands = BTreeSet::new();
    for Made(event, packet) in events() {
        assert_packet(&event, &packet);
        commands.insert(event.command().as_str().to_owned());
    }
    // As does each command that is added.
    for command in Command::ALL {
        assert!(commands.contains(command.as_str()), "{command} is not made");
    }
    assert_eq!(commands.len(), Command::ALL.len() + 1);
}

/// A packet that says less is refused: what `new` asks for is what reading asks for.
#[test]
fn nothing_that_is_required_is_left_to_be_assigned() {
    for Made(event, packet) in events() {
        for name in packet.as_object().unwrap().keys() {
            let mut less = packet.clone();
            less.as_object_mut().unwrap().remove(name);
            let read = Event::from_slice(less.to_string().as_bytes());
            assert_eq!(read.is_err(), event.command().is_recognized() || name == "CallbackCommand", "{less}");
        }
    }
}

/// Nothing is written but what was given, and what is written is read again.
#[track_caller]
fn assert_part<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(part: &T, value: Value) {
    assert_eq!(serde_json::to_value(part).unwrap(), value);
    let json = serde_json::to_string(part).unwrap();
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), *part);
    assert_eq!(serde_json::from_value::<T>(value).unwrap(), *part);
}

#[test]
fn every_part_is_made_from_its_required_fields() {
    assert_part(&room::CreatedRoomInfo::new("r"), json!({"RoomId": "r"}));
    assert_part(&room::UpdatedRoomInfo::new("r"), json!({"RoomId": "r"}));
    assert_part(&room::DestroyedRoomInfo::new(), json!({}));
    assert_part(&room::Statistic::new(), json!({}));
    assert_part(&room::Metadata::new("k"), json!({"Key": "k"}));
    assert_part(&member::Member::new("m"), json!({"Member_Account": "m"}));
    assert_part(&seat::Seat::new(-1), json!({"Index": -1}));
    assert_part(&battle::BattleRoom::new("r"), json!({"RoomId": "r"}));
    assert_part(&gift::GiftWater::new("g"), json!({"GiftId": "g"}));
    assert_part(&follow::Follow::new("u"), json!({"To_Account": "u"}));
    assert_part(&recording::EventInfo::new(), json!({}));
    assert_part(&recording::Payload::new(), json!({}));
    assert_part(&recording::FileMessage::new(), json!({}));
    assert_part(&recording::TencentVod::new(), json!({}));
}

/// An id that is made from a number is written as a number.
#[test]
fn ids_are_text_or_numbers() {
    let i = i64::MAX;
    let room = json!({"RoomId": i});
    assert_part(&room::CreatedRoomInfo::new(i), room.clone());
    assert_part(&room::UpdatedRoomInfo::new(i), room.clone());
    assert_part(&battle::BattleRoom::new(i), room);
    assert_part(&member::Member::new(i), json!({"Member_Account": i}));
    assert_part(&follow::Follow::new(String::from("u")), json!({"To_Account": "u"}));
    let event = member::AfterChangeOwner::new(1, 2);
    let owner = json!({
        "CallbackCommand": "Live.CallbackAfterChangeOwner",
        "RoomId": 1,
        "CurrentOwner_Account": 2,
    });
    assert_packet(&event.into(), &owner);
}

/// Before there was a `new`, a second member could only be had by cloning the one of a sample.
#[test]
fn a_second_of_everything_that_comes_in_lists() {
    let mut event = member::AfterMemberStateChanged::new("r", member::EventType::Online);
    event.member_list = Some(vec![member::Member::new("a"), member::Member::new(2)]);
    let packet = json!({
        "CallbackCommand": "Live.CallbackAfterMemberStateChanged",
        "RoomId": "r",
        "EventType": "Online",
        "MemberList": [{"Member_Account": "a"}, {"Member_Account": 2}],
    });
    assert_packet(&event.into(), &packet);

    let mut event = seat::AfterSeatInfoChanged::new("r");
    let mut taken = seat::Seat::new(1);
    taken.member_account = Some("a".into());
    event.seat_list = Some(vec![seat::Seat::new(0), taken]);
    let packet = json!({
        "CallbackCommand": "Mic.CallbackAfterSeatInfoChanged",
        "RoomId": "r",
        "SeatList": [{"Index": 0}, {"Index": 1, "Member_Account": "a"}],
    });
    assert_packet(&event.into(), &packet);

    let mut event = battle::AfterEndBattle::new("b");
    let mut winner = battle::BattleRoom::new("w");
    winner.score = Some(1);
    event.from_room_info = Some(battle::BattleRoom::new("r"));
    event.to_room_list = Some(vec![winner, battle::BattleRoom::new(3)]);
    let packet = json!({
        "CallbackCommand": "Live.CallbackAfterEndBattle",
        "BattleId": "b",
        "FromRoomInfo": {"RoomId": "r"},
        "ToRoomList": [{"RoomId": "w", "Score": 1}, {"RoomId": 3}],
    });
    assert_packet(&event.into(), &packet);

    let mut event = room::AfterSetMetadata::new("r");
    event.metadata = Some(vec![room::Metadata::new("a"), room::Metadata::new("b")]);
    let packet = json!({
        "CallbackCommand": "Live.CallbackAfterSetMetadata",
        "RoomId": "r",
        "Metadata": [{"Key": "a"}, {"Key": "b"}],
    });
    assert_packet(&event.into(), &packet);

    let mut event = follow::AfterFollowAdd::new("u");
    event.follow_list = Some(vec![follow::Follow::new("a"), follow::Follow::new(2)]);
    let packet = json!({
        "CallbackCommand": "Follow.CallbackAfterFollowAdd",
        "From_Account": "u",
        "FollowList": [{"To_Account": "a"}, {"To_Account": 2}],
    });
    assert_packet(&event.into(), &packet);

    let mut payload = recording::Payload::new();
    payload.file_message = Some(vec![recording::FileMessage::new(), recording::FileMessage::new()]);
    payload.tencent_vod = Some(Box::new(recording::TencentVod::new()));
    let mut info = recording::EventInfo::new();
    info.payload = Some(payload);
    let event = recording::AfterCloudRecordingChanged::new(recording::EventType::VodCommit, info);
    let packet = json!({
        "CallbackCommand": "Live.CallbackAfterCloudRecordingChanged",
        "EventType": 311,
        "EventInfo": {"Payload": {"FileMessage": [{}, {}], "TencentVod": {}}},
    });
    assert_packet(&event.into(), &packet);

    let mut event = room::AfterDestroyRoom::new(7, "Vanished".into());
    event.room_info = Some(room::DestroyedRoomInfo::new());
    event.statistic = Some(room::Statistic::new());
    assert!(!event.event_type.is_recognized());
    let written = serde_json::to_value(Event::from(event)).unwrap();
    let packet = json!({
        "CallbackCommand": "Live.CallbackAfterDestroyRoom",
        "RoomId": 7,
        "EventType": "Vanished",
        "RoomInfo": {},
        "Statistic": {},
    });
    assert_eq!(written, packet);
}
