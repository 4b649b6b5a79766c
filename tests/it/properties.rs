//! Properties of generated deliveries, replies and signatures.
//!
//! Packets are generated from the documented ones: each of their fields may be absent, `null`, extreme or arbitrary, and
//! others may be added. So each command that gets a fixture is covered.

use std::time::{Duration, Instant, SystemTime};

use proptest::{
    prelude::*,
    test_runner::{TestCaseResult, TestRunner},
};
use serde_json::{Map, Value};
use trtc_live_webhook::{
    App, Command, Delivery, Event, OptPlatform, Receiver, Reply, RequestInfo, SdkAppId, Token, UnixSeconds,
    drift,
    event::{
        gift,
        message::{self, Changes, Element},
    },
};

use crate::{
    same::same,
    support::{chain, packets, request},
};

/// Upper bound on the time of one property.
const TIME: Duration = Duration::from_secs(5);

/// Tries a property on up to 2000 cases, as many as there is time for.
#[track_caller]
pub(crate) fn holds<S: Strategy>(cases: &S, property: impl Fn(S::Value) -> TestCaseResult) {
    let started = Instant::now();
    let config = ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(cases, |case| if started.elapsed() < TIME { property(case) } else { Ok(()) })
        .unwrap();
}

fn integer() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), -2..3_i64, Just(i64::MIN), Just(i64::MAX), Just(1 << 53), Just((1 << 53) + 1)]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        integer().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|object| Value::Object(object.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Values like this one, in all sizes; now and then something else.
fn like(value: &Value) -> BoxedStrategy<Value> {
    let same_type = match value {
        Value::Object(object) => {
            let fields: Vec<_> = object
                .iter()
                .map(|(name, value)| {
                    let present =
                        if name == "CallbackCommand" { Just(value.clone()).boxed() } else { like(value) };
                    let weight = u32::from(name != "CallbackCommand");
                    let absent = prop_oneof![Just(None), Just(Some(Value::Null))];
                    (Just(name.clone()), prop_oneof![20 => present.prop_map(Some), weight => absent])
                })
                .collect();
            let more = prop::collection::vec((any::<String>(), json()), 0..2);
            (fields, prop_oneof![4 => Just(Vec::new()), 1 => more])
                .prop_map(|(fields, more)| {
                    let known = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
                    // What is documented takes the place of what is added.
                    Value::Object(more.into_iter().chain(known).collect())
                })
                .boxed()
        }
        Value::Array(list) => {
            let element = list.first().map_or_else(|| Just(Value::Null).boxed(), like);
            prop::collection::vec(element, 0..4).prop_map(Value::from).boxed()
        }
        Value::String(text) if text.parse::<i64>().is_ok() => prop_oneof![
            integer().prop_map(|number| Value::from(number.to_string())),
            integer().prop_map(Value::from)
        ]
        .boxed(),
        Value::String(text) => {
            prop_oneof![Just(Value::from(&**text)), any::<String>().prop_map(Value::from)].boxed()
        }
        Value::Number(_) => prop_oneof![Just(value.clone()), integer().prop_map(Value::from)].boxed(),
        Value::Bool(_) => any::<bool>().prop_map(Value::from).boxed(),
        Value::Null => Just(Value::Null).boxed(),
    };
    prop_oneof![200 => same_type, 1 => json()].boxed()
}

/// Packets of any command.
fn packet() -> impl Strategy<Value = Value> {
    let documented: Vec<_> = packets().iter().map(|packet| like(&packet.packet)).collect();
    let unknown = (any::<String>(), json()).prop_map(|(command, value)| {
        let mut packet = if value.is_object() { value } else { Value::Object(Map::new()) };
        packet["CallbackCommand"] = command.into();
        packet
    });
    prop_oneof![20 => proptest::strategy::Union::new(documented), 1 => unknown]
}

#[test]
fn what_is_read_can_be_written_and_is_read_again() {
    let read = std::cell::Cell::new(0);
    holds(&packet(), |packet| {
        let body = packet.to_string();
        let event = match Event::from_slice(body.as_bytes()) {
            Ok(event) => event,
            Err(error) => {
                prop_assert!(error.path().is_some(), "{error}");
                return Ok(());
            }
        };
        read.set(read.get() + 1);
        let written = serde_json::to_vec(&event).unwrap();
        prop_assert_eq!(&Event::from_slice(&written).unwrap(), &event);
        prop_assert_eq!(&serde_json::from_str::<Event>(&body).unwrap(), &event);
        prop_assert_eq!(&serde_json::from_value::<Event>(packet.clone()).unwrap(), &event);
        if let Event::Unrecognized(_) = event {
            prop_assert_eq!(serde_json::to_value(&event).unwrap(), packet);
        }
        Ok(())
    });
    assert!(read.get() > 0);
}

#[test]
fn an_event_without_drift_is_its_packet() {
    let (with_drift, without) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    holds(&packet(), |packet| {
        let body = packet.to_string();
        let Ok(event) = Event::from_slice(body.as_bytes()) else { return Ok(()) };
        let delivery = Delivery::new(request(), event);
        let findings = drift::report(&delivery, body.as_bytes());
        for finding in &findings {
            prop_assert!(!finding.to_string().chars().any(char::is_control), "{}", finding);
            if let Some(pointer) = finding.pointer() {
                prop_assert!(packet.pointer(pointer).is_some(), "{} in {}", finding, packet);
            }
        }
        if findings.is_empty() {
            without.set(without.get() + 1);
            let written = serde_json::to_value(&delivery.event).unwrap();
            prop_assert!(same(&packet, &written), "{} is written as {}", packet, written);
        } else {
            with_drift.set(with_drift.get() + 1);
        }
        Ok(())
    });
    assert!(with_drift.get() > 0 && without.get() > 0);
}

/// Documented packets, torn apart and mended with something else.
#[test]
fn any_body_is_read_or_refused() {
    let texts: Vec<_> = packets().into_iter().map(|packet| packet.text.into_bytes()).collect();
    let token = prop::sample::select(vec![
        "", "[", "]", "{", "}", "\"", ",", ":", "\\", "\\u", "\\ud83d", "0", "-", "1e999", "null", "\0",
        "\u{feff}",
    ]);
    let piece = prop_oneof![
        3 => token.prop_map(|token| token.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
        1 => (prop::sample::select(texts.clone()), any::<prop::sample::Index>(), 0..80_usize)
            .prop_map(|(text, start, length)| text.into_iter().skip(start.index(500)).take(length).collect()),
    ];
    let edit = (any::<prop::sample::Index>(), 0..20_usize, piece);
    let (read, refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    holds(&(prop::sample::select(texts), prop::collection::vec(edit, 0..3)), |(mut body, edits)| {
        for (at, length, piece) in edits {
            let start = at.index(body.len() + 1);
            let end = body.len().min(start + length);
            body.splice(start..end, piece);
        }
        match Event::from_slice(&body) {
            Ok(event) => {
                read.set(read.get() + 1);
                let written = serde_json::to_vec(&event).unwrap();
                prop_assert_eq!(Event::from_slice(&written), Ok(event));
            }
            Err(error) => {
                refused.set(refused.get() + 1);
                let text = chain(&error);
                prop_assert!(text.len() < 400 && text.lines().count() <= 2, "{}", text);
            }
        }
        Ok(())
    });
    assert!(read.get() > 0 && refused.get() > 0);
}

#[test]
fn any_request_is_written_and_read_again() {
    let request = (any::<u64>(), any::<[Option<String>; 3]>(), any::<Option<std::net::IpAddr>>(), foreign());
    holds(&request, |(id, [command, content_type, opt_platform], client_ip, foreign)| {
        let mut request = RequestInfo::new(SdkAppId::new(id));
        let present = |text: Option<String>| text.filter(|text| !text.is_empty());
        request.command = present(command).map(Command::from);
        request.content_type = present(content_type);
        request.opt_platform = present(opt_platform).map(OptPlatform::from);
        request.client_ip = client_ip;
        request.foreign.clone_from(&foreign);
        let query = request.to_query();
        prop_assert_eq!(RequestInfo::from_query(&query).unwrap(), request.clone());
        prop_assert_eq!(RequestInfo::from_query(&format!("?{query}")).unwrap(), request.clone());
        for (name, value) in &foreign {
            let first = foreign.iter().find(|(other, _)| other == name).unwrap();
            prop_assert_eq!(request.parameter(name), Some(&*first.1), "{}", value);
        }
        let json = serde_json::to_string(&request).unwrap();
        prop_assert_eq!(serde_json::from_str::<RequestInfo>(&json).unwrap(), request);
        Ok(())
    });
}

/// Parameters of a configured URL, but for those that bear a documented name.
fn foreign() -> impl Strategy<Value = Vec<(String, String)>> {
    let pairs = prop::collection::vec(any::<(String, String)>(), 0..4);
    pairs.prop_map(|mut pairs| {
        pairs.retain(|(name, _)| RequestInfo::from_query(&format!("{name}=7")).is_err());
        pairs
    })
}

/// Whatever a query is, it is read or refused.
#[test]
fn any_query_is_read_or_refused() {
    holds(&any::<String>(), |query| {
        match RequestInfo::from_query(&query) {
            Ok(request) => {
                prop_assert_eq!(RequestInfo::from_query(&request.to_query()).unwrap(), request);
            }
            Err(error) => prop_assert_eq!(error.status_code(), 400),
        }
        Ok(())
    });
}

/// A query is split in two ways, depending on whether there is anything in it to decode.
#[test]
fn what_has_to_be_decoded_does_not_change_the_rest() {
    let piece = prop_oneof![
        4 => prop::sample::select(vec!["&", "=", "?", "SdkAppid=7", "&SdkAppid=7", "&sdkappid=8"]),
        2 => prop::sample::select(vec!["&ClientIP=::1", "&contenttype", "&OptPlatform=Web=", "&Call", "é"]),
    ];
    let (read, refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    holds(&prop::collection::vec(piece, 0..8), |pieces| {
        let query = pieces.concat();
        let request = RequestInfo::from_query(&query);
        let count = if request.is_ok() { &read } else { &refused };
        count.set(count.get() + 1);
        let encoded = RequestInfo::from_query(&format!("{query}&%20"));
        prop_assert_eq!(
            request,
            encoded.map(|mut request| {
                assert_eq!(request.foreign.pop().unwrap().0, " ");
                request
            })
        );
        Ok(())
    });
    assert!(read.get() > 0 && refused.get() > 0);
}

#[test]
fn any_token_opens_its_own_app_and_no_other() {
    let token = prop_oneof!["[ab0]{1,3}", "\\PC{1,128}"];
    holds(&(token.clone(), token, integer(), integer()), |(ours, theirs, sent, now)| {
        let Ok(clock) = SystemTime::try_from(UnixSeconds::new(now)) else { return Ok(()) };
        let sign = Token::new(&*theirs).unwrap().sign(UnixSeconds::new(sent));
        let query = format!("SdkAppid=7&Sign={sign}&RequestTime={sent}");
        let receiver = Receiver::new(App::new(SdkAppId::new(7)).with_token(Token::new(&*ours).unwrap()));
        let fresh = (i128::from(now) - i128::from(sent)).abs() <= 60;
        prop_assert_eq!(receiver.check_at(&query, clock).is_ok(), ours == theirs && fresh);
        let patient = receiver.with_tolerance(Duration::MAX);
        prop_assert_eq!(patient.check_at(&query, clock).is_ok(), ours == theirs);
        Ok(())
    });
}

#[test]
fn any_decision_is_replied_and_read_again() {
    let element = prop_oneof![
        any::<String>().prop_map(Element::text),
        any::<[Option<String>; 4]>().prop_map(|[data, desc, ext, sound]| {
            let mut element = message::CustomElem::default();
            (element.data, element.desc, element.ext, element.sound) = (data, desc, ext, sound);
            element.into()
        }),
    ];
    let elements = prop::option::of(prop::collection::vec(element, 0..3));
    holds(&(any::<i64>(), 0..101_i64, any::<String>(), elements, any::<Option<String>>()), |case| {
        let (code, offset, info, elements, data) = case;
        let passed = gift::Code::new(102_100 + offset).unwrap();
        let answer = gift::Decision::reject_with(passed, info.clone());
        for decision in [gift::Decision::Allow, gift::Decision::Reject, answer] {
            let reply: Reply = serde_json::from_str(&Reply::from(decision.clone()).to_json()).unwrap();
            prop_assert_eq!(gift::Decision::try_from(reply), Ok(decision));
        }
        let mut changes = Changes::new();
        (changes.msg_body, changes.cloud_custom_data) = (elements, data);
        let passed = message::Code::new(10_100 + offset).unwrap();
        let answer = message::Decision::forbid_with(passed, info.clone());
        for decision in [message::Decision::AllowChanged(changes.clone()), answer] {
            let reply: Reply = serde_json::from_str(&Reply::from(decision.clone()).to_json()).unwrap();
            let expected = match decision {
                message::Decision::AllowChanged(_) if changes == Changes::new() => message::Decision::Allow,
                decision => decision,
            };
            prop_assert_eq!(message::Decision::try_from(reply), Ok(expected));
        }
        let failed = Reply::fail(code, &*info);
        prop_assert_eq!(serde_json::from_str::<Reply>(&failed.to_json()).unwrap(), failed);
        Ok(())
    });
}
