//! Open enums.

use std::{fmt::Debug, hash::Hash};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use trtc_live_webhook::{
    ActionStatus, Command, OptPlatform,
    event::{battle, member, message, recording, room},
};

use crate::support::hash;

#[track_caller]
fn assert_open<T>(all: &[T], as_str: impl Fn(&T) -> &str, is_recognized: impl Fn(&T) -> bool)
where
    T: Clone
        + Debug
        + Eq
        + Hash
        + Serialize
        + DeserializeOwned
        + for<'a> From<&'a str>
        + From<String>
        + ToString,
{
    assert!(!all.is_empty());
    for value in all {
        let word = as_str(value);
        assert!(is_recognized(value));
        assert_eq!(T::from(word), *value);
        assert_eq!(value.to_string(), word);
        assert_eq!(serde_json::to_value(value).unwrap(), json!(word));
        assert_eq!(serde_json::from_value::<T>(json!(word)).unwrap(), *value);
    }
    for word in ["", "Unrecognized", "none", " Live", "Ünknown"] {
        let value = T::from(word);
        assert!(!is_recognized(&value), "{value:?}");
        assert!(!all.contains(&value));
        assert_eq!(as_str(&value), word);
        assert_eq!(value, T::from(word.to_owned()));
        assert_eq!(serde_json::from_value::<T>(json!(word)).unwrap(), value);
        assert_eq!(serde_json::to_value(&value).unwrap(), json!(word));
        assert_eq!(hash(&value), hash(&T::from(word)));
        assert_ne!(hash(&value), hash(&T::from("another")));
    }
    for other in [json!(1), json!(null), json!([]), json!({})] {
        assert!(serde_json::from_value::<T>(other).is_err());
    }
}

#[test]
fn text_enums_keep_what_they_do_not_know() {
    assert_open(room::EventType::ALL, room::EventType::as_str, room::EventType::is_recognized);
    assert_open(room::TakeSeatMode::ALL, room::TakeSeatMode::as_str, room::TakeSeatMode::is_recognized);
    assert_open(room::RoomType::ALL, room::RoomType::as_str, room::RoomType::is_recognized);
    assert_open(member::EventType::ALL, member::EventType::as_str, member::EventType::is_recognized);
    assert_open(member::EventCause::ALL, member::EventCause::as_str, member::EventCause::is_recognized);
    assert_open(member::OpType::ALL, member::OpType::as_str, member::OpType::is_recognized);
    assert_open(message::GroupType::ALL, message::GroupType::as_str, message::GroupType::is_recognized);
    assert_open(message::MsgType::ALL, message::MsgType::as_str, message::MsgType::is_recognized);
    assert_open(recording::TrackType::ALL, recording::TrackType::as_str, recording::TrackType::is_recognized);
    assert_open(recording::MediaId::ALL, recording::MediaId::as_str, recording::MediaId::is_recognized);
    assert_open(OptPlatform::ALL, OptPlatform::as_str, OptPlatform::is_recognized);
    assert_open(Command::ALL, Command::as_str, Command::is_recognized);
    assert_open(ActionStatus::ALL, ActionStatus::as_str, ActionStatus::is_recognized);
}

