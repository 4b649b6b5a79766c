//! What goes wrong in the service, or with a packet: failing is refusing.

use trtc_live_webhook::{Reply, event::message, samples};

use crate::{
    Service,
    service::{self, OURS, TEXT},
};

/// A message that cannot be read is not let through, nor is a gift. What asks nothing gets the status.
pub fn what_cannot_be_read_is_refused(program: &str) {
    let service = Service::start(program);
    let post = |body: &str| service.post(&service.sign(samples::Request::from_json(OURS, body)));
    for body in [
        r#"{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"g","MsgBody":[{"MsgType":"TIMCustomElem","MsgContent":{"Data":7}}]}"#,
        r#"{"CallbackCommand":"Live.CallbackBeforeSendGift","RoomId":"r","GiftWater":{}}"#,
    ] {
        assert_eq!(post(body).reply().error_code(), 1, "{body}");
    }
    post(r#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom"}"#).assert_failure(400);
    let output = service.stop();
    assert!(output.contains("delivery not processed"), "{output}");
}

/// A handler that panics over a message forbids it, and the service goes on.
pub fn a_handler_that_panics_refuses(program: &str) {
    let service = Service::start_with(program, &[("PANIC_WORD", "kaboom")]);
    for _ in 0..20 {
        let answer = service.tell(service::message(&format!("{TEXT}: kaboom")));
        assert_eq!(answer.reply().try_into(), Ok(message::Decision::Forbid));
    }
    assert_eq!(service.tell(service::message(TEXT)).reply().try_into(), Ok(message::Decision::Allow));
    assert_eq!(service.post(&service.room_request("after")).reply(), Reply::ok());
    let output = service.stop();
    assert!(output.contains("handler panicked") && !output.contains("kaboom"), "{output}");
}
