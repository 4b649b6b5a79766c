//! Store of what is held back, of toggles and of the audit.

mod batch;
mod error;
mod pool;
mod postgres;
mod record;
mod sqlite;
mod sweep;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde_json::json;
use sqlx::Connection;
use tokio::{
    sync::{Mutex, Semaphore, SemaphorePermit},
    task::JoinHandle,
    time::timeout,
};
use trtc_live_webhook::SdkAppId;

use self::{
    batch::Batches,
    pool::with,
    record::{app_key, now, revision},
};
pub(crate) use self::{
    error::StoreError,
    pool::Pool,
    record::{ContentIds, Held, MAX_ROOM, Pending},
};
use crate::approval::{Repetition, random};

/// How long an approval may take.
const APPROVE: Duration = Duration::from_millis(1200);

/// How long the console may wait until it has a connection.
const CONSOLE: Duration = Duration::from_secs(5);

/// Whether plans are kept of what reads a limited number of records. PostgreSQL would keep one that it made while there were few, or
/// for any limit, and read them all. What holds messages back has no limit, and would lose speed.
const PLANNED_ANEW: bool = false;

/// What every part of the server stores things with.
#[derive(Debug)]
pub(crate) struct Store {
    pool: Pool,
    batches: Batches,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// What the console may do at a time.
    console: Semaphore,
}

/// How many records there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stats {
    pub(crate) pending: i64,
    pub(crate) total: i64,
}

/// A page of the pending records of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// The n-th, from 1.
    Number(i64),
    /// The one after the record with this `seq`.
    After(i64),
}

/// A toggle as it is stored: of one application's room, or the global one.
pub(crate) type ToggleRow = (i64, String, bool);

/// A room of an application, and how many of its messages wait.
pub(crate) type RoomRow = (i64, String, i64);

/// Who changes something, and what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'c> {
    pub(crate) key_name: &'c str,
    pub(crate) action: &'c str,
    pub(crate) detail: &'c str,
}

/// Leaves a line in the audit, within the transaction that makes the change.
macro_rules! audit {
    ($transaction:ident, $change:expr) => {{
        let change: Change<'_> = $change;
        sqlx::query("INSERT INTO audit (at, key_name, action, detail) VALUES ($1, $2, $3, $4)")
            .bind(now())
            .bind(change.key_name)
            .bind(change.action)
            .bind(change.detail)
            .execute(&mut *$transaction)
            .await?;
    }};
}

impl Store {
    /// Starts to store what comes.
    pub(crate) fn start(pool: Pool) -> Arc<Self> {
        let (batches, writer) = Batches::start(pool.clone());
        let console = Semaphore::new(pool.for_console());
        Arc::new(Self { pool, batches, writer: Mutex::new(Some(writer)), console })
    }

