//! Messages that arrive together, committed together.

use std::{collections::BTreeMap, sync::Arc};

use tokio::{
    sync::{
        mpsc::{self, error::TrySendError},
        oneshot,
    },
    task::JoinHandle,
};
use tracing::error;

use super::{
    error::StoreError,
    pool::Pool,
    record::{Held, app_key},
};
use crate::metrics;

/// Most messages that wait for their commit. One more is refused at once.
const QUEUE: usize = 4096;

/// Most messages of one commit.
const BATCH: usize = 512;

/// Most bytes of texts in one commit, but for a single message.
const BATCH_BYTES: usize = 1024 * 1024;

/// The way to the one task that writes.
#[derive(Clone, Debug)]
pub(crate) struct Batches(mpsc::Sender<Waiting>);

/// A message, and who waits for it to be stored.
#[derive(Debug)]
struct Waiting {
    held: Held,
    done: oneshot::Sender<Stored>,
}

type Stored = Result<(), Arc<StoreError>>;

impl Batches {
    /// Starts the task. It ends when all is written and nobody is left who could send it more.
    pub(crate) fn start(pool: Pool) -> (Self, JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self(sender), tokio::spawn(write(pool, receiver)))
    }

    /// Stores a message. Returns when it is on disk.
    pub(crate) async fn hold(&self, held: Held) -> Result<(), Arc<StoreError>> {
        let (done, stored) = oneshot::channel();
        self.0.try_send(Waiting { held, done }).map_err(|refused| match refused {
            TrySendError::Full(_) => StoreError::Overloaded,
            TrySendError::Closed(_) => StoreError::Stopped,
        })?;
        stored.await.unwrap_or_else(|_| Err(Arc::new(StoreError::Stopped)))
    }
}

async fn write(pool: Pool, mut queue: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut waiting, BATCH).await > 0 {
        let mut parts = parts(&mut waiting);
        while let Some(mut part) = parts.pop() {
            // Whoever has not waited to the end was refused at the deadline.
            part.retain(|waiting| !waiting.done.is_closed());
            let (mut held, mut done): (Vec<_>, Vec<_>) =
                part.into_iter().map(|Waiting { held, done }| (held, done)).unzip();
            if held.is_empty() {
                continue;
            }
            let stored = pool.insert(&held, &by_room(&held)).await;
            if held.len() > 1 && stored.as_ref().is_err_and(StoreError::is_about_a_message) {
                // The others are not to suffer for one.
                let half = held.len() / 2;
                parts.push(together(held.split_off(half), done.split_off(half)));
                parts.push(together(held, done));
                continue;
            }
            match &stored {
                Ok(()) => metrics::committed(held.len()),
                Err(error) => {
                    let error: &(dyn std::error::Error + 'static) = error;
                    error!(error, messages = held.len(), "messages not stored");
                }
            }
            let stored = stored.map_err(Arc::new);
            for done in done {
                // Fails for whoever has gone meanwhile.
                let _ = done.send(stored.clone());
            }
        }
    }
}

/// Parts what waits into commits that are not too large, the last first.
fn parts(waiting: &mut Vec<Waiting>) -> Vec<Vec<Waiting>> {
    let (mut parts, mut part, mut bytes) = (Vec::new(), Vec::new(), 0);
    for waiting in waiting.drain(..) {
        bytes += waiting.held.content.len();
        if bytes > BATCH_BYTES && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
            bytes = waiting.held.content.len();
        }
        part.push(waiting);
    }
    parts.push(part);
    parts.reverse();
    parts
}

fn together(held: Vec<Held>, done: Vec<oneshot::Sender<Stored>>) -> Vec<Waiting> {
    held.into_iter().zip(done).map(|(held, done)| Waiting { held, done }).collect()
}

/// Counts the messages of each room, in an order that is everywhere the same, lest two instances wait for each other.
fn by_room(held: &[Held]) -> BTreeMap<(i64, &str), i64> {
    let mut rooms = BTreeMap::new();
    for message in held {
        *rooms.entry((app_key(message.app), message.room.as_str())).or_default() += 1;
    }
    rooms
}
