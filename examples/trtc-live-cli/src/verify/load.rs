//! Checks that many deliveries at a time are answered in time.

use futures_util::{StreamExt, stream};
use trtc_live_webhook::{event::room, samples::Request};

use crate::{
    failure::Failure,
    latency::Latency,
    sender::Sender,
    verify::{
        finding::{Finding, Page, accepted},
        report::Report,
    },
};

/// How many deliveries each of the senders sends.
const ROUNDS: u32 = 10;

pub(crate) async fn check(sender: &Sender, concurrency: u16, report: &mut Report) -> Result<(), Failure> {
    let check = "concurrency";
    if !report.wants(check) {
        return Ok(());
    }
    let total = u32::from(concurrency) * ROUNDS;
    let send = |number: u32| async move {
        let mut event = room::AfterCreateRoom::sample();
        event.room_info.room_id = format!("verify-{number}").into();
        sender.ask(sender.post(&sender.sign(Request::new(sender.sdk_app_id(), event)))).await
    };
    let mut answers = stream::iter(0..total).map(send).buffer_unordered(concurrency.into());
    let mut latency = Latency::default();
    let (mut failed, mut problem) = (0_u32, String::new());
    while let Some(answer) = answers.next().await {
        let answer = answer?;
        latency.add(answer.elapsed);
        if let Err(this) = accepted(&answer) {
            (failed, problem) = (failed + 1, this);
        }
    }
    let summary = latency.summary();
    let judged = if failed == 0 {
        Ok(format!("{total} deliveries, {concurrency} at a time: {summary}"))
    } else {
        Err(format!("{failed} of {total} deliveries, {concurrency} at a time: {problem}; {summary}"))
    };
    Ok(report.add(&Finding::new(check, judged, Page::Mounting))?)
}
