//! Checks that who does not know the token is refused.

use trtc_live_webhook::{
    SdkAppId, Token, UnixSeconds,
    event::room,
    samples::{self, Request},
};

use crate::{
    failure::Failure,
    sender::Sender,
    verify::{
        finding::{Finding, NOT_ACCEPTED, Page, refused},
        report::Report,
    },
};

/// Further from now than any clock is wrong.
const HOUR: i64 = 3600;

pub(crate) async fn check(sender: &Sender, accepts: bool, report: &mut Report) -> Result<(), Failure> {
    let now = UnixSeconds::now();
    let ours = || Request::from_json(sender.sdk_app_id(), sample().json());
    let theirs = SdkAppId::new(sender.sdk_app_id().get() ^ 1);
    let foreign = sender.sign(Request::from_json(theirs, sample().json()));
    probe("foreign-app", &[foreign], Page::Mounting, sender, accepts, report).await?;

    let checks = ["no-sign", "wrong-sign", "stale-sign", "early-sign", "two-signs"];
    let Some(token) = sender.token() else {
        for check in checks.into_iter().filter(|check| report.wants(check)).collect::<Vec<_>>() {
            report.add(&Finding::skip(check, "no token is given, and without one anybody can post"))?;
        }
        return Ok(());
    };
    let guess = Token::new("not the token").map_err(Failure::Token)?;
    let (right, wrong) = (token.sign(now), guess.sign(now));
    let signed = |sign: &str| {
        let request = ours().with_parameter("Sign", sign);
        request.with_parameter("RequestTime", now.to_string())
    };
    let at = |time: i64| ours().signed(token, UnixSeconds::new(time));
    let requests: [Vec<Request>; 5] = [
        vec![ours(), ours().with_parameter("RequestTime", now.to_string())],
        vec![signed(&wrong), signed(""), signed("0"), signed(right.get(..32).unwrap_or_default())],
        vec![at(now.get() - HOUR), at(0)],
        vec![at(now.get() + HOUR)],
        vec![
            signed(&right).with_parameter("Sign", wrong.as_str()),
            signed(&wrong).with_parameter("Sign", right.as_str()),
            signed(&right).with_parameter("sign", right.as_str()),
        ],
    ];
    for (check, requests) in checks.into_iter().zip(requests) {
        probe(check, &requests, Page::Tokens, sender, accepts, report).await?;
    }
    Ok(())
}

fn sample() -> samples::Sample {
    room::AfterCreateRoom::SAMPLE
}

/// Sends these requests, all of which are to be refused.
async fn probe(
    check: &'static str,
    requests: &[Request],
    page: Page,
    sender: &Sender,
    accepts: bool,
    report: &mut Report,
) -> Result<(), Failure> {
    if !report.wants(check) {
        return Ok(());
    }
    if !accepts {
        return Ok(report.add(&Finding::skip(check, NOT_ACCEPTED))?);
    }
    let mut finding = None;
    for request in requests {
        let answer = sender.ask(sender.post(request)).await?;
        let judged = refused(&answer);
        let failed = judged.is_err();
        finding = Some(Finding::new(check, judged, page).after(answer.elapsed));
        if failed {
            break;
        }
    }
    match finding {
        Some(finding) => Ok(report.add(&finding)?),
        None => Ok(()),
    }
}
