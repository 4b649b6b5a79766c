//! The documented packets: each is read, compared field by field, and written back as it was.

use std::{collections::BTreeSet, time::Duration};

use serde_json::Value;
use trtc_live_webhook::{
    Command, Event, EventError, UnixMillis, UnixSeconds,
    event::{battle, gift, member, message, recording, room},
};

use crate::support::{event, fields, fixture, fixtures, packets, with, without};

#[test]
fn every_fixture_is_recognized_and_comes_back_as_it_was() {
    for fixture in fixtures() {
        let event = Event::from_slice(fixture.text.as_bytes()).unwrap();
        assert_eq!(event.command().as_str(), fixture.command());
        assert!(event.command().is_recognized(), "{}", fixture.name);
        assert!(!matches!(event, Event::Unrecognized(_)), "{}", fixture.name);
        assert_eq!(serde_json::to_value(&event).unwrap(), fixture.packet, "{}", fixture.name);
    }
}

#[test]
fn every_command_has_a_fixture() {
    let commands: BTreeSet<_> = Command::ALL.iter().map(|command| command.as_str().to_owned()).collect();
    let fixtures: BTreeSet<_> = fixtures().iter().map(|fixture| fixture.command().to_owned()).collect();
    assert_eq!(fixtures, commands);
}

