//! Structs of a service's own, read from events that the crate does not model.

use std::{collections::BTreeMap, fmt::Debug};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use trtc_live_webhook::{
    Command, Event, EventError, Reply, RoomId, UnixMillis, UnrecognizedEvent, UserId,
    event::{member::Member, message::Element},
};

use crate::support::{chain, event};

/// Stands in every value of a packet; in no name.
const MARKER: &str = "MARKER7";

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Started {
    callback_command: String,
    room_id: RoomId,
    event_time: Option<UnixMillis>,
    media: Media,
    #[serde(default)]
    callees: Vec<Callee>,
    #[serde(default)]
    limits: BTreeMap<String, u8>,
    mode: Option<Mode>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Media {
    kind: String,
    #[serde(default)]
    tracks: Vec<Vec<i64>>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Callee {
    #[serde(rename = "To_Account")]
    to_account: UserId,
    answered: bool,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Single,
    Group { size: u8 },
}

fn packet() -> Value {
    json!({
        "CallbackCommand": "Call.CallbackAfterStart",
        "RoomId": (1_i64 << 53) + 1,
        "EventTime": "1670574414123",
        "Media": {"Kind": "video", "Tracks": [[1, 2], []]},
        "Callees": [{"To_Account": "a", "Answered": true}, {"To_Account": 2, "Answered": false}],
        "Limits": {"a": 1},
        "Mode": {"group": {"size": 3}},
    })
}

#[track_caller]
fn unrecognized(packet: &Value) -> UnrecognizedEvent {
    match event(packet) {
        Event::Unrecognized(event) => event,
        event => panic!("{event:?}"),
    }
}

/// The error of a packet in which one value is another, with all its texts.
#[track_caller]
fn assert_refused<T: DeserializeOwned + Debug>(packet: &Value, path: &str, text: &str) {
    let error = unrecognized(packet).parse::<T>().unwrap_err();
    assert_eq!(chain(&error), text);
    assert_eq!((error.path(), error.place(), error.command()), (Some(path), None, None));
    assert_eq!(error.status_code(), 400);
    assert!(matches!(error, EventError::Parse { .. }));
    let texts = format!("{}{error:?}{}", chain(&error), Reply::from(error.clone()).to_json());
    assert!(!texts.contains(MARKER), "{texts}");
}

/// The packet with another value in one place.
#[track_caller]
fn with(pointer: &str, value: Value) -> Value {
    crate::support::with(&packet(), pointer, value)
}

#[track_caller]
fn without(pointer: &str) -> Value {
    crate::support::without(&packet(), pointer)
}

#[test]
fn the_struct_gets_everything_with_the_command() {
    let expected = Started {
        callback_command: "Call.CallbackAfterStart".to_owned(),
        room_id: ((1_i64 << 53) + 1).into(),
        event_time: Some(UnixMillis::new(1_670_574_414_123)),
        media: Media { kind: "video".to_owned(), tracks: vec![vec![1, 2], vec![]] },
        callees: vec![
            Callee { to_account: "a".into(), answered: true },
            Callee { to_account: 2.into(), answered: false },
        ],
        limits: BTreeMap::from([("a".to_owned(), 1)]),
        mode: Some(Mode::Group { size: 3 }),
    };
    let event = unrecognized(&packet());
    assert_eq!(event.parse::<Started>().as_ref(), Ok(&expected));
    // It can be parsed as often as one likes, and as something else.
    assert_eq!(event.parse::<Value>().unwrap(), packet());
    assert_eq!(event.parse::<UnrecognizedEvent>().as_ref(), Ok(&event));
    assert_eq!(serde_json::to_value(event.parse::<Event>().unwrap()).unwrap(), packet());
    assert_eq!(event.parse::<Map<String, Value>>().unwrap(), *packet().as_object().unwrap());
    let single: Started = unrecognized(&with("/Mode", json!("single"))).parse().unwrap();
    assert_eq!(single.mode, Some(Mode::Single));
}

/// The crate's own types are found in unknown events, too.
#[test]
fn the_types_of_the_crate_are_read() {
    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Mixed {
        callback_command: Command,
        member_list: Vec<Member>,
        msg_body: Vec<Element>,
    }

    let packet = json!({
        "CallbackCommand": "Call.X",
        "MemberList": [{"Member_Account": 7}],
        "MsgBody": [{"MsgContent": {"Text": "t"}, "MsgType": "TIMTextElem"}],
    });
    let mixed: Mixed = unrecognized(&packet).parse().unwrap();
    assert_eq!(mixed.callback_command, "Call.X");
    assert_eq!(mixed.member_list, [Member::new(7)]);
    assert_eq!(mixed.msg_body, [Element::text("t")]);

    assert_refused::<Mixed>(
        &crate::support::with(&packet, "/MsgBody/0/MsgContent/Text", json!([MARKER])),
        "MsgBody[0].MsgContent.Text",
        "invalid field MsgBody[0].MsgContent.Text of an unrecognized event\n\
         invalid type: sequence, expected a string",
    );
    assert_refused::<Mixed>(
        &crate::support::without(&packet, "/MemberList/0/Member_Account"),
        "MemberList[0].Member_Account",
        "invalid field MemberList[0].Member_Account of an unrecognized event\n\
         missing field `Member_Account`",
    );
}

/// The command is that of the event, once, whatever the fields hold.
#[test]
fn the_command_is_the_events_own() {
    let fields = json!({"CallbackCommand": [MARKER], "Room": 1}).as_object().unwrap().clone();
    let event = UnrecognizedEvent::new(Command::from("Call.X"), fields);
    assert_eq!(event.parse::<Value>().unwrap(), json!({"CallbackCommand": "Call.X", "Room": 1}));
    // Even that of a known event, if somebody makes such an event.
    let event = UnrecognizedEvent::new(Command::AfterEndBattle, Map::new());
    assert_eq!(event.parse::<Value>().unwrap(), json!({"CallbackCommand": "Live.CallbackAfterEndBattle"}));
}

#[test]
fn a_field_of_the_wrong_type_is_named_wherever_it_is() {
    assert_refused::<Started>(
        &with("/RoomId", json!([MARKER])),
        "RoomId",
        "invalid field RoomId of an unrecognized event\n\
         invalid type: sequence, expected a string or an integer",
    );
    assert_refused::<Started>(
        &with("/EventTime", json!(MARKER)),
        "EventTime",
        "invalid field EventTime of an unrecognized event\n\
         invalid value: string, expected an integer of 64 bits or a numeric string",
    );
    assert_refused::<Started>(
        &with("/Media/Tracks/0/1", json!(MARKER)),
        "Media.Tracks[0][1]",
        "invalid field Media.Tracks[0][1] of an unrecognized event\ninvalid type: string, expected i64",
    );
    assert_refused::<Started>(
        &with("/Callees/1/Answered", json!(MARKER)),
        "Callees[1].Answered",
        "invalid field Callees[1].Answered of an unrecognized event\n\
         invalid type: string, expected a boolean",
    );
    assert_refused::<Started>(
        &with("/Limits", json!({"day": MARKER})),
        "Limits.day",
        "invalid field Limits.day of an unrecognized event\ninvalid type: string, expected u8",
    );
    assert_refused::<Started>(
        &with("/Mode/group/size", json!({MARKER: MARKER})),
        "Mode.group.size",
        "invalid field Mode.group.size of an unrecognized event\ninvalid type: map, expected u8",
    );
}

#[test]
fn a_field_that_is_missing_is_named_wherever_it_is() {
    assert_refused::<Started>(
        &without("/RoomId"),
        "RoomId",
        "invalid field RoomId of an unrecognized event\nmissing field `RoomId`",
    );
    assert_refused::<Started>(
        &without("/Media/Kind"),
        "Media.Kind",
        "invalid field Media.Kind of an unrecognized event\nmissing field `Kind`",
    );
    assert_refused::<Started>(
        &without("/Callees/1/To_Account"),
        "Callees[1].To_Account",
        "invalid field Callees[1].To_Account of an unrecognized event\nmissing field `To_Account`",
    );
}

/// What the names are that are not known is said by the path where it can be, and nowhere else.
#[test]
fn a_field_that_the_struct_denies() {
    let mut packet = packet();
    packet["Zone"] = json!(MARKER);
    let error = unrecognized(&packet).parse::<Started>().unwrap_err();
    assert_eq!(chain(&error), "invalid field Zone of an unrecognized event\ninvalid value");
    assert_refused::<Started>(
        &with("/Mode", json!(MARKER)),
        "Mode",
        "invalid field Mode of an unrecognized event\ninvalid value",
    );
}

#[test]
fn a_struct_that_is_no_struct() {
    assert_refused::<Vec<Value>>(
        &with("/RoomId", json!(MARKER)),
        "",
        "unrecognized event is not of the expected type\ninvalid type: map, expected a sequence",
    );
    assert_refused::<String>(
        &with("/RoomId", json!(MARKER)),
        "",
        "unrecognized event is not of the expected type\ninvalid type: map, expected a string",
    );
}

/// Several commands in one enum of the service's own.
#[test]
fn an_enum_that_the_command_tags() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "CallbackCommand")]
    enum Call {
        #[serde(rename = "Call.CallbackAfterStart", rename_all = "PascalCase")]
        Start { room_id: RoomId },
        #[serde(rename = "Call.CallbackAfterEnd")]
        End,
    }

    let start = unrecognized(&json!({"CallbackCommand": "Call.CallbackAfterStart", "RoomId": 7}));
    assert_eq!(start.parse::<Call>(), Ok(Call::Start { room_id: 7.into() }));
    let end = unrecognized(&json!({"CallbackCommand": "Call.CallbackAfterEnd", "More": MARKER}));
    assert_eq!(end.parse::<Call>(), Ok(Call::End));
    assert_refused::<Call>(
        &json!({"CallbackCommand": format!("Call.{MARKER}")}),
        "CallbackCommand",
        "invalid field CallbackCommand of an unrecognized event\ninvalid value",
    );
    assert_refused::<Call>(
        &json!({"CallbackCommand": "Call.CallbackAfterStart", "Room": MARKER}),
        "RoomId",
        "invalid field RoomId of an unrecognized event\nmissing field `RoomId`",
    );
}

