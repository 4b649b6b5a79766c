//! SQLite: one file, one connection that writes.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use serde_json::json;
use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tracing::info;

use super::{
    pool::{Pool, Sqlite},
    record::{Held, app_key, now},
};

/// Connections that read: the console, the repetitions' search, the toggles.
const READERS: u32 = 4;

/// How long the file may take to be opened at the start. What works with it later waits less.
const OPENING: Duration = Duration::from_secs(30);

/// Bytes of a page, SQLite's default.
const PAGE: u32 = 4096;

/// Pages of the write-ahead log after which they are copied into the file.
const CHECKPOINT: &str = "4000";

pub(super) async fn open(file: &Path, max_mib: Option<u32>) -> Result<Pool, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .page_size(PAGE)
        .journal_mode(SqliteJournalMode::Wal)
        // Each commit is on disk before it returns, which WAL does not do with anything less.
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", CHECKPOINT)
        .pragma("journal_size_limit", "67108864")
        .busy_timeout(Duration::from_millis(500));
    let limited = match max_mib {
        Some(mib) => {
            options.clone().pragma("max_page_count", (mib.saturating_mul(1024 * 1024 / PAGE)).to_string())
        }
        None => options.clone(),
    };
    let pool = || SqlitePoolOptions::new().acquire_timeout(OPENING);
    let writer = pool().max_connections(1).connect_with(limited).await?;
    let mut migrations = sqlx::migrate!("migrations/sqlite");
    migrations.set_ignore_missing(true);
    info!(file = %file.display(), "making or changing tables");
    migrations.run(&writer).await?;
    let readers = pool().max_connections(READERS).connect_with(options.read_only(true)).await?;
    Ok(Pool::Sqlite(Sqlite { writer: writer.into(), readers: readers.into() }))
}

/// Opens the file, if there is one, and finds out whether the folder can be written to, which needs two more files.
pub(super) async fn check(file: &Path) -> Result<(), sqlx::Error> {
    if file.exists() {
        let mut connection = SqliteConnectOptions::new().filename(file).read_only(true).connect().await?;
        sqlx::query("SELECT COUNT(*) FROM sqlite_master").execute(&mut connection).await?;
        connection.close().await?;
        fs::File::options().append(true).open(file)?;
    }
    let mut trial = file.as_os_str().to_owned();
    trial.push(format!("-check-{}", std::process::id()));
    fs::File::create_new(&trial)?;
    Ok(fs::remove_file(&trial)?)
}

/// Stores messages with two statements, however many they are.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    held: &[Held],
    by_room: &BTreeMap<(i64, &str), i64>,
) -> Result<(), sqlx::Error> {
    let now = now();
    let rows: Vec<_> = held
        .iter()
        .map(|Held { app, room, account, content, kinds, id }| {
            json!([app_key(*app), room, account, content, id.text, id.random, kinds])
        })
        .collect();
    let rooms: Vec<_> = by_room.iter().map(|((app, room), count)| json!([app, room, count])).collect();
    let mut transaction = connection.begin().await?;
    sqlx::query(
        "INSERT INTO message (sdk_app_id, room, account, content, content_id, random, kinds, held_at)
         SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, $2 FROM json_each($1)",
    )
    .bind(json!(rows).to_string())
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    sqlx::query(
        "INSERT INTO room_count (sdk_app_id, room, pending, total)
         SELECT value->>0, value->>1, value->>2, value->>2 FROM json_each($1) WHERE true
         ON CONFLICT (sdk_app_id, room) DO UPDATE
         SET pending = pending + excluded.pending, total = total + excluded.total",
    )
    .bind(json!(rooms).to_string())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

/// Closes records by `random` and `content_id`, and returns their rooms.
pub(super) const DELETE: &str =
    "UPDATE message SET outcome = CASE WHEN closed_at IS NULL THEN 'deleted' ELSE outcome END,
         closed_at = COALESCE(closed_at, $3)
     WHERE seq IN (
         SELECT message.seq FROM json_each($1) AS wanted CROSS JOIN message
         WHERE message.random = wanted.value->>0 AND message.content_id = wanted.value->>1
             AND message.sdk_app_id = $2 AND (message.closed_at IS NULL OR message.outcome = 'approved')
     ) RETURNING room, outcome = 'deleted'";

/// Adds to the counts of rooms: application, room, pending, total.
pub(super) const COUNT: &str = "INSERT INTO room_count (sdk_app_id, room, pending, total)
     SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each($1) WHERE true
     ON CONFLICT (sdk_app_id, room) DO UPDATE
     SET pending = pending + excluded.pending, total = total + excluded.total";

/// Takes out the oldest records, of `$2`, if they are older than `$1` milliseconds.
pub(super) const SWEEP: &str = "DELETE FROM message WHERE seq IN (
         SELECT seq FROM (SELECT seq, held_at FROM message ORDER BY seq LIMIT $2) AS oldest
         WHERE held_at < CAST(unixepoch('subsec') * 1000 AS INTEGER) - $1
     ) RETURNING *";

/// Forgets those of these rooms that have no records any more.
pub(super) const FORGET: &str = "DELETE FROM room_count WHERE total = 0
     AND (sdk_app_id, room) IN (SELECT value->>0, value->>1 FROM json_each($1))";

/// Keeps records that were taken out of `message`.
pub(super) const ARCHIVE: &str =
    "INSERT INTO message_archive (seq, sdk_app_id, room, account, content, content_id, random, kinds,
         held_at, closed_at, outcome)
     SELECT value->>'seq', value->>'sdk_app_id', value->>'room', value->>'account', value->>'content',
         value->>'content_id', value->>'random', value->>'kinds', value->>'held_at', value->>'closed_at',
         value->>'outcome'
     FROM json_each($1)";
