//! Connections to either database.

use std::{collections::BTreeMap, time::Duration};

use sqlx::{Database, PgPool, SqlitePool, pool::PoolConnection};

use super::{error::StoreError, postgres, record::Held, sqlite};
use crate::settings::Settings;

/// How long one piece of work with the database may take. The webhook's deadline is 1.5 seconds.
pub(crate) const LIMIT: Duration = Duration::from_secs(1);

/// How long a connection may be waited for.
pub(crate) const ACQUIRE: Duration = Duration::from_millis(400);

/// Either database.
#[derive(Clone, Debug)]
pub(crate) enum Pool {
    Sqlite(Sqlite),
    Postgres(PgPool),
}

/// One connection that writes, and some that read.
#[derive(Clone, Debug)]
pub(crate) struct Sqlite {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

/// A connection that is closed unless all went well.
///
/// After an error, at a time-out, and when nobody waits any more, it may be within a transaction, and what is written next would never be
/// committed: sqlx counts transactions, and SQLite ends one by itself when the disk is full.
pub(crate) struct Guarded<D: Database>(Option<PoolConnection<D>>);

impl<D: Database> Guarded<D> {
    pub(crate) async fn acquire(pool: &sqlx::Pool<D>) -> Result<Self, StoreError> {
        let acquired = tokio::time::timeout(ACQUIRE, pool.acquire()).await;
        Ok(Self(Some(acquired.map_err(|_| StoreError::NoConnection)??)))
    }

    pub(crate) fn connection(&mut self) -> Result<&mut D::Connection, StoreError> {
        self.0.as_deref_mut().ok_or(StoreError::NoConnection)
    }

    /// Gives it back.
    pub(crate) fn release(mut self) {
        self.0.take();
    }
}

impl<D: Database> Drop for Guarded<D> {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
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
        let mut guarded = $crate::store::pool::Guarded::acquire($pool).await?;
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

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(Sqlite { writer, readers }) => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}
