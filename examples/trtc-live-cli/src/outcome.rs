//! What came of a delivery.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value};
use trtc_live_webhook::{
    Command, Reply,
    event::{gift, message},
};

/// So long the backend waits for a reply.
pub(crate) const LIMIT: Duration = Duration::from_secs(2);

/// So long this program waits, to tell a late reply from none.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// A delivery, and how the service answered it.
pub(crate) struct Outcome {
    /// Name of the packet.
    pub(crate) name: Arc<str>,
    pub(crate) command: Option<Command>,
    /// `None` where no status came back.
    pub(crate) status: Option<u16>,
    /// What came back, be it a reply or not; empty where it did not come back whole.
    pub(crate) body: Vec<u8>,
    pub(crate) reply: Result<Reply, Problem>,
    /// From the start of the request to the end of the answer.
    pub(crate) elapsed: Duration,
}

impl Outcome {
    pub(crate) fn is_late(&self) -> bool {
        self.elapsed > LIMIT
    }

    /// Returns how long it took in milliseconds, rounded up, so that what is late shows it.
    pub(crate) fn millis(&self) -> u128 {
        self.elapsed.as_nanos().div_ceil(1_000_000)
    }

    pub(crate) fn is_good(&self) -> bool {
        self.reply.is_ok() && !self.is_late()
    }

    /// Says what is wrong; `None` if nothing is.
    pub(crate) fn problem(&self) -> Option<String> {
        match &self.reply {
            Err(problem) => Some(problem.to_string()),
            Ok(_) => {
                self.is_late().then(|| format!("late: it came after more than {} ms", LIMIT.as_millis()))
            }
        }
    }

    /// Says what becomes of the gift or the message; `None` for all other commands, and if there is no valid reply.
    pub(crate) fn decision(&self) -> Option<String> {
        let reply = self.reply.as_ref().ok()?.clone();
        decision(self.command.as_ref()?, reply)
    }
}

/// Says what a reply makes of the gift or the message; `None` for all other commands.
pub(crate) fn decision(command: &Command, reply: Reply) -> Option<String> {
    let decision = match command {
        Command::BeforeSendGift => gift::Decision::try_from(reply).ok().as_ref().and_then(of_gift),
        Command::BeforeSendMsg => message::Decision::try_from(reply).ok().as_ref().and_then(of_message),
        _ => return None,
    };
    Some(decision.unwrap_or_else(|| "none that is documented".to_owned()))
}

fn of_gift(decision: &gift::Decision) -> Option<String> {
    Some(match decision {
        gift::Decision::Allow => "allow".to_owned(),
        gift::Decision::Reject => "reject".to_owned(),
        gift::Decision::RejectWith { code, .. } => format!("reject with {}", code.get()),
        _ => return None,
    })
}

fn of_message(decision: &message::Decision) -> Option<String> {
    Some(match decision {
        message::Decision::Allow => "allow".to_owned(),
        message::Decision::AllowChanged(_) => "allow with changes".to_owned(),
        message::Decision::Forbid => "forbid".to_owned(),
        message::Decision::Discard => "discard".to_owned(),
        message::Decision::ForbidWith { code, .. } => format!("forbid with {}", code.get()),
        _ => return None,
    })
}

/// Why an answer is no valid reply.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("no answer within {} ms", .0.as_millis())]
    Timeout(Duration),
    #[error("no answer: {0}")]
    Broken(String),
    #[error("status is {0}, not 200")]
    Status(u16),
    #[error("body is longer than {0} bytes")]
    TooLong(usize),
    #[error("body is not a JSON object: {0}")]
    NotAnObject(serde_json::Error),
    #[error("body is not a reply packet: {0}")]
    NotAReply(serde_json::Error),
}

/// Reads what came back with a status.
pub(crate) fn read(status: u16, body: &[u8]) -> Result<Reply, Problem> {
    if status != 200 {
        return Err(Problem::Status(status));
    }
    // A struct could be read from a list, too.
    serde_json::from_slice::<Map<String, Value>>(body).map_err(Problem::NotAnObject)?;
    serde_json::from_slice(body).map_err(Problem::NotAReply)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use trtc_live_webhook::Command;

    use super::{LIMIT, Outcome, read};

    fn outcome(command: Command, body: &str) -> Outcome {
        Outcome {
            name: "".into(),
            command: Some(command),
            status: Some(200),
            body: body.into(),
            reply: read(200, body.as_bytes()),
            elapsed: LIMIT,
        }
    }

    fn decision(command: Command, code: i64, more: &str) -> String {
        let body = format!(r#"{{"ActionStatus":"OK","ErrorInfo":"why","ErrorCode":{code}{more}}}"#);
        outcome(command, &body).decision().unwrap()
    }

    #[test]
    fn decisions_are_those_of_the_command() {
        for (code, expected) in
            [(0, "allow"), (1, "reject"), (2, "none that is documented"), (102_100, "reject with 102100")]
        {
            assert_eq!(decision(Command::BeforeSendGift, code, ""), expected);
        }
        for (code, expected) in [
            (0, "allow"),
            (1, "forbid"),
            (2, "discard"),
            (10_200, "forbid with 10200"),
            (102_100, "none that is documented"),
        ] {
            assert_eq!(decision(Command::BeforeSendMsg, code, ""), expected);
        }
        assert_eq!(decision(Command::BeforeSendMsg, 0, r#","MsgBody":[]"#), "allow with changes");
    }

    #[test]
    fn only_the_two_commands_that_ask_get_a_decision() {
        let ok = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;
        assert_eq!(outcome(Command::AfterSendMsg, ok).decision(), None);
        assert_eq!(outcome(Command::BeforeSendGift, "{}").decision(), None);
    }

    #[test]
    fn the_limit_is_not_late_and_a_moment_more_is() {
        let mut outcome =
            outcome(Command::AfterSendMsg, r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#);
        assert!(outcome.is_good());
        outcome.elapsed += Duration::from_nanos(1);
        assert!(!outcome.is_good());
        assert_eq!(outcome.problem().unwrap(), "late: it came after more than 2000 ms");
    }

    #[test]
    fn what_is_no_reply_is_told_apart() {
        for (status, body, problem) in [
            (204, "{}", "status is 204, not 200"),
            (200, "", "body is not a JSON object: EOF while parsing a value at line 1 column 0"),
            (
                200,
                r#"["OK","",0]"#,
                "body is not a JSON object: invalid type: sequence, expected a map at line 1 column 0",
            ),
            (200, "{}", "body is not a reply packet: missing field `ActionStatus` at line 1 column 2"),
        ] {
            assert_eq!(read(status, body.as_bytes()).unwrap_err().to_string(), problem);
        }
    }
}
