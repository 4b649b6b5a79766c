//! Records of messages that are held back.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
};

use jiff::Timestamp;
use trtc_live_webhook::SdkAppId;

use crate::approval::random;

/// Most bytes of a room's id. The backend's own have at most 64, and an index of PostgreSQL's holds 2,700.
pub(crate) const MAX_ROOM: usize = 256;

/// A message to hold back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) app: SdkAppId,
    pub(crate) room: String,
    pub(crate) account: String,
    /// Whole text.
    pub(crate) content: String,
    /// Kinds of its elements, separated by spaces.
    pub(crate) kinds: String,
    pub(crate) id: ContentId,
}

/// A record as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Pending {
    pub(crate) seq: i64,
    pub(crate) content_id: String,
    pub(crate) account: String,
    pub(crate) content: String,
    pub(crate) kinds: String,
    /// In milliseconds.
    pub(crate) held_at: i64,
}

/// What the console calls a record by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ContentId {
    pub(crate) text: String,
    /// What its repetition carries.
    pub(crate) random: i64,
}

/// Makes ids that no other instance makes: a beginning of its own, and a number.
///
/// The number stands last and has a fixed width so that the random numbers of ids that follow each other are near each other, too, as
/// the index by them needs it: else, each message would change a page of its own.
#[derive(Debug)]
pub(crate) struct ContentIds {
    prefix: String,
    next: AtomicU64,
}

impl ContentIds {
    pub(crate) fn new() -> io::Result<Self> {
        let mut random = [0; 6];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let random = random.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let started = Timestamp::now().as_second();
        Ok(Self { prefix: format!("{started:x}{random}"), next: AtomicU64::new(0) })
    }

    pub(crate) fn next(&self) -> ContentId {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let text = format!("{}-{number:09}", self.prefix);
        ContentId { random: random(&text), text }
    }
}

/// Returns an SDKAppID as the database keeps it.
pub(crate) fn app_key(app: SdkAppId) -> i64 {
    // The settings let no larger one in.
    i64::try_from(app.get()).unwrap_or(i64::MAX)
}

/// Makes the number of a state of the toggles. It is drawn, not counted: where a backup was restored, a number that goes up would
/// come again.
pub(crate) fn revision() -> io::Result<i64> {
    let mut number = [0; 8];
    getrandom::fill(&mut number).map_err(io::Error::other)?;
    Ok(i64::from_ne_bytes(number) & i64::MAX)
}

/// Returns the time in milliseconds.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::ContentIds;

    #[test]
    fn ids_differ_and_their_numbers_are_near() {
        let (ids, others) = (ContentIds::new().unwrap(), ContentIds::new().unwrap());
        let made: Vec<_> = (0..1000).flat_map(|_| [ids.next(), others.next()]).collect();
        let distinct: HashSet<_> = made.iter().map(|id| &id.text).collect();
        assert_eq!(distinct.len(), 2000);
        let numbers: Vec<_> = made.iter().step_by(2).map(|id| id.random).collect();
        let near = numbers.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) < 1000).count();
        assert!(near > 900, "{near}");
    }
}