    /// Waits until the console may do one thing more: messages are not to wait for it.
    async fn for_console(&self) -> Result<SemaphorePermit<'_>, StoreError> {
        let permit = timeout(CONSOLE, self.console.acquire()).await;
        permit.ok().and_then(Result::ok).ok_or(StoreError::NoConnection)
    }

    /// Holds a message back. Returns when it is on disk.
    pub(crate) async fn hold(&self, held: Held) -> Result<(), Arc<StoreError>> {
        self.batches.hold(held).await
    }

    /// Closes the record that a message repeats. Returns whether there is one: only one repetition of each is let through.
    pub(crate) async fn approve(&self, app: SdkAppId, repeated: &Repetition<'_>) -> Result<bool, StoreError> {
        // Two pieces of work, and less than the webhook's deadline for both.
        timeout(APPROVE, self.search_and_close(app, repeated)).await.unwrap_or(Err(StoreError::Late))
    }

    async fn search_and_close(&self, app: SdkAppId, repeated: &Repetition<'_>) -> Result<bool, StoreError> {
        let (app, Repetition { room, account, content, random }) = (app_key(app), repeated);
        // Most of what comes through REST repeats nothing, and must not wait for whoever writes.
        let found: Option<(i64, String)> = with!(&self.pool, readers, |connection| {
            sqlx::query_as(
                // Looked up by the number alone: through the index of what is pending, a room's whole list might be read.
                "WITH same AS MATERIALIZED (
                     SELECT seq, content_id, sdk_app_id, room, account, content, closed_at FROM message WHERE random = $1
                 )
                 SELECT seq, content_id FROM same
                 WHERE sdk_app_id = $2 AND room = $3 AND account = $4 AND content = $5 AND closed_at IS NULL
                 ORDER BY seq LIMIT 1",
            )
            .bind(random)
            .bind(app)
            .bind(room)
            .bind(account)
            .bind(content)
            .fetch_optional(connection)
            .await
        })?;
        let Some((seq, content_id)) = found else { return Ok(false) };
        with!(&self.pool, writer, |connection| {
            let mut transaction = connection.begin().await?;
            let closed = sqlx::query(
                "UPDATE message SET closed_at = $2, outcome = 'approved' WHERE seq = $1 AND closed_at IS NULL RETURNING seq",
            )
            .bind(seq)
            .bind(now())
            .fetch_optional(&mut *transaction)
            .await?;
            if closed.is_none() {
                return Ok(false);
            }
            sqlx::query("UPDATE room_count SET pending = pending - 1 WHERE sdk_app_id = $1 AND room = $2")
                .bind(app)
                .bind(room)
                .execute(&mut *transaction)
                .await?;
            audit!(transaction, Change { key_name: "RESTAPI", action: "approve", detail: &content_id });
            transaction.commit().await?;
            Ok::<_, sqlx::Error>(true)
        })
    }

    /// Returns how many records of a room are pending, and a page of them, the newest first.
    pub(crate) async fn list(
        &self,
        app: SdkAppId,
        room: &str,
        page: Page,
        size: i64,
    ) -> Result<(i64, Vec<Pending>), StoreError> {
        let app = app_key(app);
        let _permit = self.for_console().await?;
        with!(&self.pool, readers, |connection| {
            let count: Option<(i64,)> =
                sqlx::query_as("SELECT pending FROM room_count WHERE sdk_app_id = $1 AND room = $2")
                    .bind(app)
                    .bind(room)
                    .fetch_optional(&mut *connection)
                    .await?;
            let count = count.map_or(0, |(count,)| count);
            let (sql, limit, skipped, is_reversed) = match page {
                Page::After(seq) => (AFTER, size, seq, false),
                Page::Number(number) => {
                    let before = number.saturating_sub(1).saturating_mul(size).min(count);
                    let limit = size.min(count - before);
                    if before <= count / 2 {
                        (NEWEST, size, before, false)
                    } else {
                        // The last pages are nearer to the oldest record.
                        (OLDEST, limit, count - before - limit, true)
                    }
                }
            };
            let mut rows: Vec<Pending> = sqlx::query_as(sql)
                .persistent(PLANNED_ANEW)
                .bind(app)
                .bind(room)
                .bind(limit)
                .bind(skipped)
                .fetch_all(connection)
                .await?;
            if is_reversed {
                rows.reverse();
            }
            Ok::<_, sqlx::Error>((count, rows))
        })
    }

    /// Closes records, and returns how many of them are gone. One whose repetition was let through counts: whoever approved it
    /// deletes it then.
    pub(crate) async fn delete(
        &self,
        app: SdkAppId,
        content_ids: &[String],
        change: Change<'_>,
    ) -> Result<i64, StoreError> {
        let app = app_key(app);
        let wanted: Vec<_> = content_ids.iter().map(|id| (random(id), id)).collect();
        let wanted = json!(wanted).to_string();
        let delete = self.pool.either(sqlite::DELETE, postgres::DELETE);
        let count = self.pool.either(sqlite::COUNT, postgres::COUNT);
        let _permit = self.for_console().await?;
        with!(&self.pool, writer, |connection| {
            let mut transaction = connection.begin().await?;
            let gone: Vec<(String, bool)> = sqlx::query_as(delete)
                .bind(&wanted)
                .bind(app)
                .bind(now())
                .fetch_all(&mut *transaction)
                .await?;
            let mut rooms = BTreeMap::<&str, i64>::new();
            for (room, is_closed) in &gone {
                *rooms.entry(room).or_default() -= i64::from(*is_closed);
            }
            let rooms: Vec<_> = rooms.into_iter().map(|(room, pending)| (app, room, pending, 0)).collect();
            sqlx::query(count).bind(json!(rooms).to_string()).execute(&mut *transaction).await?;
            audit!(transaction, change);
            transaction.commit().await?;
            Ok::<_, sqlx::Error>(i64::try_from(gone.len()).unwrap_or(i64::MAX))
        })
    }

    /// Returns how many records there are.
    pub(crate) async fn stats(&self) -> Result<Stats, StoreError> {
        let _permit = self.for_console().await?;
        with!(&self.pool, readers, |connection| {
            sqlx::query_as(
                "SELECT CAST(COALESCE(SUM(pending), 0) AS BIGINT), CAST(COALESCE(SUM(total), 0) AS BIGINT) FROM room_count",
            )
            .fetch_one(connection)
            .await
            .map(|(pending, total)| Stats { pending, total })
        })
    }

    /// Returns the rooms where most messages wait, and how many do.
    pub(crate) async fn rooms(&self, most: i64) -> Result<Vec<RoomRow>, StoreError> {
        let _permit = self.for_console().await?;
        with!(&self.pool, readers, |connection| {
            sqlx::query_as(
                "SELECT sdk_app_id, room, pending FROM room_count WHERE pending > 0
                 ORDER BY pending DESC, sdk_app_id, room LIMIT $1",
            )
            .bind(most)
            .fetch_all(connection)
            .await
        })
    }

    /// Returns a number that is another one after each change of a toggle.
    pub(crate) async fn toggle_revision(&self) -> Result<i64, StoreError> {
        with!(&self.pool, readers, |connection| {
            sqlx::query_as("SELECT number FROM revision").fetch_one(connection).await.map(|(number,)| number)
        })
    }

    pub(crate) async fn toggles(&self) -> Result<Vec<ToggleRow>, StoreError> {
        with!(&self.pool, readers, |connection| {
            sqlx::query_as("SELECT sdk_app_id, room, enabled FROM toggle").fetch_all(connection).await
        })
    }

    /// Sets the toggle of a room, or the global one. `None` takes it away, so that the global one holds.
    pub(crate) async fn set_toggle(
        &self,
        room: Option<(SdkAppId, &str)>,
        enabled: Option<bool>,
        change: Change<'_>,
    ) -> Result<(), StoreError> {
        let (app, room) = room.map_or((0, ""), |(app, room)| (app_key(app), room));
        let revision = revision().map_err(sqlx::Error::Io)?;
        let _permit = self.for_console().await?;
        with!(&self.pool, writer, |connection| {
            let mut transaction = connection.begin().await?;
            match enabled {
                Some(enabled) => sqlx::query(
                    "INSERT INTO toggle (sdk_app_id, room, enabled) VALUES ($1, $2, $3)
                         ON CONFLICT (sdk_app_id, room) DO UPDATE SET enabled = excluded.enabled",
                )
                .bind(app)
                .bind(room)
                .bind(enabled)
                .execute(&mut *transaction)
                .await?
                .rows_affected(),
                None => sqlx::query("DELETE FROM toggle WHERE sdk_app_id = $1 AND room = $2")
                    .bind(app)
                    .bind(room)
                    .execute(&mut *transaction)
                    .await?
                    .rows_affected(),
            };
            sqlx::query("UPDATE revision SET number = $1").bind(revision).execute(&mut *transaction).await?;
            audit!(transaction, change);
            transaction.commit().await
        })
    }

    /// Returns when nothing is stored any more, which only a defect can cause.
    pub(crate) async fn writer_ended(&self) {
        let mut writer = self.writer.lock().await;
        if let Some(ended) = writer.as_mut() {
            let _ = ended.await;
        }
        // It must not be asked again.
        *writer = None;
    }

    /// Ends, once all is written that somebody waits for.
    pub(crate) async fn stop(&self) {
        if let Some(writer) = self.writer.lock().await.take() {
            writer.abort();
            let _ = writer.await;
        }
        self.pool.close().await;
    }
}

const AFTER: &str = "SELECT seq, content_id, account, content, kinds, held_at FROM message
     WHERE sdk_app_id = $1 AND room = $2 AND closed_at IS NULL AND seq < $4 ORDER BY seq DESC LIMIT $3";

// What is skipped is skipped in the index.
const NEWEST: &str = "SELECT seq, content_id, account, content, kinds, held_at FROM message WHERE seq IN (
         SELECT seq FROM message WHERE sdk_app_id = $1 AND room = $2 AND closed_at IS NULL
         ORDER BY seq DESC LIMIT $3 OFFSET $4
     ) ORDER BY seq DESC";

const OLDEST: &str = "SELECT seq, content_id, account, content, kinds, held_at FROM message WHERE seq IN (
         SELECT seq FROM message WHERE sdk_app_id = $1 AND room = $2 AND closed_at IS NULL
         ORDER BY seq LIMIT $3 OFFSET $4
     ) ORDER BY seq";
