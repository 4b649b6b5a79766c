//! The last exchanges, within bounds.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use tokio::sync::watch;

use crate::listen::exchange::{Exchange, Seen};

/// Most bytes that all exchanges together may take.
const MAX_BYTES: usize = 64 << 20;

/// One in so many may be a request that was refused: strangers cannot push deliveries out.
const REFUSED: usize = 4;

/// An exchange as it is kept.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) exchange: Exchange,
    /// The exchange as the page gets it.
    pub(crate) json: String,
    /// To send it again.
    pub(crate) seen: Seen,
}

impl Entry {
    fn bytes(&self) -> usize {
        // The packet is there three times: as it came, as text, and in the JSON. And so is the query.
        let body = self.seen.body.as_ref().map_or(0, Bytes::len);
        self.json.len() + self.exchange.bytes() + body + self.seen.query.len() + size_of::<Self>()
    }
}

/// The last exchanges. Whoever waits for a change gets what has changed.
#[derive(Debug)]
pub(crate) struct Log {
    limit: usize,
    kept: Mutex<Kept>,
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    entries: VecDeque<Arc<Entry>>,
    bytes: usize,
    refused: usize,
    last: u64,
}

impl Log {
    /// Makes an empty log for so many exchanges.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, kept: Mutex::default(), changes: watch::Sender::new(0) }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Numbers the exchange and keeps it, in place of older ones.
    pub(crate) fn push(&self, mut exchange: Exchange, seen: Seen) -> Arc<Entry> {
        // Body and query are enough to send it again. Of the body, a copy: it may be a small part of what was read.
        let body = seen.body.as_deref().map(Bytes::copy_from_slice);
        let seen = Seen { body, query: seen.query, ..Seen::default() };
        let mut kept = self.lock();
        kept.last += 1;
        exchange.id = kept.last;
        // Texts and numbers always are JSON.
        let json = serde_json::to_string(&exchange).unwrap_or_default();
        let entry = Arc::new(Entry { exchange, json, seen });
        kept.add(Arc::clone(&entry));
        while kept.refused > (self.limit / REFUSED).max(1) {
            kept.remove(|entry| entry.exchange.is_refused());
        }
        while kept.bytes > MAX_BYTES && kept.refused > 0 {
            kept.remove(|entry| entry.exchange.is_refused());
        }
        while kept.entries.len() > self.limit || kept.bytes > MAX_BYTES {
            kept.remove(|_| true);
        }
        drop(kept);
        self.changed();
        entry
    }

    /// Returns the oldest exchange after this one, if there is one.
    pub(crate) fn after(&self, id: u64) -> Option<Arc<Entry>> {
        let kept = self.lock();
        let first = kept.entries.partition_point(|entry| entry.exchange.id <= id);
        kept.entries.get(first).cloned()
    }

    pub(crate) fn get(&self, id: u64) -> Option<Arc<Entry>> {
        self.after(id.checked_sub(1)?).filter(|entry| entry.exchange.id == id)
    }

    /// Wakes everybody who waits for a change.
    pub(crate) fn changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nobody panics while holding the lock.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn add(&mut self, entry: Arc<Entry>) {
        self.bytes += entry.bytes();
        self.refused += usize::from(entry.exchange.is_refused());
        self.entries.push_back(entry);
    }

