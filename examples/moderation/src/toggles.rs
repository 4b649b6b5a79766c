//! Toggles of moderation: the global one and those of rooms, as they are on every instance.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use tokio::time::sleep;
use tracing::warn;
use trtc_live_webhook::SdkAppId;

use crate::store::{Change, Store, StoreError, ToggleRow};

/// How often the database is asked whether another instance has changed a toggle.
const INTERVAL: Duration = Duration::from_millis(200);

/// How old what is known may be. After that, a toggle may have been set elsewhere, and nobody is let through by it.
const MAX_AGE: Duration = Duration::from_secs(1);

/// How long the first reading is tried.
const START: Duration = Duration::from_secs(10);

/// Toggles as the database has them.
#[derive(Debug)]
pub(crate) struct Toggles {
    store: Arc<Store>,
    /// Whether other instances can change them.
    is_shared: bool,
    known: RwLock<Known>,
}

#[derive(Debug)]
struct Known {
    revision: i64,
    /// Before this, nothing was changed that is not known here.
    at: Instant,
    global: bool,
    rooms: HashMap<(u64, String), bool>,
}

impl Toggles {
    pub(crate) async fn open(store: Arc<Store>, is_shared: bool) -> Result<Arc<Self>, StoreError> {
        let began = Instant::now();
        loop {
            match Known::read(&store).await {
                Ok(known) => return Ok(Arc::new(Self { store, is_shared, known: RwLock::new(known) })),
                // A busy machine takes longer over the first connections.
                Err(error) if began.elapsed() > START => return Err(error),
                Err(_) => sleep(INTERVAL).await,
            }
        }
    }

    /// Tells whether the messages of a room are moderated.
    pub(crate) fn is_on(&self, app: SdkAppId, room: &str) -> Result<bool, StoreError> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if self.is_shared && known.at.elapsed() > MAX_AGE {
            return Err(StoreError::Stale);
        }
        Ok(known.room(app, room).unwrap_or(known.global))
    }

    /// Returns the global toggle.
    pub(crate) fn global(&self) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).global
    }

    /// Returns the toggle of a room; `None` if the global one holds.
    pub(crate) fn room(&self, app: SdkAppId, room: &str) -> Option<bool> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).room(app, room)
    }

    /// Tells whether the database was read a moment ago. It does not ask the database.
    pub(crate) fn is_fresh(&self) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).at.elapsed() <= MAX_AGE
    }

    /// Sets the toggle of a room, or the global one; `None` takes it away.
    pub(crate) async fn set(
        &self,
        room: Option<(SdkAppId, &str)>,
        enabled: Option<bool>,
        change: Change<'_>,
    ) -> Result<(), StoreError> {
        self.store.set_toggle(room, enabled, change).await?;
        // It is set. If it cannot be read back now, it will be in a moment, or what is known gets stale.
        if let Err(error) = self.refresh().await {
            warn!(error = &error as &dyn std::error::Error, "toggles not read");
        }
        Ok(())
    }

    /// Learns what other instances change, for ever.
    pub(crate) async fn keep_fresh(&self) {
        loop {
            sleep(INTERVAL).await;
            if let Err(error) = self.refresh().await {
                warn!(error = &error as &dyn std::error::Error, "toggles not read");
            }
        }
    }

    async fn refresh(&self) -> Result<(), StoreError> {
        let at = Instant::now();
        let revision = self.store.toggle_revision().await?;
        let is_known = self.known.read().unwrap_or_else(PoisonError::into_inner).revision == revision;
        // Read after the number: newer than that they may be, older they are not.
        let rows = if is_known { None } else { Some(self.store.toggles().await?) };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match rows {
            Some(rows) if revision >= known.revision => *known = Known::new(revision, at, rows),
            _ => known.at = known.at.max(at),
        }
        Ok(())
    }
}

impl Known {
    async fn read(store: &Store) -> Result<Self, StoreError> {
        let at = Instant::now();
        let revision = store.toggle_revision().await?;
        Ok(Self::new(revision, at, store.toggles().await?))
    }

    fn new(revision: i64, at: Instant, rows: Vec<ToggleRow>) -> Self {
        // Without a row, which nobody takes away, moderation is on.
        let mut known = Self { revision, at, global: true, rooms: HashMap::new() };
        for (app, room, enabled) in rows {
            match u64::try_from(app) {
                Ok(0) => known.global = enabled,
                Ok(app) => drop(known.rooms.insert((app, room), enabled)),
                Err(_) => {}
            }
        }
        known
    }

    fn room(&self, app: SdkAppId, room: &str) -> Option<bool> {
        if self.rooms.is_empty() {
            return None;
        }
        self.rooms.get(&(app.get(), room.to_owned())).copied()
    }
}
