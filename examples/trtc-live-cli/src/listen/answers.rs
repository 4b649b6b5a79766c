//! What gifts and messages are answered with, as it was chosen on the page.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use trtc_live_webhook::{
    Command, Reply,
    event::{gift, message},
};

/// Longest delay that can be chosen. The backend waits for two seconds.
const MAX_DELAY: u32 = 20_000;

/// What is decided on a gift or a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Choice {
    Allow,
    Reject,
    /// For messages only: the sender sees success.
    Discard,
    /// Fail, as a service that is broken.
    Fail,
    /// What the service says that deliveries are passed on to.
    Service,
}

/// A choice, and how long to wait before it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    pub(crate) choice: Choice,
    /// In milliseconds.
    pub(crate) delay: u32,
}

/// The answers to the two commands that ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answers {
    pub(crate) gift: Answer,
    pub(crate) message: Answer,
}

impl Answers {
    /// Says what is wrong with the choice.
    pub(crate) fn problem(&self, forwards: bool) -> Option<&'static str> {
        let both = [self.gift, self.message];
        if self.gift.choice == Choice::Discard {
            Some("gifts cannot be discarded")
        } else if both.iter().any(|answer| answer.delay > MAX_DELAY) {
            Some("a delay has at most 20000 milliseconds")
        } else if !forwards && both.iter().any(|answer| answer.choice == Choice::Service) {
            Some("deliveries are not passed on to a service")
        } else {
            None
        }
    }
}

/// The answers of now, which change while the program runs.
#[derive(Debug)]
pub(crate) struct Chosen(Mutex<Answers>);

impl Chosen {
    /// Begins with what the service says, if there is one, and otherwise allows everything.
    pub(crate) fn new(forwards: bool) -> Self {
        let choice = if forwards { Choice::Service } else { Choice::Allow };
        let answer = Answer { choice, delay: 0 };
        Self(Mutex::new(Answers { gift: answer, message: answer }))
    }

    pub(crate) fn get(&self) -> Answers {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, answers: Answers) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = answers;
    }

    /// Returns what this command is answered with: `None` for those that do not ask.
    pub(crate) fn to(&self, command: &Command) -> Option<Answer> {
        let answers = self.get();
        match command {
            Command::BeforeSendGift => Some(answers.gift),
            Command::BeforeSendMsg => Some(answers.message),
            _ => None,
        }
    }
}

impl Answer {
    pub(crate) fn delay(self) -> Duration {
        Duration::from_millis(self.delay.into())
    }

    /// Returns the reply, if the choice makes one by itself.
    pub(crate) fn reply(self, command: &Command) -> Option<Reply> {
        match (command, self.choice) {
            (_, Choice::Allow) => Some(Reply::ok()),
            (Command::BeforeSendGift, Choice::Reject) => Some(gift::Decision::Reject.into()),
            (Command::BeforeSendMsg, Choice::Reject) => Some(message::Decision::Forbid.into()),
            (Command::BeforeSendMsg, Choice::Discard) => Some(message::Decision::Discard.into()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use trtc_live_webhook::Command;

    use super::{Answer, Answers, Choice, Chosen};

    #[test]
    fn choices_make_the_documented_replies() {
        let code = |command: &Command, choice| {
            Answer { choice, delay: 0 }.reply(command).map(|reply| reply.error_code())
        };
        let (gift, message) = (&Command::BeforeSendGift, &Command::BeforeSendMsg);
        assert_eq!([Choice::Allow, Choice::Reject].map(|choice| code(gift, choice)), [Some(0), Some(1)]);
        let of_message = [Choice::Allow, Choice::Reject, Choice::Discard].map(|choice| code(message, choice));
        assert_eq!(of_message, [Some(0), Some(1), Some(2)]);
        assert_eq!([Choice::Fail, Choice::Service].map(|choice| code(message, choice)), [None, None]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let answers = |gift, message, delay| Answers {
            gift: Answer { choice: gift, delay: 0 },
            message: Answer { choice: message, delay },
        };
        assert_eq!(answers(Choice::Reject, Choice::Discard, 20_000).problem(false), None);
        assert!(answers(Choice::Discard, Choice::Allow, 0).problem(false).is_some());
        assert!(answers(Choice::Allow, Choice::Allow, 20_001).problem(false).is_some());
        assert!(answers(Choice::Allow, Choice::Service, 0).problem(false).is_some());
        assert_eq!(answers(Choice::Allow, Choice::Service, 0).problem(true), None);
    }

    #[test]
    fn only_what_asks_is_chosen() {
        let chosen = Chosen::new(false);
        assert_eq!(chosen.to(&Command::AfterSendMsg), None);
        assert_eq!(chosen.to(&Command::BeforeSendMsg).unwrap().choice, Choice::Allow);
        assert_eq!(Chosen::new(true).to(&Command::BeforeSendGift).unwrap().choice, Choice::Service);
    }
}
