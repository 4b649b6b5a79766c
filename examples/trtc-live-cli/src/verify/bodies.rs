//! Checks that what is no delivery is refused, and stops nothing.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use reqwest::{
    Body, RequestBuilder,
    header::{CONTENT_LENGTH, CONTENT_TYPE},
};
use trtc_live_webhook::{event::room, samples::Request};

use crate::{
    failure::Failure,
    outcome::Problem,
    sender::Sender,
    verify::{
        finding::{Finding, NOT_ACCEPTED, Page, accepted, given_up, refused},
        report::Report,
    },
};

const LONG: usize = 10 << 20;

/// How long a body may be waited for. The backend gives up after 2 seconds.
const STALLED: Duration = Duration::from_secs(10);

pub(crate) async fn check(sender: &Sender, accepts: bool, report: &mut Report) -> Result<(), Failure> {
    let checks = ["get", "not-json", "no-packet", "truncated", "long", "long-chunked", "stalled-body"];
    for check in checks {
        if !report.wants(check) {
            continue;
        }
        if !accepts {
            report.add(&Finding::skip(check, NOT_ACCEPTED))?;
            continue;
        }
        let request =
            sender.sign(Request::from_json(sender.sdk_app_id(), room::AfterCreateRoom::SAMPLE.json()));
        let mut answer = sender.ask(prepare(check, &request, sender)).await?;
        for body in further(check) {
            // The first that is not refused is told.
            if refused(&answer).is_ok() {
                answer = sender.ask(sender.post(&request).body(*body)).await?;
            }
        }
        let judged = match check {
            // A page for whoever opens the URL in a browser does no harm.
            "get" => match &answer.reply {
                Err(Problem::NotAnObject(_) | Problem::NotAReply(_)) => Ok("no reply packet".to_owned()),
                _ => refused(&answer),
            },
            "not-json" | "no-packet" | "truncated" => refused(&answer),
            _ => given_up(&answer),
        };
        report.add(&Finding::new(check, judged, Page::Mounting).after(answer.elapsed))?;
    }
    if accepts && report.wants("survival") {
        let request =
            sender.sign(Request::from_json(sender.sdk_app_id(), room::AfterCreateRoom::SAMPLE.json()));
        let answer = sender.ask(sender.post(&request)).await?;
        let judged = accepted(&answer).map(|_| "a delivery afterwards is accepted".to_owned());
        report.add(&Finding::new("survival", judged, Page::Mounting).after(answer.elapsed))?;
    }
    Ok(())
}

/// Bodies that are sent besides the first.
fn further(check: &str) -> &'static [&'static [u8]] {
    match check {
        "not-json" => &[b"", b"\xff\xfe"],
        "no-packet" => &[b"[]", b"null", b"7", br#"{"CallbackCommand":7}"#],
        _ => &[],
    }
}

fn prepare(check: &str, request: &Request, sender: &Sender) -> RequestBuilder {
    let url = request.url(sender.url());
    let (post, packet) = (
        sender.client().post(url.clone()).header(CONTENT_TYPE, "application/json"),
        Bytes::copy_from_slice(request.body()),
    );
    match check {
        "get" => sender.client().get(url),
        "not-json" => post.body("CallbackCommand=Live.CallbackAfterCreateRoom"),
        "no-packet" => post.body("{}"),
        "truncated" => post.body(packet.slice(..packet.len() / 2)),
        "long" => post.header(CONTENT_LENGTH, LONG).body(long(packet)).timeout(STALLED),
        "long-chunked" => post.body(long(packet)).timeout(STALLED),
        _ => {
            let length = packet.len();
            let begun = stream::iter([Ok::<_, Infallible>(packet.slice(..length / 2))]);
            let body = Body::wrap_stream(begun.chain(stream::pending()));
            post.header(CONTENT_LENGTH, length).body(body).timeout(STALLED)
        }
    }
}

/// Makes a body that is a packet all the same: white space around it belongs to it.
fn long(packet: Bytes) -> Body {
    const PIECE: usize = 64 << 10;
    let space = Bytes::from(vec![b' '; PIECE]);
    let mut left = LONG - packet.len();
    let spaces = std::iter::from_fn(move || {
        let piece = space.slice(..left.min(PIECE));
        left -= piece.len();
        Some(piece).filter(|piece| !piece.is_empty())
    });
    Body::wrap_stream(stream::iter([packet].into_iter().chain(spaces).map(Ok::<_, Infallible>)))
}
