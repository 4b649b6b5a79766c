//! Old records, archived or deleted in small steps.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;
use serde_json::json;
use sqlx::Connection;
use tokio::time::sleep;
use tracing::{info, warn};

use super::{PLANNED_ANEW, Store, error::StoreError, pool::with, postgres, sqlite};
use crate::{metrics, settings::Afterwards};

/// Most records of one step. It takes some milliseconds, in which messages wait.
pub(crate) const STEP: i64 = 100;

/// How long others may write between two steps.
const BREATH: Duration = Duration::from_millis(20);

/// Between one look for old records and the next.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Serialize, sqlx::FromRow)]
struct Old {
    seq: i64,
    sdk_app_id: i64,
    room: String,
    account: String,
    content: String,
    content_id: String,
    random: i64,
    kinds: String,
    held_at: i64,
    closed_at: Option<i64>,
    outcome: Option<String>,
}

impl Store {
    /// Archives or deletes whatever is older than that, for ever.
    pub(crate) async fn keep_clean(&self, keep: Duration, afterwards: Afterwards) {
        let mut swept = 0;
        let mut most = STEP;
        loop {
            match self.sweep(keep, most, afterwards).await {
                Ok(count) if count > 0 => {
                    metrics::swept(count);
                    swept += count;
                    most = STEP.min(most.saturating_mul(2));
                    sleep(BREATH).await;
                    continue;
                }
                Ok(_) => {}
                Err(error) => {
                    warn!(error = &error as &dyn std::error::Error, "old records not swept");
                    // Less of them may be done in time.
                    most = (most / 2).max(1);
                }
            }
            if swept > 0 {
                info!(records = swept, "old records swept");
                swept = 0;
            }
            sleep(PAUSE).await;
        }
    }

    /// Takes one step, and returns how many records that were.
    pub(crate) async fn sweep(
        &self,
        keep: Duration,
        most: i64,
        afterwards: Afterwards,
    ) -> Result<usize, StoreError> {
        // Longer than since 1970, and short enough to be subtracted from.
        let keep = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX).min(i64::MAX / 2);
        let sweep = self.pool.either(sqlite::SWEEP, postgres::SWEEP);
        let archive = self.pool.either(sqlite::ARCHIVE, postgres::ARCHIVE);
        let count = self.pool.either(sqlite::COUNT, postgres::COUNT);
        let forget = self.pool.either(sqlite::FORGET, postgres::FORGET);
        with!(&self.pool, writer, |connection| {
            let mut transaction = connection.begin().await?;
            // The oldest come first, so that there is nothing to search.
            let old: Vec<Old> = sqlx::query_as(sweep)
                .persistent(PLANNED_ANEW)
                .bind(keep)
                .bind(most)
                .fetch_all(&mut *transaction)
                .await?;
            if old.is_empty() {
                return Ok(0);
            }
            let mut rooms = BTreeMap::<(i64, &str), (i64, i64)>::new();
            for record in &old {
                let (pending, total) = rooms.entry((record.sdk_app_id, &record.room)).or_default();
                *pending -= i64::from(record.closed_at.is_none());
                *total -= 1;
            }
            if afterwards == Afterwards::Archive {
                sqlx::query(archive).bind(json!(old).to_string()).execute(&mut *transaction).await?;
            }
            let rooms: Vec<_> = rooms
                .into_iter()
                .map(|((app, room), (pending, total))| (app, room, pending, total))
                .collect();
            let rooms = json!(rooms).to_string();
            sqlx::query(count).bind(&rooms).execute(&mut *transaction).await?;
            sqlx::query(forget).persistent(PLANNED_ANEW).bind(&rooms).execute(&mut *transaction).await?;
            transaction.commit().await?;
            Ok::<_, sqlx::Error>(old.len())
        })
    }
}
