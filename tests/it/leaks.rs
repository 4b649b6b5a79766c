//! No error says anything of a body: not its texts, not its names, whatever they look like.

use std::{cell::Cell, error::Error};

use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};
use trtc_live_webhook::{App, Event, EventError, ReceiveError, Receiver, Reply, SdkAppId, Token};

use crate::{
    properties::holds,
    support::{chain, packets},
};

/// Stands in whatever is put into a body. No field, type or text of the crate has it.
const MARKER: &str = "MARKER7";

/// Longest text of any error.
const LONGEST: usize = 500;

/// Every text of an error, from its own to that of the reply.
fn texts(error: &EventError) -> Vec<String> {
    let received = ReceiveError::from(error.clone());
    let mut texts = vec![
        Reply::from(error.clone()).to_json(),
        Reply::from(received.clone()).to_json(),
        received.to_string(),
        format!("{received:?}"),
        error.path().unwrap_or_default().to_owned(),
    ];
    let mut source: Option<&dyn Error> = Some(error);
    while let Some(error) = source {
        texts.push(error.to_string());
        texts.push(format!("{error:?}"));
        source = error.source();
    }
    texts
}

/// What an error says of the body that it was made of, or at too great a length.
fn leak(error: &EventError) -> Option<String> {
    let is_told = |text: &String| {
        let bare: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        bare.contains(MARKER) || text.len() > LONGEST || text.chars().any(char::is_control)
    };
    texts(error).into_iter().find(is_told)
}

/// The error of a part that was set aside has no place of its own; the place was searched for in what the sender had
/// written, and the rest was logged.
#[test]
fn a_content_that_looks_like_an_error_was_quoted() {
    let body = r#"{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"g","MsgBody":[{"MsgContent":"hi, expected my PIN is 1234 at line 9 column 9 at line x","MsgType":"TIMTextElem"}]}"#;
    let error = Event::from_slice(body.as_bytes()).unwrap_err();
    let place = "invalid field MsgBody[0].MsgContent of Group.CallbackBeforeSendMsg at line 1 column 171";
    assert_eq!(error.to_string(), place);
    assert!(chain(&error).starts_with(&format!("{place}\ninvalid type: string, expected ")), "{error:?}");
    let receiver = Receiver::new(SdkAppId::new(7));
    assert_eq!(receiver.receive("SdkAppid=7", body.as_bytes()), Err(error.clone().into()));
    assert_eq!(leak(&error), None);
    for text in texts(&error) {
        for secret in ["PIN", "1234", "hi", "line 9", "column 9", "line x"] {
            assert!(
                !text.split_once("MsgContent").map_or(&*text, |(_, rest)| rest).contains(secret),
                "{text}"
            );
        }
    }
}