    /// Removes the oldest of these.
    fn remove(&mut self, is_meant: impl Fn(&Entry) -> bool) {
        let oldest = self.entries.iter().position(|entry| is_meant(entry));
        let Some(entry) = oldest.and_then(|oldest| self.entries.remove(oldest)) else { return };
        self.bytes -= entry.bytes();
        self.refused -= usize::from(entry.exchange.is_refused());
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use bytes::Bytes;
    use trtc_live_webhook::UnixMillis;

    use super::{Log, MAX_BYTES};
    use crate::listen::exchange::{Exchange, FromService, Seen};

    fn push(log: &Log, body: Option<usize>) -> u64 {
        let seen = Seen { body: body.map(|length| Bytes::from(vec![0; length])), ..Seen::default() };
        let exchange = Exchange::new(&seen, UnixMillis::new(0), 200, &Bytes::new(), Duration::ZERO);
        log.push(exchange, seen).exchange.id
    }

    fn ids(log: &Log) -> Vec<u64> {
        let mut ids = vec![];
        while let Some(entry) = log.after(ids.last().copied().unwrap_or_default()) {
            ids.push(entry.exchange.id);
        }
        ids
    }

    #[test]
    fn the_last_ones_are_kept() {
        let log = Log::new(3);
        assert_eq!(log.after(0).map(|entry| entry.exchange.id), None);
        for id in 1..=5 {
            assert_eq!(push(&log, Some(1)), id);
        }
        assert_eq!(ids(&log), [3, 4, 5]);
        assert!(log.get(2).is_none() && log.get(0).is_none() && log.get(6).is_none());
        assert_eq!(log.get(4).unwrap().exchange.id, 4);
    }

    #[test]
    fn strangers_push_only_each_other_out() {
        let log = Log::new(8);
        for _ in 0..4 {
            push(&log, Some(1));
        }
        for _ in 0..100 {
            push(&log, None);
        }
        assert_eq!(ids(&log), [1, 2, 3, 4, 103, 104]);
        push(&log, Some(1));
        assert_eq!(ids(&log), [1, 2, 3, 4, 103, 104, 105]);
    }

    #[test]
    fn all_together_have_a_bound() {
        let log = Log::new(100_000);
        // Each of these bytes takes six in JSON.
        for _ in 0..400 {
            push(&log, Some(64 << 10));
        }
        let kept = log.lock();
        let bytes: usize = kept.entries.iter().map(|entry| entry.bytes()).sum();
        assert_eq!(bytes, kept.bytes);
        assert!(bytes <= MAX_BYTES && kept.entries.len() > 100, "{}", kept.entries.len());
        assert!(Arc::ptr_eq(kept.entries.back().unwrap(), &kept.entries[kept.entries.len() - 1]));
    }

    #[test]
    fn strangers_go_first_where_there_is_no_space() {
        let log = Log::new(10_000);
        push(&log, Some(1));
        for _ in 0..2 {
            let seen = Seen { query: "q".repeat(1 << 20), ..Seen::default() };
            let exchange = Exchange::new(&seen, UnixMillis::new(0), 401, &Bytes::new(), Duration::ZERO);
            log.push(exchange, seen);
        }
        while log.lock().refused == 2 {
            push(&log, Some(64 << 10));
        }
        assert_eq!(ids(&log)[..3], [1, 3, 4]);
        assert!(log.lock().bytes > MAX_BYTES / 2);
    }

    #[test]
    fn what_is_kept_is_a_copy_and_all_of_it_counts() {
        let log = Log::new(10);
        let read = Bytes::from(vec![b'x'; 8 << 10]);
        let text = "y".repeat(1000);
        let service = FromService {
            status: None,
            packet: text.clone(),
            millis: 0,
            late: false,
            decision: None,
            problem: Some(text.clone()),
        };
        let seen = Seen {
            body: Some(read.slice(..10)),
            path: text.clone(),
            failure: Some(text),
            service: Some(service),
            ..Seen::default()
        };
        let exchange = Exchange::new(&seen, UnixMillis::new(0), 200, &Bytes::new(), Duration::ZERO);
        let entry = log.push(exchange, seen);
        assert_ne!(entry.seen.body.as_ref().unwrap().as_ptr(), read.as_ptr());
        // Once as it is, and once in the JSON.
        assert!((8000..10_000).contains(&entry.bytes()), "{}", entry.bytes());
    }

    #[test]
    fn who_waits_is_woken() {
        let log = Log::new(1);
        let changes = log.changes();
        assert!(!changes.has_changed().unwrap());
        push(&log, Some(1));
        assert!(changes.has_changed().unwrap());
    }
}