#[test]
fn the_fuzzer_knows_every_field_and_command() {
    let dictionary = include_str!("../../fuzz/dictionary.txt");
    let mut words: Vec<_> = Command::ALL.iter().map(|command| format!("\"{command}\"")).collect();
    for packet in packets() {
        for pointer in fields(&packet.packet) {
            let (_, name) = pointer.rsplit_once('/').unwrap();
            if name.parse::<usize>().is_err() {
                words.push(format!(r#""\"{name}\"""#));
            }
        }
    }
    for word in words {
        assert!(dictionary.lines().any(|line| line == word), "no line {word}");
    }
}

#[test]
fn every_fixture_says_where_it_comes_from() {
    let readme = include_str!("../../fixtures/README.md");
    for fixture in fixtures() {
        let command = Command::from(fixture.command());
        let row = format!("| `{}.json` | <{}> |", fixture.name, command.documentation().unwrap());
        assert!(readme.contains(&row), "no row {row}");
    }
}

#[test]
fn every_command_is_compared_field_by_field() {
    let tests = include_str!("fixtures.rs");
    for command in Command::ALL {
        let line = format!("let event = read!({command:?}, \"{command}\");");
        assert!(tests.contains(&line), "no test has the line {line}");
    }
}

#[test]
fn a_null_counts_as_absent_and_nothing_is_lost_with_an_optional_field() {
    for fixture in packets() {
        for pointer in fields(&fixture.packet) {
            let without = without(&fixture.packet, &pointer);
            if Event::from_slice(without.to_string().as_bytes()).is_err() {
                continue; // Required: `bad_input` looks at these.
            }
            assert_eq!(serde_json::to_value(event(&without)).unwrap(), without, "{} {pointer}", fixture.name);
            let null = with(&fixture.packet, &pointer, Value::Null);
            assert_eq!(event(&null), event(&without), "{} {pointer}", fixture.name);
        }
    }
}

/// What the fixture of that name holds, as the struct of that variant.
macro_rules! read {
    ($variant:ident, $name:literal) => {{
        let Event::$variant(event) = event(&fixture($name).packet) else { panic!($name) };
        assert_eq!(Event::from(event.clone()), Event::$variant(event.clone()));
        event
    }};
}

#[test]
fn create_room() {
    let event = read!(AfterCreateRoom, "Live.CallbackAfterCreateRoom");
    assert_eq!(event.operator_account.unwrap(), "admin");
    assert_eq!(event.event_time, None);
    let room = event.room_info;
    assert_eq!(room.room_id, "tandy-test-rest");
    assert_eq!(room.room_name.unwrap(), "tandy-test-rest");
    assert_eq!(room.room_type, Some(room::RoomType::Live));
    assert_eq!(room.owner_account.unwrap(), "user3");
    assert_eq!(room.max_member_count, Some(300));
    assert_eq!(room.is_message_disabled, Some(true));
    assert_eq!(room.custom_info.unwrap(), "custom123");
    assert_eq!(room.is_seat_enabled, Some(true));
    assert_eq!(room.take_seat_mode, Some(room::TakeSeatMode::ApplyToTake));
    assert_eq!(room.max_seat_count, Some(16));
    assert_eq!(room.create_time, Some(UnixSeconds::new(1_703_589_922)));
    assert_eq!(room.is_public_visible, Some(true));
    assert_eq!(room.cover_url.unwrap(), "cover url");
    assert_eq!(room.category.unwrap(), [1, 2]);
    assert_eq!(room.event_time, None);
}

#[test]
fn destroy_room() {
    let event = read!(AfterDestroyRoom, "Live.CallbackAfterDestroyRoom");
    assert_eq!(event.operator_account.unwrap(), "admin");
    assert_eq!(event.room_id, "tandy-test-rest");
    assert_eq!(event.event_type, room::EventType::DestroyByUser);
    assert_eq!(event.event_time, Some(UnixMillis::new(1_703_589_922_780)));
    let room = event.room_info.unwrap();
    assert_eq!(room.room_id, None);
    assert_eq!(room.room_name.unwrap(), "live name");
    assert_eq!(room.room_type, Some(room::RoomType::Live));
    assert_eq!(room.owner_account.unwrap(), "144115216631667826");
    assert_eq!(room.is_seat_enabled, Some(true));
    assert_eq!(room.take_seat_mode, Some(room::TakeSeatMode::FreeToTake));
    assert_eq!(room.max_member_count, Some(400));
    assert_eq!(room.max_seat_count, Some(4));
    assert_eq!(room.category.unwrap(), [1, 2, 3]);
    assert_eq!(room.custom_info.unwrap(), "");
    assert_eq!(room.is_message_disabled, Some(false));
    assert_eq!(room.cover_url.unwrap(), "cover url");
    assert_eq!(room.activity_status, Some(0));
    assert_eq!(room.is_public_visible, Some(false));
    assert_eq!(room.view_count, Some(0));
    assert_eq!(room.background_url.unwrap(), "background url");
    assert_eq!(room.is_unlimited_room_enabled, Some(true));
    let statistic = event.statistic.unwrap();
    assert_eq!(statistic.total_viewers, Some(0));
    assert_eq!(statistic.total_gifts_sent, Some(0));
    assert_eq!(statistic.total_gift_coins, Some(0));
    assert_eq!(statistic.total_unique_gift_senders, Some(0));
    assert_eq!(statistic.total_likes_received, Some(0));
}

#[test]
fn destroy_room_in_the_edition_of_2024() {
    let event = read!(AfterDestroyRoom, "Live.CallbackAfterDestroyRoom.2024");
    assert_eq!(event.operator_account.unwrap(), "admin");
    assert_eq!(event.room_id, "tandy-test-rest");
    assert_eq!(event.event_type, room::EventType::DestroyByUser);
    assert_eq!(event.event_time, Some(UnixMillis::new(1_703_589_922_780)));
    assert_eq!(event.room_info, None);
    assert_eq!(event.statistic, None);
}

#[test]
fn member_state_changed() {
    let event = read!(AfterMemberStateChanged, "Live.CallbackAfterMemberStateChanged");
    assert_eq!(event.room_id, "room_id");
    assert_eq!(event.event_type, member::EventType::Online);
    assert_eq!(event.event_cause, Some(member::EventCause::Enter));
    let members = event.member_list.unwrap();
    assert_eq!(members.len(), 2);
    assert_eq!(members[0].member_account, "jared");
    assert_eq!(members[1].member_account, "tommy");
    assert_eq!(event.event_time, Some(UnixMillis::new(1_703_589_922_780)));
}

#[test]
fn end_battle() {
    let event = read!(AfterEndBattle, "Live.CallbackAfterEndBattle");
    assert_eq!(event.battle_id, "4siHsNsWN/T3aub9zKraqPfGQAimPhdFoe6VWhtz9lY=");
    assert_eq!(event.duration, Some(Duration::from_secs(30)));
    assert_eq!(event.create_time, Some(UnixSeconds::new(1_739_956_115)));
    assert_eq!(event.start_time, Some(UnixSeconds::new(1_739_956_115)));
    assert_eq!(event.end_time, Some(UnixSeconds::new(1_739_956_145)));
    assert_eq!(event.op_type, Some(battle::OpType::TimeUp));
    let from = event.from_room_info.unwrap();
    assert_eq!(from.room_id, "pk-3");
    assert_eq!(from.score, Some(0));
    assert_eq!(from.owner_account.unwrap(), "144115245353757792");
    let to = event.to_room_list.unwrap();
    assert_eq!(to.len(), 1);
    assert_eq!(to[0].room_id, "pk-5");
    assert_eq!(to[0].score, Some(0));
    assert_eq!(to[0].owner_account.as_ref().unwrap(), "144115245442327522");
    assert_eq!(event.event_time, Some(UnixMillis::new(1_739_956_146_119)));
}

#[test]
fn update_room_info() {
    let event = read!(AfterUpdateRoomInfo, "Live.CallbackAfterUpdateRoomInfo");
    assert_eq!(event.operator_account.unwrap(), "bob");
    let room = event.room_info;
    assert_eq!(room.room_id, "live-room");
    assert_eq!(room.room_name.unwrap(), "rname-123");
    assert_eq!(room.max_member_count, Some(300));
    assert_eq!(room.is_message_disabled, Some(false));
    assert_eq!(room.cover_url.unwrap(), "https://xxxx.png");
    assert_eq!(room.category.unwrap(), [1, 2, 3]);
    assert_eq!(room.activity_status, Some(1));
    assert_eq!(room.is_public_visible, Some(false));
    assert_eq!(room.take_seat_mode, Some(room::TakeSeatMode::ApplyToTake));
    assert_eq!(room.custom_info.unwrap(), "custom123");
    assert_eq!(event.event_time, Some(UnixMillis::new(1_670_574_414_123)));
}

#[test]
fn set_metadata() {
    let event = read!(AfterSetMetadata, "Live.CallbackAfterSetMetadata");
    assert_eq!(event.operator_account.unwrap(), "brennanli");
    assert_eq!(event.room_id, "live-room1111");
    let metadata = event.metadata.unwrap();
    assert_eq!(metadata.len(), 2);
    assert_eq!((&*metadata[0].key, metadata[0].value.as_deref()), ("key1", Some("value1")));
    assert_eq!((&*metadata[1].key, metadata[1].value.as_deref()), ("key2", Some("value2")));
    assert_eq!(event.event_time, Some(UnixMillis::new(1_739_965_885_831)));
}

#[test]
fn del_metadata() {
    let event = read!(AfterDelMetadata, "Live.CallbackAfterDelMetadata");
    assert_eq!(event.operator_account.unwrap(), "brennanli");
    assert_eq!(event.room_id, "live-room1111");
    assert_eq!(event.keys.unwrap(), ["key1", "key2"]);
    assert_eq!(event.event_time, Some(UnixMillis::new(1_739_966_441_121)));
}

#[test]
fn create_room_reaching_threshold() {
    let event = read!(AfterCreateRoomReachingThreshold, "Live.CallbackAfterCreateRoomReachingThreshold");
    assert_eq!(event.operator_account.unwrap(), "brennanli");
    assert_eq!(event.event_time, Some(UnixMillis::new(1_739_966_441_121)));
    assert_eq!(event.cur_room_count, Some(400));
    assert_eq!(event.max_room_count, Some(500));
}

#[test]
fn change_owner() {
    let event = read!(AfterChangeOwner, "Live.CallbackAfterChangeOwner");
    assert_eq!(event.room_id, "room_id");
    assert_eq!(event.event_time, Some(UnixMillis::new(1_703_589_922_780)));
    assert_eq!(event.operator_account.unwrap(), "admin");
    assert_eq!(event.current_owner_account, "user2");
    assert_eq!(event.original_owner_account.unwrap(), "user1");
}

#[test]
fn modify_admin() {
    let event = read!(AfterModifyAdmin, "Live.CallbackAfterModifyAdmin");
    assert_eq!(event.room_id, "room_id");
    assert_eq!(event.event_time, Some(UnixMillis::new(1_703_589_922_780)));
    assert_eq!(event.operator_account.unwrap(), "admin");
    assert_eq!(event.admin_account.unwrap(), ["user1", "user2"]);
    assert_eq!(event.op_type, member::OpType::Add);
}

#[test]
fn seat_info_changed() {
    let event = read!(AfterSeatInfoChanged, "Mic.CallbackAfterSeatInfoChanged");
    assert_eq!(event.operator_account, None);
    assert_eq!(event.room_id, "rid-123");
    let seats = event.seat_list.unwrap();
    assert_eq!(seats.len(), 1);
    assert_eq!(seats[0].index, 1);
    assert_eq!(seats[0].member_account.as_ref().unwrap(), "144115233775727695");
    assert_eq!(seats[0].occupant().unwrap(), "144115233775727695");
    assert_eq!(seats[0].is_taken_disabled, Some(false));
    assert_eq!(seats[0].is_video_disabled, Some(false));
    assert_eq!(seats[0].is_audio_disabled, Some(false));
    assert_eq!(event.event_time, Some(UnixMillis::new(1_670_574_414_123)));
}

#[test]
fn create_battle() {
    let event = read!(AfterCreateBattle, "Live.CallbackAfterCreateBattle");
    assert_eq!(event.operator_account.unwrap(), "brennanli");
    assert_eq!(event.battle_id, "4siHsNsWN/T3aub9zKraqPbSEGRX2z6gs3LDFi+d/3M=");
    assert_eq!(event.from_room_id.unwrap(), "pk-3");
    assert_eq!(event.to_room_id_list.unwrap(), ["pk-5"]);
    assert_eq!(event.timeout, Some(Duration::from_secs(30)));
    assert_eq!(event.duration, Some(Duration::from_secs(60)));
    assert_eq!(event.need_response, Some(false));
    assert_eq!(event.extension_info.unwrap(), "extension pk");
    assert_eq!(event.event_time, Some(UnixMillis::new(1_739_954_005_000)));
}

#[test]
fn start_battle() {
    let event = read!(AfterStartBattle, "Live.CallbackAfterStartBattle");
    assert_eq!(event.battle_id, "4siHsNsWN/T3aub9zKraqI4zZAyPRpXQhdtKv1q4HOs=");
    assert_eq!(event.duration, Some(Duration::from_secs(60)));
    assert_eq!(event.create_time, Some(UnixSeconds::new(1_739_954_005)));
    assert_eq!(event.start_time, Some(UnixSeconds::new(1_739_954_005)));
    let from = event.from_room_info.unwrap();
    assert_eq!(from.room_id, "pk-3");
    assert_eq!(from.score, None);
    assert_eq!(from.owner_account.unwrap(), "brennan");
    let to = event.to_room_list.unwrap();
    assert_eq!(to.len(), 1);
    assert_eq!(to[0].room_id, "pk-5");
    assert_eq!(to[0].score, None);
    assert_eq!(to[0].owner_account.as_ref().unwrap(), "tandy");
    assert_eq!(event.event_time, Some(UnixMillis::new(1_739_954_005_000)));
}

#[test]
fn before_send_gift() {
    let event = read!(BeforeSendGift, "Live.CallbackBeforeSendGift");
    assert_eq!(event.operator_account.unwrap(), "brennanli");
    assert_eq!(event.room_id, "room_id");
    let gift = event.gift_water;
    assert_eq!(gift.from_account.unwrap(), "from");
    assert_eq!(gift.to_account.unwrap(), ["to1"]);
    assert_eq!(gift.time, Some(UnixSeconds::new(1_703_589_922)));
    assert_eq!(gift.gift_id, "gift1");
    assert_eq!(gift.count, Some(1));
    assert_eq!(gift.coins, Some(1000));
}

/// `Coins` is the value of one gift.
#[test]
fn what_gifts_cost_together() {
    let mut gift = gift::GiftWater::new("rose");
    for (count, coins, total) in [
        (Some(3), Some(1000), Some(3000)),
        (Some(0), Some(1000), Some(0)),
        (Some(3), Some(0), Some(0)),
        (Some(-1), Some(5), None),
        (Some(5), Some(-1), None),
        (Some(-3), Some(-100), None),
        (Some(0), Some(-100), None),
        (Some(i64::MAX), Some(1), Some(i64::MAX)),
        (Some(i64::MAX), Some(2), None),
        (Some(i64::MIN), Some(-1), None),
        (None, Some(1000), None),
        (Some(1), None, None),
    ] {
        (gift.count, gift.coins) = (count, coins);
        assert_eq!(gift.total_coins(), total, "{count:?} {coins:?}");
    }
}

#[test]
fn before_send_msg() {
    let event = read!(BeforeSendMsg, "Group.CallbackBeforeSendMsg");
    assert_eq!(event.group_id, "@TGS#2J4SZEAEL");
    assert_eq!(event.r#type, Some(message::GroupType::Live));
    assert_eq!(event.from_account.unwrap(), "jared");
    assert_eq!(event.operator_account.unwrap(), "admin");
    assert_eq!(event.random, Some(123_456));
    assert_eq!(event.msg_id.unwrap(), "144115233406643804-1727580296-4026038328");
    assert_eq!(event.msg_body.unwrap(), [message::Element::text("red packet")]);
    assert_eq!(event.cloud_custom_data.unwrap(), "your cloud custom data");
    assert_eq!(event.event_time, Some(UnixMillis::new(1_670_574_414_123)));
}

#[test]
fn after_send_msg() {
    let event = read!(AfterSendMsg, "Group.CallbackAfterSendMsg");
    assert_eq!(event.group_id, "@TGS#2J4SZEAEL");
    assert_eq!(event.r#type, Some(message::GroupType::Live));
    assert_eq!(event.from_account.unwrap(), "jared");
    assert_eq!(event.operator_account.unwrap(), "admin");
    assert_eq!(event.random, Some(123_456));
    assert_eq!(event.msg_id.unwrap(), "144115233406643804-1727580296-4026038328");
    assert_eq!(event.msg_seq, Some(123));
    assert_eq!(event.msg_time, Some(UnixSeconds::new(1_490_686_222)));
    assert_eq!(event.msg_body.unwrap(), [message::Element::text("red packet")]);
    assert_eq!(event.cloud_custom_data.unwrap(), "your cloud custom data");
    assert_eq!(event.event_time, Some(UnixMillis::new(1_670_574_414_123)));
}

#[test]
fn follow_add() {
    let event = read!(AfterFollowAdd, "Follow.CallbackAfterFollowAdd");
    assert_eq!(event.from_account, "UserID_001");
    let followed = event.follow_list.unwrap();
    assert_eq!(followed.len(), 2);
    assert_eq!(followed[0].to_account, "UserID_002");
    assert_eq!(followed[1].to_account, "UserID_003");
    assert_eq!(event.event_time, Some(UnixMillis::new(1_702_018_343_678)));
}

#[test]
fn follow_delete() {
    let event = read!(AfterFollowDelete, "Follow.CallbackAfterFollowDelete");
    assert_eq!(event.from_account, "UserID_001");
    assert_eq!(event.to_account.unwrap(), ["UserID_002", "UserID_003"]);
    assert_eq!(event.event_time, Some(UnixMillis::new(1_702_018_343_678)));
}

#[test]
fn cloud_recording_changed() {
    let event = read!(AfterCloudRecordingChanged, "Live.CallbackAfterCloudRecordingChanged");
    assert_eq!(event.event_group_id, Some(recording::EventGroupId::CloudRecording));
    assert_eq!(event.event_type, recording::EventType::UploadStop);
    assert_eq!(event.callback_ts, Some(UnixMillis::new(1_752_580_150_082)));
    let info = event.event_info;
    assert_eq!(info.room_id.unwrap(), "635055");
    assert_eq!(info.event_ts, Some(UnixSeconds::new(1_752_580_150)));
    assert_eq!(info.event_ms_ts, Some(UnixMillis::new(1_752_580_150_081)));
    assert_eq!(info.user_id.unwrap(), "user1");
    assert_eq!(info.task_id.unwrap(), "-m9-bVVU7id***K-m928oZWQndiborbEWH3zY-lIXlprc-gQvQE");
    let payload = info.payload.unwrap();
    assert_eq!(payload.status, Some(0));
    assert_eq!(payload.leave_code, None);
}

/// It is sent to the same URL, and is no webhook of Live.
#[test]
fn the_callback_of_trtc_has_its_error() {
    let body = include_bytes!("../../fixtures/foreign/trtc-room-callback.json");
    assert_eq!(Event::from_slice(body), Err(EventError::TrtcCallback));
}
