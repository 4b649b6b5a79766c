//! Packets in which fields are set.

use serde_json::{Value, json};
use trtc_live_webhook::{
    Command, Event, Reply,
    event::{battle, follow, gift, message, room},
    samples::Sample,
};

use crate::{
    program::{Run, trtc_live},
    service::{Received, Service},
};

/// Sends a sample with the arguments, and returns what arrived.
#[track_caller]
fn send(sample: &Sample, arguments: &[&str]) -> (Run, Received) {
    let service = Service::answering(200, &Reply::ok().to_json());
    let base = ["send", sample.name(), "--json", "--url", &service.url];
    let run = trtc_live(base.into_iter().chain(arguments.iter().copied()));
    assert_eq!(run.status, 0, "{run:?}");
    (run, service.received().remove(0))
}

/// Checks that what is sent is the sample, changed at these pointers only.
#[track_caller]
fn assert_changes(sample: &Sample, arguments: &[&str], changes: &[(&str, Value)]) {
    let (_, received) = send(sample, arguments);
    let mut expected: Value = serde_json::from_str(sample.json()).unwrap();
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match expected.pointer_mut(parent).unwrap() {
            Value::Object(fields) => {
                fields.insert(name.to_owned(), value.clone());
            }
            Value::Array(elements) if name.parse() == Ok(elements.len()) => elements.push(value.clone()),
            parent => parent[name.parse::<usize>().unwrap()] = value.clone(),
        }
    }
    assert_eq!(received.packet(), expected);
    Event::from_slice(&received.body).unwrap();
}

#[test]
fn exactly_the_field_that_is_set_is_changed() {
    let (gift, message) = (&gift::BeforeSendGift::SAMPLE, &message::BeforeSendMsg::SAMPLE);
    let battle = &battle::AfterStartBattle::SAMPLE;
    for (sample, set, pointer, value) in [
        (&room::AfterCreateRoom::SAMPLE, "RoomInfo.RoomId=my-room", "/RoomInfo/RoomId", json!("my-room")),
        (&room::AfterCreateRoom::SAMPLE, "RoomInfo.Category=[7]", "/RoomInfo/Category", json!([7])),
        (&room::AfterCreateRoom::SAMPLE, "RoomInfo.Category.1=7", "/RoomInfo/Category/1", json!(7)),
        (message, "MsgBody.0.MsgContent.Text=hello", "/MsgBody/0/MsgContent/Text", json!("hello")),
        (message, "CloudCustomData=a=b, c.d", "/CloudCustomData", json!("a=b, c.d")),
        (gift, "RoomId=123456789012345678", "/RoomId", json!(123_456_789_012_345_678_u64)),
        (gift, r#"RoomId="12""#, "/RoomId", json!("12")),
        (gift, "GiftWater.Coins=-1", "/GiftWater/Coins", json!(-1)),
        (gift, "GiftWater.From_Account=null", "/GiftWater/From_Account", json!(null)),
        (gift, "GiftWater.To_Account.1=to2", "/GiftWater/To_Account/1", json!("to2")),
        (gift, "GiftWater.New=true", "/GiftWater/New", json!(true)),
        (battle, "ToRoomList.0.Owner_Account=", "/ToRoomList/0/Owner_Account", json!("")),
    ] {
        assert_changes(sample, &["--set", set], &[(pointer, value)]);
    }
}

#[test]
fn fields_are_set_one_after_the_other() {
    assert_changes(
        &gift::BeforeSendGift::SAMPLE,
        &["--set", "Extra={}", "--set", "Extra.A=1", "--set=RoomId=a", "--set=RoomId=b"],
        &[("/Extra", json!({"A": 1})), ("/RoomId", json!("b"))],
    );
}

#[test]
fn fields_are_set_in_every_sample() {
    let service = Service::answering(200, &Reply::ok().to_json());
    let run = trtc_live(["send", "--all", "--set", "EventTime=1700000000000", "--url", &service.url]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(service.received().len(), Command::ALL.len());
    for received in service.received() {
        assert_eq!(received.packet()["EventTime"], 1_700_000_000_000_i64);
    }
}

#[test]
fn fields_keep_their_order() {
    let (_, received) = send(&battle::AfterStartBattle::SAMPLE, &["--set", "Duration=1"]);
    assert!(received.body.starts_with(br#"{"CallbackCommand":"Live.CallbackAfterStartBattle","BattleId":"#));
}

#[test]
fn the_url_names_the_command_that_is_set() {
    let (run, received) =
        send(&follow::AfterFollowAdd::SAMPLE, &["--set", "CallbackCommand=Live.CallbackNew"]);
    assert!(received.query().contains("CallbackCommand=Live.CallbackNew&"), "{}", received.line);
    assert_eq!(run.json()[0]["command"], "Live.CallbackNew");
    assert_eq!(run.json()[0]["sample"], "Follow.CallbackAfterFollowAdd");
}

#[test]
fn packets_that_a_service_must_refuse_can_be_sent() {
    let (_, received) = send(&gift::BeforeSendGift::SAMPLE, &["--set", "GiftWater.Coins=many"]);
    assert!(received.query().contains("CallbackCommand=Live.CallbackBeforeSendGift&"), "{}", received.line);
    assert_eq!(received.packet()["GiftWater"]["Coins"], "many");
    let (_, received) = send(&gift::BeforeSendGift::SAMPLE, &["--set", "CallbackCommand=7"]);
    assert!(received.query().contains("CallbackCommand=Live.CallbackBeforeSendGift&"), "{}", received.line);
}
