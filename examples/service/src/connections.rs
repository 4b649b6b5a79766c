//! The connections of a server: how many there are, and which of them waits for a request, since when.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tracing::warn;

/// How often the log may say that the limit is reached.
const COMPLAINT: Duration = Duration::from_secs(10);

/// How soon another connection is closed if the last one to be closed made no room.
const RETRY: Duration = Duration::from_millis(20);

/// Connections up to a limit. Once it is reached, each new one takes the place of the one that has waited longest for a
/// request: a delivery comes as soon as it is connected, and silent clients only crowd out each other.
pub(crate) struct Connections {
    limit: usize,
    places: Arc<Semaphore>,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    /// Counts up, in place of a clock.
    now: u64,
    /// What closes a connection without a request, by when it began to wait.
    waiting: BTreeMap<u64, Arc<Notify>>,
    closed: usize,
    complained: Option<Instant>,
}

impl Connections {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, places: Arc::new(Semaphore::new(limit)), table: Mutex::default() })
    }

    /// Takes a place for a new connection, if need be by closing another.
    pub(crate) async fn admit(self: &Arc<Self>) -> Arc<Place> {
        let permit = loop {
            if let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() {
                break permit;
            }
            self.close_longest_waiting();
            if let Ok(Ok(permit)) = timeout(RETRY, Arc::clone(&self.places).acquire_owned()).await {
                break permit;
            }
        };
        let place = Place {
            connections: Arc::clone(self),
            close: Arc::default(),
            requests: AtomicUsize::new(0),
            since: AtomicU64::new(0),
            _permit: permit,
        };
        place.wait(&mut self.table());
        Arc::new(place)
    }

    /// Waits until all are closed.
    pub(crate) async fn closed(&self) {
        // It is an error if the semaphore is closed, which nobody does.
        let _ = self.places.acquire_many(u32::try_from(self.limit).unwrap_or(u32::MAX)).await;
    }

    /// If all have a request, one of them has to be answered first, within the webhook's deadline.
    pub(crate) fn close_longest_waiting(&self) {
        let mut table = self.table();
        if let Some((_, close)) = table.waiting.pop_first() {
            close.notify_one();
            table.closed += 1;
        }
        if table.complained.is_none_or(|at| at.elapsed() > COMPLAINT) {
            table.complained = Some(Instant::now());
            warn!(limit = self.limit, closed = table.closed, "too many connections: closing those that wait");
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Nobody panics while holding the lock.
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one connection, until all that belongs to the connection is dropped.
pub(crate) struct Place {
    connections: Arc<Connections>,
    close: Arc<Notify>,
    // Both change while the table is locked, and at no other time.
    requests: AtomicUsize,
    since: AtomicU64,
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// Waits until the connection has to make room for another.
    pub(crate) async fn wanted(&self) {
        self.close.notified().await;
    }

    /// Says that a request has arrived, until what is returned is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> Begun {
        let mut table = self.connections.table();
        if self.requests.fetch_add(1, Ordering::Relaxed) == 0 {
            table.waiting.remove(&self.since.load(Ordering::Relaxed));
        }
        Begun(Arc::clone(self))
    }

    fn wait(&self, table: &mut Table) {
        table.now += 1;
        table.waiting.insert(table.now, Arc::clone(&self.close));
        self.since.store(table.now, Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.table().waiting.remove(&self.since.load(Ordering::Relaxed));
    }
}

/// A request that is not answered yet.
pub(crate) struct Begun(Arc<Place>);

impl Drop for Begun {
    fn drop(&mut self) {
        let Self(place) = self;
        let mut table = place.connections.table();
        if place.requests.fetch_sub(1, Ordering::Relaxed) == 1 {
            place.wait(&mut table);
        }
    }
}
