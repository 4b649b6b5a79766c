//! One method per command.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use pollster::block_on;
use trtc_live_webhook::{
    Delivery, Event, Handler, Reply, RequestInfo, SdkAppId, UnrecognizedEvent, dispatch,
    event::{battle, follow, gift, member, message, recording, room, seat},
};

use crate::support::{event, fixture, fixtures, request};

fn delivery(packet: &serde_json::Value) -> Delivery {
    Delivery::new(request(), event(packet))
}

/// Notes which method was called, with what.
#[derive(Default)]
struct Recorder(Mutex<Vec<String>>);

impl Recorder {
    fn note(&self, request: &RequestInfo, what: &str) -> Result<(), String> {
        assert_eq!(request.sdk_app_id, SdkAppId::new(7));
        self.0.lock().unwrap().push(what.to_owned());
        if what.ends_with("fail") { Err(what.to_owned()) } else { Ok(()) }
    }
}

impl Handler for Recorder {
    type Error = String;

    async fn after_create_room(
        &self,
        request: &RequestInfo,
        event: room::AfterCreateRoom,
    ) -> Result<(), String> {
        self.note(request, &format!("Live.CallbackAfterCreateRoom {}", event.room_info.room_id))
    }

    async fn after_destroy_room(
        &self,
        request: &RequestInfo,
        event: room::AfterDestroyRoom,
    ) -> Result<(), String> {
        self.note(request, &format!("Live.CallbackAfterDestroyRoom {}", event.room_id))
    }

    async fn after_update_room_info(
        &self,
        request: &RequestInfo,
        event: room::AfterUpdateRoomInfo,
    ) -> Result<(), String> {
        self.note(request, &format!("Live.CallbackAfterUpdateRoomInfo {}", event.room_info.room_id))
    }

    async fn after_set_metadata(
        &self,
        request: &RequestInfo,
        event: room::AfterSetMetadata,
    ) -> Result<(), String> {
        self.note(request, &format!("Live.CallbackAfterSetMetadata {}", event.room_id))
    }

    async fn after_del_metadata(
        &self,
        request: &RequestInfo,
        event: room::AfterDelMetadata,
    ) -> Result<(), String> {
        self.note(request, &format!("Live.CallbackAfterDelMetadata {}", event.room_id))
    }

    async fn after_create_room_reaching_threshold(
        &self,
        request: &RequestInfo,
        event: room::AfterCreateRoomReachingThreshold,
    ) -> Result<(), String> {
        self.note(
            request,
            &format!("Live.CallbackAfterCreateRoomReachingThreshold {}", event.cur_room_count.unwrap()),
        )
    }

    async fn after_member_state_changed(
        &self,
        request: &RequestInfo,
        event: member::AfterMemberStateChanged,
    ) -> Result<(), String> {
        self.note(request, &format!("Live.CallbackAfterMemberStateChanged {}", event.room_id))
    }

    async fn after_change_owner(
        &self,
        request: &RequestInfo,
        event: member::AfterChangeOwner,
    ) -> Result<(), String> {
        self.note(request, &format!("Live.CallbackAfterChangeOwner {}", event.room_id))
    }

    async fn after_modify_admin(
        &self,
        request: &RequestInfo,
        event: member::AfterModifyAdmin,
    ) -> Result<(), String> {
        self.note(request, &format!("Live.CallbackAfterModifyAdmin {}", event.room_id))
    }

    async fn after_seat_info_changed(
        &self,
        request: &RequestInfo,
        event: seat::AfterSeatInfoChanged,
    ) -> Result<(), String> {
        self.note(request, &format!("Mic.CallbackAfterSeatInfoChanged {}", event.room_id))
    }

    async fn after_create_battle(
        &self,
        request: &RequestInfo,
        event: battle::AfterCreateBattle,
    ) -> Result<(), String> {
        self.note(request, &format!("Live.CallbackAfterCreateBattle {}", event.from_room_id.unwrap()))
    }

    async fn after_start_battle(
        &self,
        request: &RequestInfo,
        event: battle::AfterStartBattle,
    ) -> Result<(), String> {
        self.note(
            request,
            &format!("Live.CallbackAfterStartBattle {}", event.from_room_info.unwrap().room_id),
        )
    }

    async fn after_end_battle(
        &self,
        request: &RequestInfo,
        event: battle::AfterEndBattle,
    ) -> Result<(), String> {
        self.note(request, &format!("Live.CallbackAfterEndBattle {}", event.from_room_info.unwrap().room_id))
    }

    async fn before_send_gift(
        &self,
        request: &RequestInfo,
        event: gift::BeforeSendGift,
    ) -> Result<gift::Decision, String> {
        self.note(request, &format!("Live.CallbackBeforeSendGift {}", event.room_id))
            .map(|()| gift::Decision::Reject)
    }

    async fn before_send_msg(
        &self,
        request: &RequestInfo,
        event: message::BeforeSendMsg,
    ) -> Result<message::Decision, String> {
        self.note(request, &format!("Group.CallbackBeforeSendMsg {}", event.group_id))
            .map(|()| message::Decision::Discard)
    }

    async fn after_send_msg(
        &self,
        request: &RequestInfo,
        event: message::AfterSendMsg,
    ) -> Result<(), String> {
        self.note(request, &format!("Group.CallbackAfterSendMsg {}", event.group_id))
    }

    async fn after_follow_add(
        &self,
        request: &RequestInfo,
        event: follow::AfterFollowAdd,
    ) -> Result<(), String> {
        self.note(request, &format!("Follow.CallbackAfterFollowAdd {}", event.from_account))
    }

    async fn after_follow_delete(
        &self,
        request: &RequestInfo,
        event: follow::AfterFollowDelete,
    ) -> Result<(), String> {
        self.note(request, &format!("Follow.CallbackAfterFollowDelete {}", event.from_account))
    }

    async fn after_cloud_recording_changed(
        &self,
        request: &RequestInfo,
        event: recording::AfterCloudRecordingChanged,
    ) -> Result<(), String> {
        self.note(
            request,
            &format!(
                "Live.CallbackAfterCloudRecordingChanged {}",
                event.event_info.room_id.unwrap_or_else(|| "".into())
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
        let about = match (delivery.event.room_id(), &delivery.event) {
            (Some(room_id), _) => room_id.to_string(),
            (None, Event::AfterCreateRoomReachingThreshold(_)) => "400".to_owned(),
            (None, Event::AfterCloudRecordingChanged(_)) => String::new(),
            (None, _) => "UserID_001".to_owned(),
        };
        let reply = match &delivery.event {
            Event::BeforeSendGift(_) => gift::Decision::Reject.into(),
            Event::BeforeSendMsg(_) => message::Decision::Discard.into(),
            _ => Reply::ok(),
        };
        assert_eq!(block_on(dispatch(&recorder, delivery)), Ok(reply));
        assert_eq!(*recorder.0.lock().unwrap(), [format!("{} {about}", fixture.command())]);
    }
    let recorder = Recorder::default();
    let packet = serde_json::json!({"CallbackCommand": "Call.X"});
    assert_eq!(block_on(dispatch(&recorder, delivery(&packet))), Ok(Reply::ok()));
    assert_eq!(*recorder.0.lock().unwrap(), ["Call.X"]);
}

#[test]
fn what_a_method_returns_as_an_error_comes_out() {
    let packet = serde_json::json!({"CallbackCommand": "Call.fail"});
    assert_eq!(block_on(dispatch(&Recorder::default(), delivery(&packet))), Err("Call.fail".to_owned()));
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