#[track_caller]
fn words<T>(all: &[T], as_str: impl Fn(&T) -> &str) -> String {
    all.iter().map(as_str).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_documented_words() {
    assert_eq!(words(room::EventType::ALL, room::EventType::as_str), "DestroyByUser DestroyBySystem");
    assert_eq!(words(room::TakeSeatMode::ALL, room::TakeSeatMode::as_str), "None FreeToTake ApplyToTake");
    assert_eq!(words(room::RoomType::ALL, room::RoomType::as_str), "Live Meeting");
    assert_eq!(words(member::EventType::ALL, member::EventType::as_str), "Online Offline");
    assert_eq!(
        words(member::EventCause::ALL, member::EventCause::as_str),
        "Enter Leave HeartbeatInterrupt HeartbeatRecover Kicked"
    );
    assert_eq!(
        words(OptPlatform::ALL, OptPlatform::as_str),
        "RESTAPI Web Android iOS Windows Mac iPad Unknown"
    );
    assert_eq!(words(member::OpType::ALL, member::OpType::as_str), "add delete");
    assert_eq!(
        words(message::GroupType::ALL, message::GroupType::as_str),
        "Live Public Private ChatRoom AVChatRoom Community"
    );
    assert_eq!(
        words(message::MsgType::ALL, message::MsgType::as_str),
        "TIMTextElem TIMLocationElem TIMFaceElem TIMCustomElem TIMSoundElem TIMImageElem TIMFileElem TIMVideoFileElem TIMRelayElem"
    );
    assert_eq!(words(recording::TrackType::ALL, recording::TrackType::as_str), "audio video audio_video");
    assert_eq!(words(recording::MediaId::ALL, recording::MediaId::as_str), "main aux mix");
    assert_eq!(words(ActionStatus::ALL, ActionStatus::as_str), "OK FAIL");
}

#[test]
fn aliases_are_recognized_and_written_as_the_documented_word() {
    for alias in ["iOs", "IOS"] {
        assert_eq!(OptPlatform::from(alias), OptPlatform::Ios);
    }
    assert_eq!(OptPlatform::from("macOS"), OptPlatform::Mac);
    assert_eq!(OptPlatform::from("ios").as_str(), "ios");
    assert!(OptPlatform::Unknown.is_recognized());
    assert_eq!(Command::from("Live.CallbackMemberStateChanged"), Command::AfterMemberStateChanged);
    assert_eq!(
        Command::from("Live.CallbackMemberStateChanged").as_str(),
        "Live.CallbackAfterMemberStateChanged"
    );
}

#[test]
fn command_words_are_matched_exactly() {
    for word in
        ["LiveGo.CallbackAfterCreateRoom", "live.CallbackAfterCreateRoom", "Live.CallbackAfterCreateRoom "]
    {
        assert!(!Command::from(word).is_recognized());
        assert_eq!(Command::from(word).documentation(), None);
    }
}

#[test]
fn text_enums_compare_with_text_and_across_a_reference() {
    let command = &Command::AfterCreateRoom;
    assert_eq!(command, Command::AfterCreateRoom);
    assert_eq!(*command, "Live.CallbackAfterCreateRoom");
    assert_eq!(command.as_ref(), "Live.CallbackAfterCreateRoom");
    assert!(*command == *"Live.CallbackAfterCreateRoom");
    assert_eq!(format!("{:?}", Command::from("Call.X")), r#"Unrecognized("Call.X")"#);
}

#[track_caller]
fn assert_open_numbers<T>(all: &[T], documented: &[(i64, T)], get: fn(T) -> i64, is_recognized: fn(T) -> bool)
where
    T: Copy + Debug + Eq + Serialize + DeserializeOwned + From<i64> + ToString,
{
    assert_eq!(all, documented.iter().map(|(_, value)| *value).collect::<Vec<_>>());
    for &(number, value) in documented {
        assert_eq!(T::from(number), value);
        assert_eq!(get(value), number);
        assert_eq!(value.to_string(), number.to_string());
        assert!(is_recognized(value));
        assert_eq!(serde_json::to_value(value).unwrap(), json!(number));
        assert_eq!(serde_json::from_value::<T>(json!(number)).unwrap(), value);
    }
    for number in [-1, 1000, i64::MAX, i64::MIN] {
        let value: T = serde_json::from_value(json!(number)).unwrap();
        assert!(!is_recognized(value));
        assert_eq!(get(value), number);
        assert_eq!(value, T::from(number));
        assert_eq!(value.to_string(), number.to_string());
        assert_eq!(serde_json::to_value(value).unwrap(), json!(number));
    }
    for other in [json!("0"), json!(0.0), Value::Null, json!(u64::MAX)] {
        assert!(serde_json::from_value::<T>(other).is_err());
    }
}

#[test]
fn number_enums_keep_what_they_do_not_know() {
    use battle::OpType;
    use message::{ImageFormat, ImageType};
    use recording::{EventGroupId, EventType};
    assert_open_numbers(
        OpType::ALL,
        &[(0, OpType::TimeUp), (1, OpType::AllOwnersLeft), (2, OpType::NotStarted)],
        OpType::get,
        OpType::is_recognized,
    );
    assert_open_numbers(
        EventType::ALL,
        &[
            (301, EventType::RecorderStart),
            (302, EventType::RecorderStop),
            (303, EventType::UploadStart),
            (304, EventType::FileInfo),
            (305, EventType::UploadStop),
            (306, EventType::Failover),
            (307, EventType::FileSlice),
            (308, EventType::UploadError),
            (309, EventType::DownloadImageError),
            (310, EventType::Mp4Stop),
            (311, EventType::VodCommit),
            (312, EventType::VodStop),
            (801, EventType::PageStart),
            (802, EventType::PageStop),
            (803, EventType::PageStatusUpdate),
            (804, EventType::PageResourceLimit),
        ],
        EventType::get,
        EventType::is_recognized,
    );
    assert_open_numbers(
        EventGroupId::ALL,
        &[(3, EventGroupId::CloudRecording), (8, EventGroupId::PageRecording)],
        EventGroupId::get,
        EventGroupId::is_recognized,
    );
    assert_open_numbers(
        ImageFormat::ALL,
        &[
            (1, ImageFormat::Jpg),
            (2, ImageFormat::Gif),
            (3, ImageFormat::Png),
            (4, ImageFormat::Bmp),
            (255, ImageFormat::Other),
        ],
        ImageFormat::get,
        ImageFormat::is_recognized,
    );
    assert_open_numbers(
        ImageType::ALL,
        &[(1, ImageType::Original), (2, ImageType::Large), (3, ImageType::Thumbnail)],
        ImageType::get,
        ImageType::is_recognized,
    );
}
