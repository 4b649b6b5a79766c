//! Handlers behind references, `Arc` and `Box`.

use std::{
    sync::{Arc, Mutex},
    thread,
};

use pollster::block_on;
use serde_json::json;
use trtc_live_webhook::{
    Command, Delivery, Event, Handler, Reply, RequestInfo, SdkAppId, UnrecognizedEvent, dispatch,
    event::{battle, follow, gift, member, message, recording, room, seat},
};

use crate::support::{event, fixtures, request};

/// Notes which method was called, with what. Nothing that it answers is what a default body would answer.
#[derive(Default)]
struct Recorder(Mutex<Vec<Call>>);

/// Method, request and event.
type Call = (&'static str, RequestInfo, Event);

impl Recorder {
    fn note<T>(
        &self,
        method: &'static str,
        request: &RequestInfo,
        event: impl Into<Event>,
        answer: T,
    ) -> Result<T, String> {
        self.0.lock().unwrap().push((method, request.clone(), event.into()));
        if request.sdk_app_id == BROKEN { Err(method.to_owned()) } else { Ok(answer) }
    }

    fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Application whose deliveries fail.
const BROKEN: SdkAppId = SdkAppId::new(500);

macro_rules! recorder {
    ($($method:ident($family:ident::$event:ident) $(-> $answer:ty = $decision:expr)?;)+) => {
        impl Handler for Recorder {
            type Error = String;

            $(
                async fn $method(
                    &self,
                    request: &RequestInfo,
                    event: $family::$event,
                ) -> Result<recorder!(@type $($answer)?), String> {
                    self.note(stringify!($method), request, event, recorder!(@value $($decision)?))
                }
            )+

            async fn unrecognized(&self, request: &RequestInfo, event: UnrecognizedEvent) -> Result<(), String> {
                self.note("unrecognized", request, event, ())
            }
        }

        /// Calls the method for the event as a program does that dispatches by itself.
        fn call<H: Handler>(handler: &H, request: &RequestInfo, event: Event) -> Result<Reply, H::Error> {
            match event {
                $(Event::$event(event) => block_on(handler.$method(request, event)).map(Reply::from),)+
                Event::Unrecognized(event) => block_on(handler.unrecognized(request, event)).map(Reply::from),
                event => panic!("no method is known for {event:?}"),
            }
        }
    };
    (@type) => { () };
    (@type $answer:ty) => { $answer };
    (@value) => { () };
    (@value $decision:expr) => { $decision };
}

recorder! {
    after_create_room(room::AfterCreateRoom);
    after_destroy_room(room::AfterDestroyRoom);
    after_update_room_info(room::AfterUpdateRoomInfo);
    after_set_metadata(room::AfterSetMetadata);
    after_del_metadata(room::AfterDelMetadata);
    after_create_room_reaching_threshold(room::AfterCreateRoomReachingThreshold);
    after_member_state_changed(member::AfterMemberStateChanged);
    after_change_owner(member::AfterChangeOwner);
    after_modify_admin(member::AfterModifyAdmin);
    after_seat_info_changed(seat::AfterSeatInfoChanged);
    after_create_battle(battle::AfterCreateBattle);
    after_start_battle(battle::AfterStartBattle);
    after_end_battle(battle::AfterEndBattle);
    before_send_gift(gift::BeforeSendGift) -> gift::Decision = gift::Decision::Reject;
    before_send_msg(message::BeforeSendMsg) -> message::Decision = message::Decision::Discard;
    after_send_msg(message::AfterSendMsg);
    after_follow_add(follow::AfterFollowAdd);
    after_follow_delete(follow::AfterFollowDelete);
    after_cloud_recording_changed(recording::AfterCloudRecordingChanged);
}

/// A delivery of every command, and one of none.
#[track_caller]
fn events() -> Vec<Event> {
    let mut events: Vec<_> = fixtures().iter().map(|fixture| event(&fixture.packet)).collect();
    for command in Command::ALL {
        assert!(events.iter().any(|event| event.command() == command), "no fixture of {command}");
    }
    events.push(event(&json!({"CallbackCommand": "Call.X", "New": 1})));
    events
}

/// The method of a command, by the rule that names it.
fn method(command: &Command) -> String {
    if !command.is_recognized() {
        return "unrecognized".to_owned();
    }
    let mut method = String::new();
    for character in format!("{command:?}").chars() {
        if character.is_uppercase() && !method.is_empty() {
            method.push('_');
        }
        method.extend(character.to_lowercase());
    }
    method
}

/// Every method of the pointer is the recorder's own, dispatched to or called.
#[track_caller]
fn assert_reaches<H: Handler<Error = String>>(recorder: &Recorder, pointer: &H) {
    let mut ways = request();
    ways.foreign.push(("tenant".to_owned(), "7".to_owned()));
    let broken = RequestInfo::new(BROKEN);
    for event in events() {
        let method = method(event.command());
        let reply = match &event {
            Event::BeforeSendGift(_) => gift::Decision::Reject.into(),
            Event::BeforeSendMsg(_) => message::Decision::Discard.into(),
            _ => Reply::ok(),
        };
        let dispatched = block_on(dispatch(pointer, Delivery::new(ways.clone(), event.clone())));
        assert_eq!(dispatched, Ok(reply.clone()), "{method}");
        assert_eq!(call(pointer, &ways, event.clone()), Ok(reply), "{method}");
        let failed = block_on(dispatch(pointer, Delivery::new(broken.clone(), event.clone())));
        assert_eq!(failed, Err(method.clone()));
        assert_eq!(call(pointer, &broken, event.clone()), Err(method.clone()));
        let calls = recorder.take();
        let requests = [&ways, &ways, &broken, &broken];
        assert_eq!(calls.len(), requests.len(), "{method}");
        for (call, request) in calls.iter().zip(requests) {
            assert_eq!((call.0, &call.1, &call.2), (&*method, request, &event));
        }
    }
}

#[test]
fn a_handler_itself() {
    let recorder = Recorder::default();
    assert_reaches(&recorder, &recorder);
}

#[test]
fn a_reference() {
    let recorder = Recorder::default();
    assert_reaches(&recorder, &&recorder);
    assert_reaches(&recorder, &&&recorder);
}

#[test]
fn an_arc() {
    let recorder = Arc::new(Recorder::default());
    assert_reaches(&recorder, &recorder);
    assert_reaches(&recorder, &Arc::clone(&recorder));
}

#[test]
fn a_box() {
    let recorder = Box::new(Recorder::default());
    assert_reaches(&recorder, &recorder);
}

#[test]
fn pointers_to_pointers() {
    let recorder = Arc::new(Box::new(Recorder::default()));
    assert_reaches(&recorder, &recorder);
    assert_reaches(&recorder, &&recorder);
    assert_reaches(&recorder, &Box::new(Arc::clone(&recorder)));
    assert_reaches(&recorder, &Arc::new(&**recorder));
}

#[test]
fn a_pointer_is_shared_by_threads() {
    let recorder = Arc::new(Recorder::default());
    let event = event(&json!({"CallbackCommand": "Call.X"}));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (shared, delivery) = (Arc::clone(&recorder), Delivery::new(request(), event.clone()));
            thread::spawn(move || block_on(async move { dispatch(&shared, delivery).await }))
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Ok(Reply::ok()));
    }
    assert_eq!(recorder.take().len(), 4);
}
