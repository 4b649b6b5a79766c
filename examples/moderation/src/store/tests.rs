//! The opened store, and what becomes of messages when something fails.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{Connection, Executor, SqlitePool};
use tokio::time::timeout;
use trtc_live_webhook::SdkAppId;

use super::{Change, ContentIds, Held, Page, Pool, Store, StoreError, sweep::STEP};
use crate::{
    approval::Repetition,
    settings::{Afterwards, Secret, Settings},
};

/// How long anything may take. Only a test that fails waits for so long.
const WAIT: Duration = Duration::from_secs(30);

/// Does something again until it works: on a busy machine, the database may be late.
async fn again<T, F: Future<Output = Result<T, StoreError>>>(what: &str, mut work: impl FnMut() -> F) -> T {
    let began = Instant::now();
    loop {
        match work().await {
            Ok(done) => return done,
            Err(error) => assert!(began.elapsed() < WAIT, "not {what}: {error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn sqlite(folder: &tempfile::TempDir) -> Pool {
    let settings = Settings { database_file: folder.path().join("moderation.db"), ..Settings::default() };
    Pool::open(&settings).await.unwrap()
}

fn writer(pool: &Pool) -> SqlitePool {
    match pool {
        Pool::Sqlite(sqlite) => sqlite.writer.pool().clone(),
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
        let shown: String = sqlx::query_scalar(&format!("SHOW {name}")).fetch_one(pool.pool()).await.unwrap();
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
    again("counted", async || store.stats().await).await;
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
    assert_eq!(again("counted", async || store.stats().await).await.pending, 99);
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
    again("counted", async || store.stats().await).await;
    let held = async || store.hold(held(&ids, "hello")).await.map_err(|_| StoreError::Late);
    again("held", held).await;
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

/// Opens a store on PostgreSQL.
async fn postgres(postgres: &test_servers::Postgres, connections: u32) -> Arc<Store> {
    let url = Some(Secret::new(postgres.url()));
    let settings = Settings { database_url: url, database_connections: connections, ..Settings::default() };
    Store::start(Pool::open(&settings).await.unwrap())
}

const APP: SdkAppId = SdkAppId::new(7);
const CHANGE: Change<'_> = Change { key_name: "", action: "", detail: "" };
const HOUR: Duration = Duration::from_secs(3600);

/// Fifty thousand records in one room. The first fifty are two hours old.
const LONG: &str =
    "INSERT INTO message (sdk_app_id, room, account, content, content_id, random, kinds, held_at)
     SELECT 7, 'room', 'alice', 'hello', n, n, 'TIMTextElem',
         (extract(epoch FROM clock_timestamp() - CASE WHEN n <= 50 THEN interval '2 hours' ELSE '0' END) * 1000)::bigint
     FROM generate_series(1, 50000) AS n;
     INSERT INTO room_count VALUES (7, 'room', 50000, 50000)";

/// Stops the store, and asks for numbers once its connections have reported what they read, which they do at their end, at the latest.
async fn stop(store: Arc<Store>, postgres: &test_servers::Postgres, numbers: &str) -> String {
    store.stop().await;
    drop(store);
    let began = Instant::now();
    while postgres.query("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'moderation'") != "0"
    {
        assert!(began.elapsed() < WAIT, "still connected");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    postgres.query(numbers)
}

/// Statements are prepared while the table is empty, as on any new server.
#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_long_table_is_not_read_for_a_few_records() {
    let server = test_servers::Postgres::start();
    // One connection, so that the statements are those that were prepared.
    let store = postgres(&server, 1).await;
    let ids = ["x".to_owned()];
    let sweep = async || store.sweep(HOUR, STEP, Afterwards::Delete).await;
    let list = async |page| store.list(APP, "room", Page::Number(page), 100).await;
    // Often enough for a plan to be kept.
    for _ in 0..10 {
        again("swept", sweep).await;
        again("listed", async || list(1).await).await;
        again("deleted", async || store.delete(APP, &ids, CHANGE).await).await;
    }
    let _ = server.query(LONG);
    assert_eq!(again("swept", sweep).await, 50);
    let (count, page) = again("listed", async || list(250).await).await;
    assert_eq!((count, page.len()), (49_950, 100));
    assert_eq!(again("deleted", async || store.delete(APP, &ids, CHANGE).await).await, 0);
    let read = "SELECT idx_tup_fetch > 0, seq_tup_read FROM pg_stat_user_tables WHERE relname = 'message'";
    assert_eq!(stop(store, &server, read).await, "t|0");
}

/// The table was never analyzed, and a list of its room in the order of arrival seems to be a short way to one record.
#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_long_list_is_not_read_for_one_record() {
    let server = test_servers::Postgres::start();
    let store = postgres(&server, 1).await;
    let approve = async |random| {
        let repeated = Repetition { room: "room", account: "alice", content: "hello", random };
        again("approved", async || store.approve(APP, &repeated).await).await
    };
    let delete =
        async |id: &str| again("deleted", async || store.delete(APP, &[id.to_owned()], CHANGE).await).await;
    for _ in 0..10 {
        assert!(!approve(1).await);
        assert_eq!(delete("x").await, 0);
    }
    let _ = server.query("ALTER TABLE message SET (autovacuum_enabled = false)");
    let _ = server.query(LONG);
    let before = server.query("SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'message'");
    assert!(approve(49_000).await);
    assert!(!approve(60_000).await);
    assert_eq!(delete("x").await, 0);
    let read = "SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'message'
                UNION ALL SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'message'";
    let read = stop(store, &server, read).await;
    let read: Vec<i64> =
        [&*before].into_iter().chain(read.lines()).map(|number| number.parse().unwrap()).collect();
    assert_eq!(read[1], 0);
    assert!(read[2] - read[0] < 50, "{read:?}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_sweep_goes_by_the_databases_clock_and_waits_for_nobody() {
    let server = test_servers::Postgres::start();
    let store = postgres(&server, 4).await;
    // The database's clock is a day ahead. Connections that are made from now on find this function first.
    let _ = server.query("CREATE SCHEMA ahead");
    let _ = server.query(
        "CREATE FUNCTION ahead.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT now() + interval '1 day' $$",
    );
    let _ = server.query("ALTER DATABASE postgres SET search_path = ahead, public, pg_catalog");
    let ids = ContentIds::new().unwrap();
    let hold = async || store.hold(held(&ids, "hello")).await.map_err(|_| StoreError::Late);
    again("held", hold).await;
    let ahead = "SELECT bool_and(held_at / 1000 - extract(epoch FROM now()) > 23 * 3600) FROM message";
    assert_eq!(server.query(ahead), "t");
    let _ = server.query("DELETE FROM message; DELETE FROM room_count");
    let _ = server.query(LONG);
    let mut other = sqlx::PgConnection::connect(&server.url()).await.unwrap();
    let mut lock = other.begin().await.unwrap();
    let sql = "SELECT seq FROM message ORDER BY seq LIMIT 10 FOR UPDATE";
    sqlx::query(sql).execute(&mut *lock).await.unwrap();
    let sweep = async || store.sweep(HOUR, STEP, Afterwards::Delete).await;
    assert_eq!(again("swept", sweep).await, 40);
    lock.rollback().await.unwrap();
    assert_eq!(again("swept", sweep).await, 10);
    assert_eq!(again("swept", sweep).await, 0);
    store.stop().await;
}

/// Passes connections on, each a second after it was made.
async fn slow(postgres: &test_servers::Postgres) -> std::net::SocketAddr {
    let address = postgres.url().split_once('@').unwrap().1.split_once('/').unwrap().0.to_owned();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let address = address.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let mut server = tokio::net::TcpStream::connect(address).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    here
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_connection_that_opens_slowly_is_opened() {
    let server = test_servers::Postgres::start();
    let url = Some(Secret::new(format!("postgres://postgres@{}/postgres", slow(&server).await)));
    let settings = Settings { database_url: url, ..Settings::default() };
    let store = Store::start(Pool::open(&settings).await.unwrap());
    let ids = ContentIds::new().unwrap();
    let refused = store.hold(held(&ids, "hello")).await.unwrap_err();
    assert!(matches!(*refused, StoreError::NoConnection), "{refused:?}");
    again("held", async || store.hold(held(&ids, "hello")).await.map_err(|_| StoreError::Late)).await;
    store.stop().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn messages_do_not_wait_for_the_console() {
    let server = test_servers::Postgres::start();
    let store = postgres(&server, 10).await;
    let ids = ContentIds::new().unwrap();
    let hold = async || store.hold(held(&ids, "hello")).await.map_err(|_| StoreError::Late);
    again("held", hold).await;
    // What the console does hangs, a hundred times at once, and again and again.
    let mut other = sqlx::PgConnection::connect(&server.url()).await.unwrap();
    let mut lock = other.begin().await.unwrap();
    sqlx::query("LOCK TABLE toggle IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    let mut console = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let store = Arc::clone(&store);
        console.spawn(async move {
            loop {
                let _ = store.set_toggle(None, Some(false), CHANGE).await;
            }
        });
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut refused = 0;
    for _ in 0..40 {
        refused += usize::from(hold().await.is_err());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // A busy machine may be late for some.
    assert!(refused < 10, "{refused}");
    console.shutdown().await;
    store.stop().await;
}

#[tokio::test]
async fn tables_of_a_newer_instance_are_worked_with() {
    let folder = tempfile::TempDir::new().unwrap();
    let pool = sqlite(&folder).await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (999, 'newer', TRUE, x'00', 0)";
    writer(&pool).execute(newer).await.unwrap();
    pool.close().await;
    let store = Store::start(sqlite(&folder).await);
    store.hold(held(&ContentIds::new().unwrap(), "hello")).await.unwrap();
    store.stop().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn tables_of_a_newer_instance_on_postgresql_are_worked_with() {
    let server = test_servers::Postgres::start();
    postgres(&server, 2).await.stop().await;
    let _ = server.query("INSERT INTO _sqlx_migrations VALUES (999, 'newer', now(), TRUE, '\\x00', 0)");
    postgres(&server, 2).await.stop().await;
}
