//! One method per command.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use pollster::block_on;
use trtc_live_webhook::{
    Delivery, Handler, Reply, RequestInfo, SdkAppId, UnrecognizedEvent, dispatch,
    event::{battle, member, room},
};

use crate::support::{event, fixture, fixtures};

fn delivery(packet: &serde_json::Value) -> Delivery {
    Delivery::new(RequestInfo::new(SdkAppId::new(7)), event(packet))
}

/// Notes which method was called, with what.
#[derive(Default)]
struct Recorder(Mutex<Vec<String>>);

impl Recorder {
    fn note(&self, request: &RequestInfo, what: &str) -> Result<(), String> {
        assert_eq!(request.sdk_app_id, SdkAppId::new(7));
        self.0.lock().unwrap().push(what.to_owned());
        if what.ends_with("fail") {
            Err(what.to_owned())
        } else {
            Ok(())
        }
    }
}

impl Handler for Recorder {
    type Error = String;

    async fn after_create_room(
        &self,
        request: &RequestInfo,
        event: room::AfterCreateRoom,
    ) -> Result<(), String> {
        self.note(
            request,
            &format!("Live.CallbackAfterCreateRoom {}", event.room_info.room_id),
        )
    }

    async fn after_destroy_room(
        &self,
        request: &RequestInfo,
        event: room::AfterDestroyRoom,
    ) -> Result<(), String> {
        self.note(
            request,
            &format!("Live.CallbackAfterDestroyRoom {}", event.room_id),
        )
    }

    async fn after_member_state_changed(
        &self,
        request: &RequestInfo,
        event: member::AfterMemberStateChanged,
    ) -> Result<(), String> {
        self.note(
            request,
            &format!("Live.CallbackAfterMemberStateChanged {}", event.room_id),
        )
    }

    async fn after_end_battle(
        &self,
        request: &RequestInfo,
        event: battle::AfterEndBattle,
    ) -> Result<(), String> {
        self.note(
            request,
            &format!(
                "Live.CallbackAfterEndBattle {}",
                event.from_room_info.unwrap().room_id
            ),
        )
    }

    async fn unrecognized(&self, request: &RequestInfo, event: UnrecognizedEvent) -> Result<(), String> {
        self.note(request, event.command.as_str())
    }
}

#[test]
fn every_command_reaches_its_method() {
    for fixture in fixtures() {
        let recorder = Recorder::default();
        let delivery = delivery(&fixture.packet);
        let expected = match delivery.event.room_id() {
            Some(room_id) => format!("{} {room_id}", fixture.command()),
            None => fixture.command().to_owned(),
        };
        assert_eq!(block_on(dispatch(&recorder, delivery)), Ok(Reply::ok()));
        assert_eq!(*recorder.0.lock().unwrap(), [expected]);
    }
    let recorder = Recorder::default();
    let packet = serde_json::json!({"CallbackCommand": "Call.X"});
    assert_eq!(block_on(dispatch(&recorder, delivery(&packet))), Ok(Reply::ok()));
    assert_eq!(*recorder.0.lock().unwrap(), ["Call.X"]);
}

#[test]
fn what_a_method_returns_as_an_error_comes_out() {
    let packet = serde_json::json!({"CallbackCommand": "Call.fail"});
    assert_eq!(
        block_on(dispatch(&Recorder::default(), delivery(&packet))),
        Err("Call.fail".to_owned())
    );
}

struct Indifferent;

impl Handler for Indifferent {
    type Error = Infallible;
}

#[test]
fn a_method_that_is_left_out_answers_with_success() {
    for fixture in fixtures() {
        assert_eq!(
            block_on(dispatch(&Indifferent, delivery(&fixture.packet))),
            Ok(Reply::ok()),
            "{}",
            fixture.name
        );
    }
}

#[test]
fn a_dispatch_can_be_sent_to_another_thread() {
    let handler = Arc::new(Recorder::default());
    let delivery = delivery(&fixture("Live.CallbackAfterEndBattle").packet);
    let shared = Arc::clone(&handler);
    let reply =
        std::thread::spawn(move || block_on(async move { dispatch(&*shared, delivery).await })).join();
    assert_eq!(reply.unwrap(), Ok(Reply::ok()));
    assert_eq!(handler.0.lock().unwrap().len(), 1);
}
