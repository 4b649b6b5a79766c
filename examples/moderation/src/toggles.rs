//! Toggles of moderation: the global one and those of rooms, as they are on every instance.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use tokio::{sync::Mutex, time::sleep};
use tracing::warn;
use trtc_live_webhook::SdkAppId;

use crate::store::{Change, Store, StoreError, ToggleRow};

/// How often the database is asked whether another instance has changed a toggle.
const INTERVAL: Duration = Duration::from_millis(200);

/// How old what is known may be. After that, a toggle may have been set elsewhere, and nobody is let through by it.
const MAX_AGE: Duration = Duration::from_secs(1);

/// How long the first reading is tried.
const START: Duration = Duration::from_secs(10);

/// How long it is tried to read back what was set.
const READ_BACK: Duration = Duration::from_secs(5);

/// Toggles as the database has them.
#[derive(Debug)]
pub(crate) struct Toggles {
    store: Arc<Store>,
    /// Whether other instances can change them.
    is_shared: bool,
    known: RwLock<Known>,
    /// Whoever reads what is to be known, so that nothing older is known after it.
    reading: Mutex<()>,
}

#[derive(Debug)]
struct Known {
    /// Tells one state of the toggles from all others. It has no order: a database may be replaced by an older copy of itself.
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
                Ok(known) => {
                    let (known, reading) = (RwLock::new(known), Mutex::default());
                    return Ok(Arc::new(Self { store, is_shared, known, reading }));
                }
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

    /// Sets the toggle of a room, or the global one; `None` takes it away. Returns when it holds here.
    pub(crate) async fn set(
        &self,
        room: Option<(SdkAppId, &str)>,
        enabled: Option<bool>,
        change: Change<'_>,
    ) -> Result<(), StoreError> {
        self.store.set_toggle(room, enabled, change).await?;
        let began = Instant::now();
        while let Err(error) = self.refresh().await {
            warn!(error = &error as &dyn std::error::Error, "toggles not read");
            if began.elapsed() > READ_BACK {
                return Err(StoreError::Unread);
            }
            sleep(INTERVAL).await;
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
        let _reading = self.reading.lock().await;
        let at = Instant::now();
        let revision = self.store.toggle_revision().await?;
        let is_known = self.known.read().unwrap_or_else(PoisonError::into_inner).revision == revision;
        // Read after the number: newer than that they may be, older they are not.
        let rows = if is_known { None } else { Some(self.store.toggles().await?) };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match rows {
            Some(rows) => *known = Known::new(revision, at, rows),
            None => known.at = at,
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

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use sqlx::{Executor, SqlitePool};
    use tokio::time::{sleep, timeout};
    use trtc_live_webhook::SdkAppId;

    use super::Toggles;
    use crate::{
        settings::Settings,
        store::{Change, Pool, Store, StoreError},
    };

    const APP: SdkAppId = SdkAppId::new(7);

    /// Opens toggles, and the pools of those that write and of those that read.
    async fn open(folder: &tempfile::TempDir) -> (Arc<Toggles>, SqlitePool, SqlitePool) {
        let settings = Settings { database_file: folder.path().join("moderation.db"), ..Settings::default() };
        let pool = Pool::open(&settings).await.unwrap();
        let Pool::Sqlite(sqlite) = &pool else { panic!("not SQLite") };
        let (writer, readers) = (sqlite.writer.pool().clone(), sqlite.readers.pool().clone());
        (Toggles::open(Store::start(pool), false).await.unwrap(), writer, readers)
    }

    async fn set(toggles: &Toggles, enabled: bool) -> Result<(), StoreError> {
        let change = Change { key_name: "key", action: "toggle", detail: "" };
        toggles.set(None, Some(enabled), change).await
    }

    #[tokio::test]
    async fn what_was_set_holds() {
        let folder = tempfile::TempDir::new().unwrap();
        let (toggles, _, readers) = open(&folder).await;
        let mut taken = Vec::new();
        for _ in 0..readers.options().get_max_connections() {
            taken.push(readers.acquire().await.unwrap());
        }
        let setting = Arc::clone(&toggles);
        let mut setting = tokio::spawn(async move { set(&setting, false).await });
        // It is not said to be set as long as this goes on without it.
        assert!(timeout(Duration::from_secs(1), &mut setting).await.is_err());
        assert!(toggles.is_on(APP, "room").unwrap());
        taken.clear();
        setting.await.unwrap().unwrap();
        assert!(!toggles.is_on(APP, "room").unwrap());

        for _ in 0..readers.options().get_max_connections() {
            taken.push(readers.acquire().await.unwrap());
        }
        assert!(matches!(set(&toggles, true).await, Err(StoreError::Unread)));
        assert!(!toggles.is_on(APP, "room").unwrap());
    }

    #[tokio::test]
    async fn an_older_copy_of_the_database_is_followed() {
        let folder = tempfile::TempDir::new().unwrap();
        let (toggles, writer, _) = open(&folder).await;
        set(&toggles, false).await.unwrap();
        let keeping = Arc::clone(&toggles);
        let keeping = tokio::spawn(async move { keeping.keep_fresh().await });
        for before in ["1", "0"] {
            let sql = format!(
                "BEGIN; UPDATE toggle SET enabled = NOT enabled; UPDATE revision SET number = {before}; COMMIT"
            );
            let is_on = toggles.is_on(APP, "room").unwrap();
            writer.execute(&*sql).await.unwrap();
            let followed = async {
                while toggles.is_on(APP, "room").unwrap() == is_on {
                    sleep(Duration::from_millis(10)).await;
                }
            };
            timeout(Duration::from_secs(30), followed).await.unwrap();
        }
        keeping.abort();
    }
}
