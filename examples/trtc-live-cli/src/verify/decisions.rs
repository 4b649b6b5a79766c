//! Checks that failing does not allow a message or a gift.

use trtc_live_webhook::{
    Command, Reply,
    event::{gift, message},
    samples::Request,
};

use crate::{
    failure::Failure,
    outcome::decision,
    sender::{Answer, Sender},
    verify::{
        finding::{Finding, NOT_ACCEPTED, Page, accepted},
        report::Report,
    },
};

/// Known commands, each with a field of the wrong type.
const MESSAGE: &str = r#"{"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"verify","Type":"Live",
    "From_Account":"verify","MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":{"not":"a text"}}}]}"#;
const GIFT: &str = r#"{"CallbackCommand":"Live.CallbackBeforeSendGift","RoomId":"verify",
    "GiftWater":{"From_Account":"verify","GiftId":"7","Count":"many","Coins":"very many"}}"#;

pub(crate) async fn check(sender: &Sender, accepts: bool, report: &mut Report) -> Result<(), Failure> {
    for (check, packet, command) in [
        ("malformed-message", MESSAGE, Command::BeforeSendMsg),
        ("malformed-gift", GIFT, Command::BeforeSendGift),
    ] {
        if report.wants(check) && !accepts {
            report.add(&Finding::skip(check, NOT_ACCEPTED))?;
        } else if report.wants(check) {
            let request = sender.sign(Request::from_json(sender.sdk_app_id(), packet));
            let answer = sender.ask(sender.post(&request)).await?;
            let judged = judge(&command, &answer);
            report.add(&Finding::new(check, judged, Page::FailingClosed).after(answer.elapsed))?;
        }
    }
    Ok(())
}

/// The backend delivers a message whose webhook failed, and blocks a gift (<https://trtc.io/document/34354>,
/// <https://trtc.io/document/72210>).
fn judge(command: &Command, answer: &Answer) -> Result<String, String> {
    match (accepted(answer), command) {
        (Ok(reply), _) if reply.error_code() == 0 => Err("allowed, although it cannot be read".to_owned()),
        (Ok(reply), _) if !is_documented(command, reply) => {
            Err(format!("code {} is not documented: what becomes of it is unknown", reply.error_code()))
        }
        (Ok(reply), _) => Ok(format!("not allowed: {}", said(command, reply))),
        (Err(problem), Command::BeforeSendMsg) => {
            Err(format!("{problem}, so the backend delivers the message"))
        }
        (Err(problem), _) => Ok(format!("{problem}, so the backend blocks the gift")),
    }
}

fn is_documented(command: &Command, reply: &Reply) -> bool {
    match command {
        Command::BeforeSendMsg => message::Decision::try_from(reply.clone()).is_ok(),
        _ => gift::Decision::try_from(reply.clone()).is_ok(),
    }
}

fn said(command: &Command, reply: &Reply) -> String {
    decision(command, reply.clone()).unwrap_or_else(|| format!("code {}", reply.error_code()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use trtc_live_webhook::{Command, Event};

    use super::{GIFT, MESSAGE, judge};
    use crate::{outcome::read, sender::Answer};

    #[test]
    fn the_packets_are_malformed() {
        for (packet, command) in [(MESSAGE, Command::BeforeSendMsg), (GIFT, Command::BeforeSendGift)] {
            assert_eq!(Event::from_slice(packet.as_bytes()).unwrap_err().command(), Some(&command));
        }
    }

    #[test]
    fn what_failing_does_depends_on_the_command() {
        let reply = |code| format!(r#"{{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":{code}}}"#);
        for (status, code, message, gift) in [
            (200, 0, false, false),
            (200, 1, true, true),
            (200, 2, true, false),
            (200, 400, false, false),
            (200, 10_100, true, false),
            (400, 0, false, true),
        ] {
            let reply = read(status, reply(code).as_bytes());
            let (body, elapsed) = (Vec::new(), Duration::from_millis(1));
            let answer = Answer { status: Some(status), body, reply, elapsed };
            assert_eq!(judge(&Command::BeforeSendMsg, &answer).is_ok(), message, "{status} {code}");
            assert_eq!(judge(&Command::BeforeSendGift, &answer).is_ok(), gift, "{status} {code}");
        }
    }
}