/// Errors of types that quote what they were made from, as many do.
#[test]
fn no_value_is_quoted_whatever_the_type_says() {
    #[derive(Debug, Deserialize)]
    struct Quoting {
        #[serde(rename = "RoomId")]
        _room: Word,
    }

    #[derive(Debug, Deserialize)]
    #[serde(try_from = "String")]
    struct Word;

    impl TryFrom<String> for Word {
        type Error = String;

        fn try_from(text: String) -> Result<Self, String> {
            Err(text)
        }
    }

    for text in [
        MARKER.to_owned(),
        format!("{MARKER}, expected {MARKER}"),
        format!("missing field `{MARKER}`"),
        format!("invalid type: string, expected {MARKER}"),
        format!("within `{MARKER}`: missing field `{MARKER}`"),
        format!("{MARKER} at line 1 column 1"),
    ] {
        assert_refused::<Quoting>(
            &with("/RoomId", json!(text)),
            "RoomId",
            "invalid field RoomId of an unrecognized event\ninvalid value",
        );
        // As the name of a variant, and as a number in the text of a type that wants one.
        assert_refused::<Started>(
            &with("/Mode", json!(text)),
            "Mode",
            "invalid field Mode of an unrecognized event\ninvalid value",
        );
        assert_refused::<Started>(
            &with("/Media/Tracks", json!(text)),
            "Media.Tracks",
            "invalid field Media.Tracks of an unrecognized event\ninvalid type: string, expected a sequence",
        );
    }
}

/// A map's keys stand in the path; what is too long loses its middle, wherever its characters end.
#[test]
fn a_path_is_bounded() {
    for (character, count) in [("k", 70_000), ("é", 70_000), ("\u{1f600}", 20_000)] {
        for shift in 0..4 {
            let key = format!("{}{}", "x".repeat(shift), character.repeat(count));
            let packet = json!({"CallbackCommand": "Call.X", "A": {key: MARKER}});
            let error = unrecognized(&packet).parse::<Keyed>().unwrap_err();
            assert!(error.to_string().len() <= 500, "{} bytes", error.to_string().len());
            assert!(error.path().unwrap().starts_with("A."), "{error}");
            assert!(chain(&error).ends_with("\ninvalid type: string, expected u8"), "{error}");
        }
    }
}

#[derive(Debug, Deserialize)]
struct Keyed {
    #[serde(rename = "A")]
    _map: BTreeMap<String, u8>,
}
