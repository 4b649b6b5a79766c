//! The opened store, and what becomes of messages when something fails.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{Executor, SqlitePool};
use tokio::time::timeout;
use trtc_live_webhook::SdkAppId;

use super::{Change, ContentIds, Held, Page, Pool, Store, StoreError};
use crate::{
    approval::Repetition,
    settings::{Afterwards, Secret, Settings},
};

async fn sqlite(folder: &tempfile::TempDir) -> Pool {
    let settings = Settings { database_file: folder.path().join("moderation.db"), ..Settings::default() };
    Pool::open(&settings).await.unwrap()
}

fn writer(pool: &Pool) -> SqlitePool {
    match pool {
        Pool::Sqlite(sqlite) => sqlite.writer.clone(),
        Pool::Postgres(_) => panic!("not SQLite"),
    }
}

fn held(ids: &ContentIds, content: &str) -> Held {
    let (room, account, kinds) = ("room".to_owned(), "alice".to_owned(), "TIMTextElem".to_owned());
    Held { app: SdkAppId::new(7), room, account, content: content.to_owned(), kinds, id: ids.next() }
}

#[tokio::test]
async fn sqlite_syncs_each_commit() {
    let folder = tempfile::TempDir::new().unwrap();
    let writer = writer(&sqlite(&folder).await);
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&writer).await.unwrap();
    assert_eq!(synchronous, 2, "FULL");
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&writer).await.unwrap();
    assert_eq!(mode, "wal");
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn postgresql_syncs_each_commit() {
    let postgres = test_servers::Postgres::start();
    // Even if its own settings say otherwise.
    let _ = postgres.query("ALTER DATABASE postgres SET synchronous_commit = off");
    let settings = Settings { database_url: Some(Secret::new(postgres.url())), ..Settings::default() };
    let Pool::Postgres(pool) = Pool::open(&settings).await.unwrap() else { panic!("not PostgreSQL") };
    for (name, value) in [("synchronous_commit", "on"), ("fsync", "on"), ("statement_timeout", "800ms")] {
        let shown: String = sqlx::query_scalar(&format!("SHOW {name}")).fetch_one(&pool).await.unwrap();
        assert_eq!(shown, value, "{name}");
    }
}

