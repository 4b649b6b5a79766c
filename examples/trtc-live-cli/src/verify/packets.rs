//! Checks that what the backend sends is answered.

use trtc_live_webhook::{
    event::room,
    samples::{self, Request},
};

use crate::{
    failure::Failure,
    sender::Sender,
    verify::{
        finding::{Finding, Page, accepted},
        report::Report,
    },
};

/// Sends every documented packet, and what the backend may begin to send any day. Returns whether the packet
/// that refusals are tried with was accepted: if it is not, they show nothing.
pub(crate) async fn check(sender: &Sender, report: &mut Report) -> Result<bool, Failure> {
    let mut accepts = false;
    for sample in samples::ALL {
        let request = Request::from_json(sender.sdk_app_id(), sample.json());
        let finding = packet("packet", request, sender).await?.about(sample.name());
        accepts |= finding.page.is_none() && sample.name() == room::AfterCreateRoom::SAMPLE.name();
        if report.wants("packet") {
            report.add(&finding)?;
        }
    }
    for (check, packet_text) in [
        // Of a sibling product, which may share the URL.
        ("unknown-command", r#"{"CallbackCommand":"Call.CallbackAfterHangUp","CallId":"7"}"#),
        (
            "unknown-field",
            r#"{"CallbackCommand":"Live.CallbackAfterMemberStateChanged","RoomId":"verify","EventType":"Somersault",
            "MemberList":[{"Member_Account":"verify","Since":7}],"Mood":{"Of":["the","day"]},"EventTime":null}"#,
        ),
    ] {
        if report.wants(check) {
            report
                .add(&packet(check, Request::from_json(sender.sdk_app_id(), packet_text), sender).await?)?;
        }
    }
    Ok(accepts)
}

async fn packet(check: &'static str, request: Request, sender: &Sender) -> Result<Finding, Failure> {
    let answer = sender.ask(sender.post(&sender.sign(request))).await?;
    let judged = accepted(&answer).map(|_| "valid reply".to_owned());
    Ok(Finding::new(check, judged, Page::Mounting).after(answer.elapsed))
}
