//! Checks that repetitions and another order than expected do not fail.

use trtc_live_webhook::{
    Event,
    event::{member, room},
    samples::Request,
};

use crate::{
    failure::Failure,
    sender::Sender,
    verify::{
        finding::{Finding, Page, accepted},
        report::Report,
    },
};

pub(crate) async fn check(sender: &Sender, report: &mut Report) -> Result<(), Failure> {
    let created = room::AfterCreateRoom::sample();
    let room_id = created.room_info.room_id.clone();
    let mut destroyed = room::AfterDestroyRoom::sample();
    destroyed.room_id = room_id.clone();
    let mut left = member::AfterMemberStateChanged::sample();
    left.room_id = room_id;

    let twice = [created.clone().into(), created.clone().into()];
    let wrong_order = [destroyed.into(), left.into(), created.into()];
    // What it does with them cannot be seen from outside.
    pass("twice", &twice, "the same delivery is accepted twice", sender, report).await?;
    pass("wrong-order", &wrong_order, "the end is accepted before the beginning", sender, report).await
}

async fn pass(
    check: &'static str,
    events: &[Event],
    text: &str,
    sender: &Sender,
    report: &mut Report,
) -> Result<(), Failure> {
    if !report.wants(check) {
        return Ok(());
    }
    let mut judged = Ok(text.to_owned());
    for (number, event) in events.iter().enumerate() {
        let request = sender.sign(Request::new(sender.sdk_app_id(), event.clone()));
        let answer = sender.ask(sender.post(&request)).await?;
        if let Err(problem) = accepted(&answer) {
            judged = Err(format!("delivery {} of {}: {problem}", number + 1, events.len()));
            break;
        }
    }
    Ok(report.add(&Finding::new(check, judged, Page::RepetitionsAndOrder))?)
}
