//! Passing deliveries on to a service, as they came or signed anew.

use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::header::CONTENT_TYPE;
use trtc_live_webhook::{Reply, RequestInfo, samples::Request};

use crate::{
    failure::Failure,
    listen::exchange::{FromService, Seen, millis},
    outcome::{LIMIT, decision},
    packet,
    sender::{Answer, Sender},
    text::shortened,
};

/// So many characters of an answer are kept.
const ANSWER: usize = 4000;

/// Passes a delivery on as it came, with its own signature.
pub(crate) async fn forward(sender: &Sender, query: &str, body: &Bytes) -> (FromService, Option<Reply>) {
    let mut url = sender.url().clone();
    let own = url.query().filter(|query| !query.is_empty()).map(|query| format!("{query}&"));
    url.set_query(Some(&format!("{}{query}", own.unwrap_or_default())));
    let post = sender.client().post(url).header(CONTENT_TYPE, "application/json").body(body.clone());
    let start = Instant::now();
    let answer = sender.ask(post).await;
    told(answer, start.elapsed(), body)
}

/// Sends what was seen once more, signed anew, with the parameters that it came with.
pub(crate) async fn replay(sender: &Sender, seen: &Seen) -> Option<FromService> {
    let body = seen.body.clone()?;
    let info = RequestInfo::from_query(&seen.query).ok();
    let app = info.as_ref().map_or(sender.sdk_app_id(), |info| info.sdk_app_id);
    let mut request = Request::from_json(app, body.to_vec());
    if let Some(command) = info.as_ref().and_then(|info| info.command.clone()) {
        request = request.with_command(command);
    }
    if let Some(address) = info.as_ref().and_then(|info| info.client_ip) {
        request = request.with_client_ip(address);
    }
    if let Some(platform) = info.as_ref().and_then(|info| info.opt_platform.clone()) {
        request = request.with_opt_platform(platform);
    }
    for (name, value) in info.map(|info| info.foreign).unwrap_or_default() {
        if sender.url().query_pairs().all(|(own, _)| own != name) {
            request = request.with_parameter(name, value);
        }
    }
    let start = Instant::now();
    let answer = sender.ask(sender.post(&sender.sign(request))).await;
    Some(told(answer, start.elapsed(), &body).0)
}

fn told(answer: Result<Answer, Failure>, waited: Duration, body: &Bytes) -> (FromService, Option<Reply>) {
    match answer {
        Ok(Answer { status, body: packet, reply, elapsed }) => {
            let command = packet::command(body);
            let reply_of = reply.as_ref().ok().cloned();
            let service = FromService {
                status,
                packet: shortened(&packet, ANSWER),
                millis: millis(elapsed),
                late: elapsed > LIMIT,
                decision: command
                    .zip(reply_of.clone())
                    .and_then(|(command, reply)| decision(&command, reply)),
                problem: reply.err().map(|problem| problem.to_string()),
            };
            (service, reply_of)
        }
        Err(failure) => {
            let problem = Some(failure.to_string());
            let (packet, decision) = (String::new(), None);
            let (millis, late) = (millis(waited), waited > LIMIT);
            (FromService { status: None, packet, millis, late, decision, problem }, None)
        }
    }
}