/// Texts that imitate what serde and `serde_json` say, where a text is not expected and where it is.
#[test]
fn contents_that_imitate_errors() {
    let pairs = IMITATIONS.iter().flat_map(|before| IMITATIONS.iter().map(move |after| (before, after)));
    for (before, after) in pairs {
        for text in [
            format!("{before}{MARKER}{after}"),
            format!("{before}{MARKER}{after}{MARKER}{before}{after}"),
            format!("hi{before}{MARKER}{after} at line x"),
        ] {
            let text = Value::from(text);
            for (body, path) in [
                (
                    format!(
                        r#"{{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","MsgBody":[{{"MsgContent":{text},"MsgType":"TIMTextElem"}}]}}"#
                    ),
                    "MsgBody[0].MsgContent",
                ),
                (
                    format!(
                        r#"{{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","MsgBody":[{{"MsgContent":{{"Text":{{{text}:{text}}}}},"MsgType":"TIMTextElem"}}]}}"#
                    ),
                    "MsgBody[0].MsgContent.Text",
                ),
                (
                    format!(
                        r#"{{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","MsgBody":[{{"MsgType":"TIMTextElem","MsgContent":{text}}}]}}"#
                    ),
                    "MsgBody[0].MsgContent",
                ),
                (
                    format!(
                        r#"{{"MsgBody":{text},{text}:{text},"CallbackCommand":"Group.CallbackAfterSendMsg"}}"#
                    ),
                    "MsgBody",
                ),
                (
                    format!(
                        r#"{{"EventTime":{text},"CallbackCommand":"Live.CallbackAfterEndBattle","BattleId":"b"}}"#
                    ),
                    "EventTime",
                ),
                (format!(r#"{{"CallbackCommand":"Live.CallbackAfterEndBattle",{text}:{text}}}"#), "BattleId"),
                (format!(r#"{{{text}:{text},"CallbackCommand":{{{text}:{text}}}}}"#), "CallbackCommand"),
                (format!("[{text}]"), "CallbackCommand"),
                (text.to_string(), "CallbackCommand"),
            ] {
                let error = Event::from_slice(body.as_bytes()).unwrap_err();
                assert_eq!(error.path(), Some(path), "{error:?}");
                assert_eq!(leak(&error), None, "{error:?}");
            }
        }
    }
}

/// Texts a few of which are long: none of them gets into an error, nor does its length.
#[test]
fn contents_of_any_length() {
    for imitation in [", expected ", "`: ", "missing field `", "\u{1f600}", "\n"] {
        let text = Value::from(format!("{imitation}{MARKER}").repeat(3000));
        for body in [
            format!(
                r#"{{"EventTime":{text},"CallbackCommand":"Live.CallbackAfterEndBattle","BattleId":"b"}}"#
            ),
            format!(r#"{{"CallbackCommand":"Live.CallbackAfterEndBattle",{text}:{text}}}"#),
            format!(
                r#"{{"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"g","MsgBody":[{{"MsgContent":{text},"MsgType":"TIMTextElem"}}]}}"#
            ),
        ] {
            assert_eq!(leak(&Event::from_slice(body.as_bytes()).unwrap_err()), None);
        }
    }
}

/// What stands in the texts of errors, and what separates it from what they quote.
const IMITATIONS: &[&str] = &[
    "",
    " at line 9 column 9",
    " at line 1 column 0",
    ", expected ",
    "`: ",
    "`, expected `",
    "missing field `",
    "duplicate field `",
    "unknown field `",
    "unknown variant `",
    "invalid type: ",
    "invalid type: string, expected ",
    "invalid value: string \"",
    "invalid length 3, expected ",
    "within `",
    "within `MsgContent`: missing field `",
    "MsgBody[0].",
    "`",
    "\"",
    "\\",
    "\n",
    "\u{2028}",
    "\u{1f600}",
];

/// Texts that have the marker, among imitations of errors.
fn marked() -> impl Strategy<Value = Value> {
    let piece = prop_oneof![
        3 => prop::sample::select(IMITATIONS.to_vec()).prop_map(ToOwned::to_owned),
        3 => prop::sample::select(vec![", expected ", " at line 9 column 9 ", "`: "]).prop_map(ToOwned::to_owned),
        1 => Just(MARKER.to_owned()),
        1 => any::<String>(),
        1 => (prop::sample::select(IMITATIONS.to_vec()), 1..2000_usize).prop_map(|(text, count)| text.repeat(count)),
    ];
    (prop::collection::vec(piece.clone(), 0..4), prop::collection::vec(piece, 0..4))
        .prop_map(|(before, after)| Value::from(format!("{}{MARKER}{}", before.concat(), after.concat())))
}

/// What takes the place of a value: the text, or something with the text in it.
fn planted() -> impl Strategy<Value = Value> {
    (marked(), 0..6_u8).prop_map(|(text, how)| match how {
        0 => json!([text]),
        1 => json!({text.as_str().unwrap(): text}),
        2 => json!({"MsgContent": text, "MsgType": "TIMTextElem"}),
        3 => json!({"MsgContent": {"Text": [text]}, "MsgType": "TIMCustomElem"}),
        _ => text,
    })
}

/// The packet as text, each object in its own order or in the other: the command last, a content before its kind.
fn written(value: &Value, reversed: bool) -> String {
    match value {
        Value::Object(object) => {
            let mut fields: Vec<_> = object
                .iter()
                .map(|(name, value)| format!("{}:{}", Value::from(&**name), written(value, reversed)))
                .collect();
            if reversed {
                fields.reverse();
            }
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(list) => {
            let list: Vec<_> = list.iter().map(|value| written(value, reversed)).collect();
            format!("[{}]", list.join(","))
        }
        scalar => scalar.to_string(),
    }
}

/// Replaces one of the values of a packet, the packet itself included, or adds a field to it.
fn plant(packet: &mut Value, at: Index, value: Value, beside: bool) {
    fn places(value: &Value, pointer: &str, found: &mut Vec<String>) {
        found.push(pointer.to_owned());
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    places(value, &format!("{pointer}/{name}"), found);
                }
            }
            Value::Array(list) => {
                for (index, value) in list.iter().enumerate() {
                    places(value, &format!("{pointer}/{index}"), found);
                }
            }
            _ => {}
        }
    }

    let mut pointers = Vec::new();
    places(packet, "", &mut pointers);
    // Where errors once came from texts that had been set aside.
    let contents: Vec<_> =
        pointers.iter().filter(|pointer| pointer.ends_with("/MsgContent")).cloned().collect();
    pointers.extend(contents.iter().cycle().take(5 * contents.len()).cloned());
    let place = packet.pointer_mut(at.get::<String>(&pointers)).unwrap();
    match (&mut *place, &value) {
        (Value::Object(object), Value::String(name)) if beside => drop(object.insert(name.clone(), value)),
        _ => *place = value,
    }
}

/// Documented packets, and messages whose elements have their content before their kind.
fn documented() -> Vec<Value> {
    let mut documented: Vec<_> = packets().into_iter().map(|packet| packet.packet).collect();
    let elements = json!([
        {"MsgContent": {"Text": "t"}, "MsgType": "TIMTextElem"},
        {"MsgContent": {"Data": "d", "Desc": "e", "Ext": "x", "Sound": "s"}, "MsgType": "TIMCustomElem"},
        {"MsgContent": {"Index": 1, "Data": "d"}, "MsgType": "TIMFaceElem"},
        {"MsgContent": {"New": [{}]}, "MsgType": "TIMNewElem", "More": 1},
    ]);
    for command in ["Group.CallbackBeforeSendMsg", "Group.CallbackAfterSendMsg"] {
        let message = json!({"CallbackCommand": command, "GroupId": "g", "MsgBody": elements});
        documented.extend(vec![message; 8]);
    }
    documented
}

/// Bodies in which values were replaced by marked ones, and which were then torn.
fn torn() -> impl Strategy<Value = Vec<u8>> {
    let plants = prop::collection::vec((any::<Index>(), planted(), any::<bool>()), 1..4);
    let tear =
        (any::<Index>(), 0..20_usize, prop::sample::select(vec!["", "[", "}", "\"", ",", ":", "\\", "0"]));
    let tears = prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(tear, 1..3)];
    (prop::sample::select(documented()), plants, any::<bool>(), tears).prop_map(
        |(mut packet, plants, reversed, tears)| {
            for (at, value, beside) in plants {
                plant(&mut packet, at, value, beside);
            }
            let mut body = written(&packet, reversed).into_bytes();
            for (at, length, piece) in tears {
                let start = at.index(body.len() + 1);
                let end = body.len().min(start + length);
                body.splice(start..end, piece.bytes());
            }
            body
        },
    )
}

#[test]
fn no_error_tells_what_was_in_the_body() {
    let kinds = [const { Cell::new(0) }; 5];
    holds(&torn(), |body| {
        let result = Event::from_slice(&body);
        let kind = match &result {
            Ok(_) => 0,
            Err(EventError::Field { .. }) => 1,
            Err(EventError::Syntax { .. }) => 2,
            Err(EventError::Command { .. }) => 3,
            Err(_) => 4,
        };
        kinds[kind].set(kinds[kind].get() + 1);
        let received = Receiver::new(SdkAppId::new(7)).receive("SdkAppid=7", &body);
        let received = received.map(|delivery| delivery.event);
        prop_assert_eq!(&received, &result.clone().map_err(ReceiveError::from));
        if let Err(error) = result {
            prop_assert_eq!(leak(&error), None, "{}", String::from_utf8_lossy(&body));
        }
        Ok(())
    });
    // The property is about something.
    let [read, field, syntax, command, _] = kinds.map(Cell::into_inner);
    assert!(read > 0 && field > 0 && syntax > 0 && command > 0, "{read} {field} {syntax} {command}");
}

/// Nor does that of a query, whose parameters are as foreign as a body.
#[test]
fn no_error_tells_what_was_in_the_query() {
    let names = vec!["SdkAppid", "CallbackCommand", "contenttype", "ClientIP", "OptPlatform", "Sign", "x"];
    let parameter = (prop::sample::select(names), marked());
    holds(&prop::collection::vec(parameter, 1..4), |parameters| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &parameters {
            query.append_pair(name, value.as_str().unwrap());
        }
        let app = App::new(SdkAppId::new(7)).with_token(Token::new("xxxxyyyy").unwrap());
        for query in [query.finish(), format!("SdkAppid=7&{}", parameters[0].1.as_str().unwrap())] {
            let Err(error) = Receiver::new(app.clone()).check(&query) else { continue };
            let reply = Reply::from(error.clone()).to_json();
            for text in [chain(&error), format!("{error:?}"), reply] {
                prop_assert!(!text.contains(MARKER) && text.len() <= LONGEST, "{}", text);
            }
        }
        Ok(())
    });
}
