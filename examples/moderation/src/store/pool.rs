//! Connections to either database.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use sqlx::{Database, Postgres, pool::PoolConnection};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::{error::StoreError, postgres, record::Held, sqlite};
use crate::settings::Settings;

/// How long one piece of work with the database may take. The webhook's deadline is 1.5 seconds.
pub(crate) const LIMIT: Duration = Duration::from_secs(1);

/// How long a connection may be waited for.
pub(crate) const ACQUIRE: Duration = Duration::from_millis(400);

/// How long a connection to PostgreSQL may take to open.
pub(crate) const CONNECT: Duration = Duration::from_secs(5);

/// Connections to PostgreSQL that the console leaves alone: for what holds messages back, for repetitions, and for the toggles.
const SPARED: usize = 3;

/// Either database.
#[derive(Clone, Debug)]
pub(crate) enum Pool {
    Sqlite(Sqlite),
    Postgres(Connections<Postgres>),
}

/// One connection that writes, and some that read.
#[derive(Clone, Debug)]
pub(crate) struct Sqlite {
    pub(crate) writer: Connections<sqlx::Sqlite>,
    pub(crate) readers: Connections<sqlx::Sqlite>,
}

/// Connections of one kind.
#[derive(Debug)]
pub(crate) struct Connections<D: Database> {
    pool: sqlx::Pool<D>,
    /// As many as there may be connections. Whoever has one waits for nobody.
    permits: Arc<Semaphore>,
}

impl<D: Database> Clone for Connections<D> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), permits: Arc::clone(&self.permits) }
    }
}

impl<D: Database> From<sqlx::Pool<D>> for Connections<D> {
    fn from(pool: sqlx::Pool<D>) -> Self {
        let most = pool.options().get_max_connections();
        let permits = Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS)));
        Self { pool, permits }
    }
}

impl<D: Database> Connections<D> {
    pub(crate) async fn acquire(&self) -> Result<Guarded<D>, StoreError> {
        let acquired = timeout(ACQUIRE, async {
            let permit = Arc::clone(&self.permits).acquire_owned().await.ok()?;
            let opened = self.pool.acquire();
            // One that takes longer to open is opened all the same, for whoever comes next.
            tokio::spawn(async move { opened.await.map(|connection| (connection, permit)) }).await.ok()
        });
        let (connection, permit) = acquired.await.ok().flatten().ok_or(StoreError::NoConnection)??;
        Ok(Guarded { connection: Some(connection), _permit: permit })
    }

    #[cfg(test)]
    pub(crate) fn pool(&self) -> &sqlx::Pool<D> {
        &self.pool
    }
}

/// A connection that is closed unless all went well.
///
/// After an error, at a time-out, and when nobody waits any more, it may be within a transaction, and what is written next would never be
/// committed: sqlx counts transactions, and SQLite ends one by itself when the disk is full.
pub(crate) struct Guarded<D: Database> {
    connection: Option<PoolConnection<D>>,
    _permit: OwnedSemaphorePermit,
}

impl<D: Database> Guarded<D> {
    pub(crate) fn connection(&mut self) -> Result<&mut D::Connection, StoreError> {
        self.connection.as_deref_mut().ok_or(StoreError::NoConnection)
    }

    /// Gives it back.
    pub(crate) fn release(mut self) {
        self.connection.take();
    }
}

impl<D: Database> Drop for Guarded<D> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            drop(connection.detach());
        }
    }
}

/// Works with a connection, whichever database it is of: the same text is compiled for both.
macro_rules! with {
    ($pool:expr, $which:ident, |$connection:ident| $work:expr) => {
        match $pool {
            $crate::store::pool::Pool::Sqlite(sqlite) => {
                let pool = &sqlite.$which;
                $crate::store::pool::with!(@ pool, |$connection| $work)
            }
            $crate::store::pool::Pool::Postgres(pool) => $crate::store::pool::with!(@ pool, |$connection| $work),
        }
    };
    (@ $pool:ident, |$connection:ident| $work:expr) => {{
        let mut guarded = $pool.acquire().await?;
        let $connection = guarded.connection()?;
        match tokio::time::timeout($crate::store::pool::LIMIT, async { $work }).await {
            Ok(Ok(done)) => {
                guarded.release();
                Ok(done)
            }
            Ok(Err(error)) => Err($crate::store::error::StoreError::from(error)),
            Err(_) => Err($crate::store::error::StoreError::Late),
        }
    }};
}
pub(crate) use with;

impl Pool {
    /// Connects, and makes or changes the tables.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, sqlx::Error> {
        match &settings.database_url {
            Some(url) => postgres::open(url, settings.database_connections).await,
            None => sqlite::open(&settings.database_file, settings.database_max_mib).await,
        }
    }

    /// Finds out whether there is a database, without a change to it.
    pub(crate) async fn check(settings: &Settings) -> Result<(), sqlx::Error> {
        match &settings.database_url {
            Some(url) => postgres::check(url).await,
            None => sqlite::check(&settings.database_file).await,
        }
    }

    /// Stores messages, all or none. Returns when they are on disk.
    pub(crate) async fn insert(
        &self,
        held: &[Held],
        by_room: &BTreeMap<(i64, &str), i64>,
    ) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(Sqlite { writer, .. }) => with!(@ writer, |connection| {
                sqlite::insert(connection, held, by_room).await
            }),
            Self::Postgres(pool) => with!(@ pool, |connection| {
                postgres::insert(connection, held, by_room).await
            }),
        }
    }

    /// Chooses the statement that the database understands, where they do not understand the same.
    pub(crate) fn either(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self {
            Self::Sqlite(_) => sqlite,
            Self::Postgres(_) => postgres,
        }
    }

    /// Returns how much the console may do at a time, so that messages need not wait for it.
    pub(crate) fn for_console(&self) -> usize {
        match self {
            Self::Sqlite(Sqlite { readers, .. }) => readers.permits.available_permits() / 2,
            Self::Postgres(connections) => {
                connections.permits.available_permits().saturating_sub(SPARED).max(1)
            }
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(Sqlite { writer, readers }) => {
                readers.pool.close().await;
                writer.pool.close().await;
            }
            // Some may still be opening, to a server that does not answer.
            Self::Postgres(connections) => {
                let _ = timeout(LIMIT, connections.pool.close()).await;
            }
        }
    }
}
