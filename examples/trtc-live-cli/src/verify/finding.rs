//! Verdicts of checks.

use std::time::Duration;

use serde::{Serialize, Serializer};
use trtc_live_webhook::{ActionStatus, Reply};

use crate::{outcome::Problem, sender::Answer};

/// Why nothing can be told of packets that must be refused.
pub(crate) const NOT_ACCEPTED: &str = "AfterCreateRoom is not accepted, so a refusal shows nothing";

/// Page of the guide that helps with a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    Mounting,
    FailingClosed,
    RepetitionsAndOrder,
    Tokens,
}

impl Page {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Mounting => "mounting",
            Self::FailingClosed => "failing_closed",
            Self::RepetitionsAndOrder => "repetitions_and_order",
            Self::Tokens => "tokens",
        }
    }

    pub(crate) fn url(self) -> String {
        format!("https://docs.rs/trtc-live-webhook/latest/trtc_live_webhook/guide/{}/", self.name())
    }
}

impl Serialize for Page {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.url())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    Pass,
    Fail,
    /// Nothing was sent, or what came back shows nothing.
    Skip,
}

/// What a check found.
#[derive(Debug, Serialize)]
pub(crate) struct Finding {
    pub(crate) check: &'static str,
    /// What the check was made with, where it is made with several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<&'static str>,
    pub(crate) verdict: Verdict,
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) millis: Option<u128>,
    /// Page that helps; for failures only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) page: Option<Page>,
}

impl Finding {
    /// Makes a finding: the text of `Ok` passes, that of `Err` fails.
    pub(crate) fn new(check: &'static str, judged: Result<String, String>, page: Page) -> Self {
        let (verdict, text, page) = match judged {
            Ok(text) => (Verdict::Pass, text, None),
            Err(text) => (Verdict::Fail, text, Some(page)),
        };
        Self { check, subject: None, verdict, text, millis: None, page }
    }

    pub(crate) fn skip(check: &'static str, why: &str) -> Self {
        let (subject, millis, page) = (None, None, None);
        Self { check, subject, verdict: Verdict::Skip, text: why.to_owned(), millis, page }
    }

    pub(crate) fn after(self, elapsed: Duration) -> Self {
        Self { millis: Some(elapsed.as_nanos().div_ceil(1_000_000)), ..self }
    }

    pub(crate) fn about(self, subject: &'static str) -> Self {
        Self { subject: Some(subject), ..self }
    }
}

/// Demands that a request was refused on purpose: with a status from 400 to 499, or with a packet that says `FAIL`.
pub(crate) fn refused(answer: &Answer) -> Result<String, String> {
    match (&answer.status, &answer.reply) {
        (_, Ok(reply)) if *reply.action_status() == ActionStatus::Fail => {
            Ok("refused with ActionStatus FAIL".to_owned())
        }
        (_, Ok(_)) => Err("accepted: it got a valid reply".to_owned()),
        (Some(status @ 400..=499), Err(_)) => Ok(format!("refused with status {status}")),
        (Some(status @ 500..), Err(_)) => {
            Err(format!("status is {status}, which looks like a crash: expected one from 400 to 499"))
        }
        (_, Err(problem)) => Err(format!("neither accepted nor refused: {problem}")),
    }
}

/// The same for a request whose body need not be read to its end: closing the connection will do.
pub(crate) fn given_up(answer: &Answer) -> Result<String, String> {
    match answer.reply {
        Err(Problem::Broken(_)) => Ok("given up: the connection was closed".to_owned()),
        _ => refused(answer),
    }
}

/// Demands a valid reply that does not say `FAIL`, in time.
pub(crate) fn accepted(answer: &Answer) -> Result<&Reply, String> {
    let limit = crate::outcome::LIMIT;
    match &answer.reply {
        Err(problem) => Err(format!("no valid reply: {problem}")),
        Ok(_) if answer.elapsed > limit => {
            Err(format!("valid reply, but late: it came after more than {} ms", limit.as_millis()))
        }
        Ok(reply) if *reply.action_status() == ActionStatus::Fail => {
            Err("reply says ActionStatus FAIL".to_owned())
        }
        Ok(reply) => Ok(reply),
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use trtc_live_webhook::samples;

    use super::{accepted, given_up, refused};
    use crate::{
        checks::CHECKS,
        outcome::{Problem, read},
        sender::Answer,
    };

    fn answer(status: u16, body: &str, millis: u64) -> Answer {
        let reply = read(status, body.as_bytes());
        Answer { status: Some(status), body: Vec::new(), reply, elapsed: Duration::from_millis(millis) }
    }

    const OK: &str = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;
    const FAIL: &str = r#"{"ActionStatus":"FAIL","ErrorInfo":"no","ErrorCode":400}"#;

    #[test]
    fn a_refusal_is_meant() {
        assert_eq!(refused(&answer(401, FAIL, 1)).unwrap(), "refused with status 401");
        assert_eq!(refused(&answer(200, FAIL, 1)).unwrap(), "refused with ActionStatus FAIL");
        for (status, body) in [(200, OK), (500, ""), (200, "thanks"), (302, ""), (204, "")] {
            refused(&answer(status, body, 1)).unwrap_err();
        }
    }

    #[test]
    fn closing_is_giving_up_and_waiting_is_not() {
        let none = |problem| Answer {
            status: None,
            body: Vec::new(),
            reply: Err(problem),
            elapsed: Duration::from_secs(1),
        };
        given_up(&none(Problem::Broken("connection reset".to_owned()))).unwrap();
        given_up(&none(Problem::Timeout(Duration::from_secs(10)))).unwrap_err();
        refused(&none(Problem::Broken("connection reset".to_owned()))).unwrap_err();
    }

    #[test]
    fn accepted_is_valid_and_in_time() {
        accepted(&answer(200, OK, 2000)).unwrap();
        assert!(accepted(&answer(200, OK, 2001)).unwrap_err().contains("late"));
        accepted(&answer(200, FAIL, 1)).unwrap_err();
        accepted(&answer(201, OK, 1)).unwrap_err();
    }

    #[test]
    fn names_are_unique() {
        assert_eq!(CHECKS.iter().collect::<BTreeSet<_>>().len(), CHECKS.len());
    }

    #[test]
    fn the_session_in_the_readme_has_every_check() {
        let (_, session) = include_str!("../../README.md").split_once("$ trtc-live verify ").unwrap();
        let lines: Vec<_> = session.split("```").next().unwrap().lines().skip(1).collect();
        let (mut names, mut packets) = (Vec::new(), 0);
        for line in lines.iter().filter_map(|line| line.strip_prefix("ok    ")) {
            let name = line.split(' ').next().unwrap();
            packets += usize::from(name == "packet");
            if names.last() != Some(&name) {
                names.push(name);
            }
        }
        assert_eq!(names, CHECKS);
        let more = format!("… {} more packets", samples::ALL.len() - packets);
        assert!(lines.contains(&&*more), "no {more:?}");
        let count = samples::ALL.len() + CHECKS.len() - 1;
        assert_eq!(*lines.last().unwrap(), format!("{count} checks: {count} passed, 0 failed, 0 skipped"));
    }
}
