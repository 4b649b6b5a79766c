//! PostgreSQL, for several instances.

use std::{collections::BTreeMap, str::FromStr, time::Duration};

use sqlx::{
    PgConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tracing::info;

use super::{
    pool::{CONNECT, Pool},
    record::{Held, app_key},
};
use crate::settings::Secret;

/// How long the tables may take to be made or changed.
const MIGRATION: Duration = Duration::from_secs(60);

pub(super) async fn open(url: &Secret, connections: u32) -> Result<Pool, sqlx::Error> {
    let options = PgConnectOptions::from_str(url.reveal())?.application_name("moderation");
    migrate(&options).await?;
    let options = options.options([
        // The server gives up by itself, a little before the pool does.
        ("statement_timeout", "800ms"),
        ("lock_timeout", "800ms"),
        ("idle_in_transaction_session_timeout", "5s"),
        // Not left to the server's settings: what was answered is on its disk.
        ("synchronous_commit", "on"),
    ]);
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(CONNECT)
        .max_lifetime(Duration::from_secs(30 * 60));
    Ok(Pool::Postgres(pool.connect_lazy_with(options).into()))
}

/// Connects once.
pub(super) async fn check(url: &Secret) -> Result<(), sqlx::Error> {
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(CONNECT).connect(url.reveal()).await?;
    pool.close().await;
    Ok(())
}

async fn migrate(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(CONNECT);
    let pool = pool.connect_with(options.clone()).await?;
    let mut migrations = sqlx::migrate!("migrations/postgres");
    // A newer instance may have made its own, while this one has not been replaced yet.
    migrations.set_ignore_missing(true);
    let (host, port, database) = (options.get_host(), options.get_port(), options.get_database());
    info!(host, port, database, user = options.get_username(), "making or changing tables");
    let migrated = tokio::time::timeout(MIGRATION, migrations.run(&pool)).await;
    pool.close().await;
    Ok(migrated.map_err(|_| sqlx::Error::PoolTimedOut)??)
}

/// Stores messages with one statement, however many they are. Their time is the database's: one instance with a wrong clock would have
/// the others sweep what is new, or keep it.
pub(super) async fn insert(
    connection: &mut PgConnection,
    held: &[Held],
    by_room: &BTreeMap<(i64, &str), i64>,
) -> Result<(), sqlx::Error> {
    fn column<T>(held: &[Held], value: impl Fn(&Held) -> T) -> Vec<T> {
        held.iter().map(value).collect()
    }

    let (rooms, counts): (Vec<_>, Vec<_>) = by_room.iter().map(|(room, count)| (*room, *count)).unzip();
    let (apps, rooms): (Vec<_>, Vec<_>) = rooms.into_iter().unzip();
    sqlx::query(
        "WITH held AS (
             INSERT INTO message (sdk_app_id, room, account, content, content_id, random, kinds, held_at)
             SELECT app, room, account, content, id, random, kinds, (extract(epoch FROM clock_timestamp()) * 1000)::bigint
             FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[])
                 WITH ORDINALITY AS new (app, room, account, content, id, random, kinds, place)
             ORDER BY place
         )
         INSERT INTO room_count AS old (sdk_app_id, room, pending, total)
         SELECT app, room, count, count FROM UNNEST($8::bigint[], $9::text[], $10::bigint[]) AS new (app, room, count)
         ON CONFLICT (sdk_app_id, room) DO UPDATE
         SET pending = old.pending + excluded.pending, total = old.total + excluded.total",
    )
    .bind(column(held, |message| app_key(message.app)))
    .bind(column(held, |message| message.room.as_str().to_owned()))
    .bind(column(held, |message| message.account.clone()))
    .bind(column(held, |message| message.content.clone()))
    .bind(column(held, |message| message.id.text.clone()))
    .bind(column(held, |message| message.id.random))
    .bind(column(held, |message| message.kinds.clone()))
    .bind(apps)
    .bind(rooms)
    .bind(counts)
    .execute(connection)
    .await?;
    Ok(())
}

/// Closes records by `random` and `content_id`, and returns their rooms. Locked in the same order everywhere, lest two wait for
/// each other. Arrays are looked up in an index; what is joined, a table that was not analyzed yet, is read as a whole.
pub(super) const DELETE: &str =
    "UPDATE message SET outcome = CASE WHEN closed_at IS NULL THEN 'deleted' ELSE outcome END,
         closed_at = COALESCE(closed_at, $3)
     WHERE seq = ANY (ARRAY(
         SELECT seq FROM message
         WHERE random = ANY (ARRAY(SELECT (value->>0)::bigint FROM jsonb_array_elements($1::jsonb) AS wanted (value)))
             AND content_id = ANY (ARRAY(SELECT value->>1 FROM jsonb_array_elements($1::jsonb) AS wanted (value)))
             AND sdk_app_id = $2 AND (closed_at IS NULL OR outcome = 'approved')
         ORDER BY seq FOR UPDATE
     )) RETURNING room, outcome = 'deleted'";

/// Adds to the counts of rooms: application, room, pending, total.
pub(super) const COUNT: &str = "INSERT INTO room_count AS old (sdk_app_id, room, pending, total)
     SELECT (value->>0)::bigint, value->>1, (value->>2)::bigint, (value->>3)::bigint
     FROM jsonb_array_elements($1::jsonb) AS new (value)
     ON CONFLICT (sdk_app_id, room) DO UPDATE
     SET pending = old.pending + excluded.pending, total = old.total + excluded.total";

/// Takes out the oldest records, of `$2`, if they are older than `$1` milliseconds. What somebody else works with is left for later.
pub(super) const SWEEP: &str = "DELETE FROM message WHERE seq = ANY (ARRAY(
         SELECT seq FROM message WHERE seq = ANY (ARRAY(
             SELECT seq FROM (SELECT seq, held_at FROM message ORDER BY seq LIMIT $2) AS oldest
             WHERE held_at < (extract(epoch FROM clock_timestamp()) * 1000)::bigint - $1
         )) ORDER BY seq FOR UPDATE SKIP LOCKED
     )) RETURNING *";

/// Forgets those of these rooms that have no records any more.
pub(super) const FORGET: &str = "DELETE FROM room_count WHERE total = 0 AND (sdk_app_id, room) IN (
         SELECT (value->>0)::bigint, value->>1 FROM jsonb_array_elements($1::jsonb) AS swept (value)
     )";

/// Keeps records that were taken out of `message`.
pub(super) const ARCHIVE: &str =
    "INSERT INTO message_archive SELECT * FROM jsonb_populate_recordset(NULL::message_archive, $1::jsonb)";
