//! What all requests share.

use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::de::IgnoredAny;
use tokio::{sync::Semaphore, time::timeout};
use trtc_live_webhook::{SharedReceiver, UnixMillis};

use crate::{
    listen::{
        access::Access,
        answers::Chosen,
        exchange::{Exchange, Seen},
        log::Log,
        terminal::Terminal,
    },
    packet,
    record::Recorder,
    sender::Sender,
};

/// Most exchanges that are under way at a time.
const EXCHANGES: u32 = 256;

/// Most pages that are open at a time.
const PAGES: usize = 16;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) receiver: SharedReceiver,
    pub(crate) access: Access,
    pub(crate) chosen: Chosen,
    pub(crate) log: Log,
    pub(crate) terminal: Terminal,
    pub(crate) recorder: Option<Mutex<Recorder>>,
    /// Where each delivery is passed on to.
    pub(crate) forward: Option<Sender>,
    /// Where a delivery is replayed to.
    pub(crate) replay: Option<Sender>,
    /// Tells one run of the program from another.
    pub(crate) run: String,
    pub(crate) places: Arc<Semaphore>,
    pub(crate) pages: Arc<Semaphore>,
}

impl Watch {
    /// Returns the places of exchanges, and those of pages.
    pub(crate) fn semaphores() -> (Arc<Semaphore>, Arc<Semaphore>) {
        (Arc::new(Semaphore::new(EXCHANGES as usize)), Arc::new(Semaphore::new(PAGES)))
    }

    /// Records the packet of a request that arrived at this time.
    pub(crate) fn record(&self, seen: &Seen, at: UnixMillis) {
        let (Some(recorder), Some(body)) = (&self.recorder, &seen.body) else { return };
        // A body that is read was signed. What the crate cannot make an event of is what one most wants to report.
        if serde_json::from_slice::<IgnoredAny>(body).is_err() {
            return;
        }
        let name = packet::command(body);
        let name = name.as_ref().map_or("unreadable", |command| command.as_str());
        let mut recorder = recorder.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = recorder.record(name, body, at) {
            // Listening goes on: the delivery itself is shown.
            let _ = writeln!(anstream::stderr(), "cannot record: {error}");
        }
    }

    /// Shows an exchange everywhere.
    pub(crate) fn show(&self, exchange: Exchange, seen: Seen) {
        self.terminal.show(self.log.push(exchange, seen));
    }

    /// Waits until all exchanges are shown, but not for long. No further ones begin.
    pub(crate) async fn drain(&self, patience: Duration) {
        let places = timeout(patience, self.places.acquire_many(EXCHANGES)).await;
        self.places.close();
        drop(places);
    }
}
