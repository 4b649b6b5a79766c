//! The documented packets and requests that users test with.

use std::time::{Duration, SystemTime};

use serde_json::json;
use trtc_live_webhook::{
    App, Command, Event, OptPlatform, Receiver, RequestError, RequestInfo, SdkAppId, Token, UnixSeconds,
    event::{battle, follow, gift, member, message, recording, room, seat},
    samples::{self, Request},
};
use url::Url;

use crate::support::{fixture, fixtures};

const OURS: SdkAppId = SdkAppId::new(1_400_000_000);

#[test]
fn every_fixture_is_a_sample() {
    let mut samples: Vec<_> = samples::ALL.iter().map(|sample| (sample.name(), sample.json())).collect();
    samples.sort_unstable();
    let fixtures = fixtures();
    let fixtures: Vec<_> = fixtures.iter().map(|fixture| (&*fixture.name, &*fixture.text)).collect();
    assert_eq!(samples, fixtures);
    for sample in samples::ALL {
        assert!(sample.name().starts_with(sample.command().as_str()));
        assert_eq!(Event::from(*sample), sample.event());
    }
}

#[test]
fn every_event_has_its_sample() {
    // Each is read by the function that the table makes for its struct.
    macro_rules! check {
        ($($family:ident::$event:ident;)+) => {
            $(
                let sample = $family::$event::SAMPLE;
                assert_eq!(Event::from($family::$event::sample()), sample.event());
                assert_eq!(sample.name(), sample.command().as_str());
                assert_eq!(sample.json(), fixture(sample.name()).text);
            )+
        };
    }
    check! {
        room::AfterCreateRoom;
        member::AfterModifyAdmin;
        seat::AfterSeatInfoChanged;
        battle::AfterEndBattle;
        gift::BeforeSendGift;
        message::AfterSendMsg;
        follow::AfterFollowAdd;
        recording::AfterCloudRecordingChanged;
    }
}

#[test]
fn a_sample_is_changed_by_assignment() {
    let mut event = room::AfterCreateRoom::sample();
    event.room_info.room_id = "mine".into();
    event.room_info.max_seat_count = None;
    let packet = serde_json::to_value(&event).unwrap();
    assert_eq!(packet["RoomInfo"]["RoomId"], json!("mine"));
    assert_eq!(packet["RoomInfo"].get("MaxSeatCount"), None);
}

#[test]
fn a_length_beyond_what_the_wire_can_say_is_as_long_as_it_can() {
    let mut event = battle::AfterEndBattle::sample();
    event.duration = Some(Duration::MAX);
    let request = Request::new(OURS, event);
    let delivery = Receiver::new(OURS).receive(&request.query(), request.body()).unwrap();
    let Event::AfterEndBattle(event) = delivery.event else { panic!() };
    assert_eq!(event.duration, Some(Duration::from_millis(i64::MAX.unsigned_abs())));
}

#[test]
fn a_request_says_what_the_backend_would() {
    let request = Request::new(OURS, battle::AfterEndBattle::SAMPLE.event());
    assert_eq!(
        request.query(),
        "SdkAppid=1400000000&CallbackCommand=Live.CallbackAfterEndBattle&contenttype=json&ClientIP=127.0.0.1\
         &OptPlatform=RESTAPI"
    );
    let delivery = Receiver::new(OURS).receive(&request.query(), request.body()).unwrap();
    assert_eq!(delivery.event, battle::AfterEndBattle::SAMPLE.event());
}

#[test]
fn a_request_says_what_it_is_told() {
    let request = Request::new(OURS, room::AfterCreateRoom::sample())
        .with_command(Command::AfterDestroyRoom)
        .with_client_ip([0, 0, 0, 0, 0, 0, 0, 1])
        .with_opt_platform(OptPlatform::Web)
        .signed(&Token::new("old").unwrap(), UnixSeconds::new(1))
        .signed(&Token::new("xxxxyyyy").unwrap(), UnixSeconds::new(1_669_872_112))
        .with_parameter("tenant", "a b&c");
    let info = RequestInfo::from_query(&request.query()).unwrap();
    assert_eq!(info.command, Some(Command::AfterDestroyRoom));
    assert_eq!(info.client_ip, Some("::1".parse().unwrap()));
    assert_eq!(info.opt_platform, Some(OptPlatform::Web));
    let end = "&Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061&RequestTime=1669872112&tenant=a+b%26c";
    assert!(request.query().ends_with(end), "{}", request.query());
    let base: Url = "https://www.example.com/webhook?x=1&SdkAppid=9#top".parse().unwrap();
    let url = request.url(&base);
    assert_eq!(url.query(), Some(&*format!("x=1&{}", request.query())));
    assert_eq!((url.path(), url.fragment()), ("/webhook", Some("top")));
}

#[test]
fn a_request_is_signed() {
    let token = Token::new("xxxxyyyy").unwrap();
    let receiver = Receiver::new(App::new(OURS).with_token(token.clone()));
    let sent = UnixSeconds::new(1_669_872_112);
    let now = SystemTime::try_from(sent).unwrap();
    for sample in samples::ALL {
        let unsigned = Request::new(OURS, sample.event());
        assert_eq!(receiver.check_at(&unsigned.query(), now), Err(RequestError::MissingSign));
        let request = unsigned.signed(&token, sent);
        let delivery = receiver.receive_at(&request.query(), request.body(), now).unwrap();
        assert_eq!(delivery.event, sample.event());
        let url = request.url(&"http://localhost".parse().unwrap());
        let checked = receiver.check_at(url.query().unwrap(), now).unwrap();
        assert_eq!(checked.request(), &delivery.request);
    }
    let wrong =
        Request::new(OURS, battle::AfterEndBattle::SAMPLE.event()).signed(&Token::new("x").unwrap(), sent);
    assert_eq!(receiver.check_at(&wrong.query(), now), Err(RequestError::WrongSign));
}

#[test]
fn a_request_carries_any_body() {
    for body in ["", "{", battle::AfterEndBattle::SAMPLE.json(), r#"{"CallbackCommand":"Room.X"}"#] {
        let request = Request::from_json(OURS, body);
        assert_eq!(request.body(), body.as_bytes());
        assert_eq!(request.clone().into_body(), body.as_bytes());
        let command = Event::from_slice(body.as_bytes()).ok().map(|event| event.command().clone());
        assert_eq!(RequestInfo::from_query(&request.query()).unwrap().command, command);
        let received = Receiver::new(OURS).receive(&request.query(), request.body());
        assert_eq!(received.map(|delivery| delivery.event).ok(), Event::from_slice(body.as_bytes()).ok());
    }
}
