//! How full the stream is.
//!
//! The servers' own limit must never decide. Those before 2.10.5 discard what is oldest in a full stream even if they are
//! to refuse what is new: they admit a message by its size without the record around it, and then make room for the
//! record. <https://github.com/nats-io/nats-server/issues/4771>, <https://github.com/nats-io/nats-server/pull/4775>

use std::{
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_nats::jetstream::stream::{Config, Stream};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tracing::warn;

/// Least size of a stream, so that the margin has room for the longest messages of several front doors.
pub(crate) const LEAST: i64 = 16 * 1024 * 1024;

/// How often the stream is measured.
const INTERVAL: Duration = Duration::from_secs(1);

/// Pause between two measurements if many bytes are published.
const PAUSE: Duration = Duration::from_millis(20);

/// How long a publication waits for a measurement.
const PATIENCE: Duration = Duration::from_millis(300);

/// What the servers keep with a message beside its subject, headers and payload. It is less.
const RECORD: usize = 256;

/// Bytes that may be published.
///
/// Up to 80 % of the stream's bytes are used. After each measurement a front door publishes 1/64 of them, and then waits
/// for the next one. Front doors measure at different times: each can be wrong by two such shares, and two of the longest
/// messages. The other 20 % are enough for five front doors.
#[derive(Debug)]
pub(crate) struct Capacity {
    /// Bytes above which nothing is published.
    most: u64,
    /// Bytes that are published between two measurements.
    share: u64,
    state: Mutex<State>,
    measured: Notify,
    wanted: Notify,
}

#[derive(Debug, Default)]
struct State {
    full: bool,
    /// Bytes that the last measurement may not have seen.
    unseen: u64,
    /// Those of them whose publication is not settled.
    under_way: u64,
}

/// Bytes of a publication that is under way.
#[derive(Debug)]
pub(crate) struct Claim {
    capacity: Arc<Capacity>,
    bytes: u64,
}

impl Capacity {
    /// Makes one of a stream that was measured now.
    pub(crate) fn new(config: &Config, bytes: u64) -> Self {
        let all = u64::try_from(config.max_bytes).unwrap_or(0);
        let capacity = Self {
            most: all / 5 * 4,
            share: all / 64,
            state: Mutex::default(),
            measured: Notify::new(),
            wanted: Notify::new(),
        };
        capacity.note(bytes, 0);
        capacity
    }

    /// Claims room for a message, and waits for the next measurement if need be. Returns nothing if the stream is full,
    /// or cannot be measured in time.
    pub(crate) async fn claim(self: &Arc<Self>, bytes: usize) -> Option<Claim> {
        let bytes = u64::try_from(bytes.saturating_add(RECORD)).unwrap_or(u64::MAX);
        let claim = async {
            loop {
                let mut measured = pin!(self.measured.notified());
                // From here on, no measurement is missed.
                measured.as_mut().enable();
                match self.try_claim(bytes) {
                    Room::Free => return Some(Claim { capacity: Arc::clone(self), bytes }),
                    Room::Full => return None,
                    Room::Unmeasured => {
                        self.wanted.notify_one();
                        measured.await;
                    }
                }
            }
        };
        timeout(PATIENCE, claim).await.ok().flatten()
    }

    fn try_claim(&self, bytes: u64) -> Room {
        let mut state = self.state();
        if state.full {
            return Room::Full;
        }
        if state.unseen >= self.share {
            return Room::Unmeasured;
        }
        state.unseen = state.unseen.saturating_add(bytes);
        state.under_way = state.under_way.saturating_add(bytes);
        Room::Free
    }

    /// Measures the stream again and again.
    pub(crate) async fn watch(self: Arc<Self>, stream: Stream) {
        loop {
            // An ordinary pause first: the stream has just been measured. Less when bytes are wanted.
            let _ = timeout(INTERVAL, self.wanted.notified()).await;
            sleep(PAUSE).await;
            let settled = self.settled();
            match stream.get_info().await {
                Ok(info) => self.note(info.state.bytes, settled),
                // Soon nothing more is published.
                Err(error) => warn!(%error, "stream not measured"),
            }
        }
    }

    /// Bytes that a measurement which begins now sees.
    fn settled(&self) -> u64 {
        let state = self.state();
        state.unseen.saturating_sub(state.under_way)
    }

    fn note(&self, bytes: u64, seen: u64) {
        let mut state = self.state();
        state.full = bytes >= self.most;
        state.unseen = state.unseen.saturating_sub(seen);
        drop(state);
        self.measured.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut state = self.capacity.state();
        state.under_way = state.under_way.saturating_sub(self.bytes);
    }
}

/// Whether there is room for a message.
enum Room {
    Free,
    Full,
    Unmeasured,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_nats::jetstream::stream::Config;

    use super::{Capacity, LEAST};

    const SHARE: u64 = LEAST as u64 / 64;

    fn capacity(bytes: u64) -> Arc<Capacity> {
        Arc::new(Capacity::new(&Config { max_bytes: LEAST, ..Config::default() }, bytes))
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_stream_takes_nothing_until_it_is_less_full() {
        let capacity = capacity(LEAST as u64 * 4 / 5);
        assert!(capacity.claim(1).await.is_none());
        capacity.note(LEAST as u64 / 2, 0);
        assert!(capacity.claim(1).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_a_share_is_published_unmeasured() {
        let capacity = capacity(0);
        let mut claims = Vec::new();
        while let Some(claim) = capacity.claim(60_000).await {
            claims.push(claim);
        }
        let claimed: u64 = claims.iter().map(|claim| claim.bytes).sum();
        assert!((SHARE..SHARE + 64 * 1024).contains(&claimed), "{claimed}");

        // A measurement cannot have seen what is under way.
        capacity.note(0, capacity.settled());
        assert!(capacity.claim(1).await.is_none());
        claims.clear();
        assert!(capacity.claim(1).await.is_none());
        capacity.note(0, capacity.settled());
        assert!(capacity.claim(1).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_measurement_goes_on_after_it() {
        let capacity = capacity(0);
        drop(capacity.claim(usize::try_from(SHARE).unwrap()).await.unwrap());
        let waiting = tokio::spawn({
            let capacity = Arc::clone(&capacity);
            async move { capacity.claim(1).await.is_some() }
        });
        capacity.wanted.notified().await;
        capacity.note(0, capacity.settled());
        assert!(waiting.await.unwrap());
    }

    #[test]
    fn the_margin_is_enough_for_five_front_doors() {
        let wrong = 5 * 2 * (SHARE + 64 * 1024);
        assert!(wrong <= LEAST as u64 / 5, "{wrong}");
    }
}