#[tokio::test]
async fn one_message_that_cannot_be_stored_fails_alone() {
    let folder = tempfile::TempDir::new().unwrap();
    let pool = sqlite(&folder).await;
    let trigger = "CREATE TRIGGER poison BEFORE INSERT ON message WHEN NEW.content = 'poison'
                   BEGIN SELECT RAISE(ABORT, 'poison'); END";
    writer(&pool).execute(trigger).await.unwrap();
    assert_poison_fails_alone(pool).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn one_message_that_postgresql_refuses_fails_alone() {
    let postgres = test_servers::Postgres::start();
    let settings = Settings { database_url: Some(Secret::new(postgres.url())), ..Settings::default() };
    let pool = Pool::open(&settings).await.unwrap();
    let _ = postgres.query("ALTER TABLE message ADD CHECK (content <> 'poison')");
    assert_poison_fails_alone(pool).await;
}

/// Holds a hundred messages at once, with one among them that the database refuses.
async fn assert_poison_fails_alone(pool: Pool) {
    let (store, ids) = (Store::start(pool), ContentIds::new().unwrap());
    // The first connection takes its time, on a busy machine.
    while store.stats().await.is_err() {}
    // They wait together: on this one thread, the task that writes comes after them.
    let mut messages = tokio::task::JoinSet::new();
    for number in 0..100 {
        let (store, content) = (Arc::clone(&store), if number == 33 { "poison" } else { "fine" });
        let message = held(&ids, content);
        messages.spawn(async move { (number, store.hold(message).await) });
    }
    while let Some(stored) = messages.join_next().await {
        let (number, stored) = stored.unwrap();
        assert_eq!(stored.is_err(), number == 33, "{number}: {stored:?}");
    }
    assert_eq!(store.stats().await.unwrap().pending, 99);
    store.stop().await;
}

#[tokio::test]
async fn what_waits_is_bounded() {
    let folder = tempfile::TempDir::new().unwrap();
    let pool = sqlite(&folder).await;
    // Nothing is written meanwhile.
    let busy = writer(&pool).acquire().await.unwrap();
    let (store, ids) = (Store::start(pool), ContentIds::new().unwrap());
    let mut messages = tokio::task::JoinSet::new();
    for _ in 0..6000 {
        let (store, message) = (Arc::clone(&store), held(&ids, "hello"));
        messages.spawn(async move { store.hold(message).await });
    }
    let mut names = std::collections::BTreeMap::<_, usize>::new();
    while let Some(stored) = messages.join_next().await {
        *names.entry(stored.unwrap().unwrap_err().name()).or_default() += 1;
    }
    // One of them each way: no place in the queue, and no connection for those that have one.
    assert_eq!(names.into_keys().collect::<Vec<_>>(), ["no_connection", "overloaded"]);
    drop(busy);
    store.hold(held(&ids, "hello")).await.unwrap();
    store.stop().await;
}

#[tokio::test]
async fn the_end_of_the_writer_is_noticed() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = Store::start(sqlite(&folder).await);
    assert!(timeout(Duration::from_millis(200), store.writer_ended()).await.is_err());
    store.writer.lock().await.as_ref().unwrap().abort();
    timeout(Duration::from_secs(10), store.writer_ended()).await.unwrap();
    let stored = store.hold(held(&ContentIds::new().unwrap(), "hello")).await;
    assert!(matches!(stored.unwrap_err().as_ref(), StoreError::Stopped));
    store.stop().await;
}

/// Statements are prepared while the table is empty, as on any new server.
#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_long_table_is_not_read_for_a_few_records() {
    let postgres = test_servers::Postgres::start();
    let url = Some(Secret::new(postgres.url()));
    // One connection, so that the statements are those that were prepared.
    let settings = Settings { database_url: url, database_connections: 1, ..Settings::default() };
    let store = Store::start(Pool::open(&settings).await.unwrap());
    let app = SdkAppId::new(7);
    let (ids, change) = (["x".to_owned()], Change { key_name: "", action: "", detail: "" });
    let repeated = Repetition { room: "room", account: "alice", content: "hi", random: 1 };
    // Often enough for a plan to be kept.
    for _ in 0..10 {
        while store.sweep(0, Afterwards::Delete).await.is_err() {}
        while store.list(app, "room", Page::Number(1), 100).await.is_err() {}
        while store.delete(app, &ids, change).await.is_err() {}
        while store.approve(app, &repeated).await.is_err() {}
    }
    let _ = postgres.query(
        "INSERT INTO message (sdk_app_id, room, account, content, content_id, random, kinds, held_at)
         SELECT 7, 'room', 'alice', 'hello', n, n, 'TIMTextElem', n FROM generate_series(1, 50000) AS n;
         INSERT INTO room_count VALUES (7, 'room', 50000, 50000)",
    );
    assert_eq!(store.sweep(51, Afterwards::Delete).await.unwrap(), 50);
    let (count, page) = store.list(app, "room", Page::Number(250), 100).await.unwrap();
    assert_eq!((count, page.len()), (49_950, 100));
    assert_eq!(store.delete(app, &ids, change).await.unwrap(), 0);
    assert!(!store.approve(app, &repeated).await.unwrap());
    // A connection reports what it has read when it ends, at the latest.
    store.stop().await;
    let read = "SELECT idx_tup_fetch > 0, seq_tup_read FROM pg_stat_user_tables WHERE relname = 'message'";
    let began = Instant::now();
    while postgres.query(read).starts_with('f') {
        assert!(began.elapsed() < Duration::from_secs(30), "nothing is reported");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(postgres.query(read), "t|0");
}
