//! The database: what deliveries have changed, and which they were.
//!
//! SQLite stands for the database that a service has. It serves the workers of one machine; with PostgreSQL, workers run
//! anywhere, and only this file and `statistics.rs` are different.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

/// How long a worker waits for another's transaction.
const BUSY: Duration = Duration::from_secs(5);

/// Deliveries that are forgotten in one transaction.
const FORGOTTEN: i64 = 1000;

const TABLES: &str = "
    -- Ids of deliveries, in the order in which they took effect or were given up.
    CREATE TABLE IF NOT EXISTS deliveries (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        -- Whether it is a dead letter, and if it was one before, which.
        dead INTEGER NOT NULL,
        requeued TEXT NOT NULL,
        at INTEGER NOT NULL DEFAULT (unixepoch())
    );
    CREATE INDEX IF NOT EXISTS deliveries_by_time ON deliveries (at);
    -- Deliveries that have failed or were begun again, how often they were tried, and what went wrong last.
    CREATE TABLE IF NOT EXISTS tries (
        id TEXT PRIMARY KEY,
        tries INTEGER NOT NULL,
        reason TEXT NOT NULL DEFAULT 'no worker finished it'
    );
    CREATE TABLE IF NOT EXISTS rooms (
        app TEXT NOT NULL,
        room TEXT NOT NULL,
        created INTEGER NOT NULL DEFAULT 0,
        destroyed INTEGER NOT NULL DEFAULT 0,
        joined INTEGER NOT NULL DEFAULT 0,
        online INTEGER NOT NULL DEFAULT 0,
        most_online INTEGER NOT NULL DEFAULT 0,
        messages INTEGER NOT NULL DEFAULT 0,
        recordings INTEGER NOT NULL DEFAULT 0,
        owner TEXT,
        PRIMARY KEY (app, room)
    );
";

/// The database. Clones share everything.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pool: SqlitePool,
    /// Tries that were none and that the database could not take back, by delivery. Few: a partition has one at a time.
    owed: Arc<Mutex<HashMap<String, u32>>>,
}

/// What is known of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// It has not taken effect, and its effect may be written now.
    New,
    /// It has taken effect.
    Done,
    /// It was given up, and has not been put back since.
    Dead,
}

impl Store {
    /// Opens the database, and makes it if there is none.
    pub(crate) async fn open(path: &Path) -> sqlx::Result<Self> {
        Self::open_with(path, BUSY).await
    }

    /// Does the same, and waits so long for others' transactions.
    pub(crate) async fn open_with(path: &Path, busy: Duration) -> sqlx::Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A message is acknowledged after its transaction: the transaction must have reached the disk.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(busy);
        // One writes at a time anyway, and waits its turn in order here.
        let pool =
            SqlitePoolOptions::new().max_connections(1).acquire_timeout(busy).connect_with(options).await?;
        sqlx::raw_sql(TABLES).execute(&pool).await?;
        Ok(Self { pool, owed: Arc::default() })
    }

    /// Begins a transaction that may write.
    pub(crate) async fn begin(&self) -> sqlx::Result<Transaction<'static, Sqlite>> {
        self.pool.begin_with("BEGIN IMMEDIATE").await
    }

    /// Notes that a delivery is begun again, and returns how often it has been tried, and why it failed.
    ///
    /// It is noted before the try, so that a delivery which ends its worker is counted as well. What is not noted was no
    /// try: whether a worker ended then, or had no database, nobody can tell.
    pub(crate) async fn begin_again(&self, id: &str) -> sqlx::Result<(u32, String)> {
        let owed = self.owed().get(id).copied().unwrap_or_default();
        let begun = sqlx::query_as(
            "INSERT INTO tries (id, tries) VALUES (?1, 1)
             ON CONFLICT (id) DO UPDATE SET tries = max(0, tries - ?2) + 1
             RETURNING tries, reason",
        )
        .bind(id)
        .bind(owed)
        .fetch_one(&self.pool)
        .await?;
        self.owed().remove(id);
        Ok(begun)
    }

    /// Takes back what [`begin_again`](Self::begin_again) has noted: the try was none. If the database does not take
    /// that, this worker does so when it begins the delivery again.
    pub(crate) async fn take_back(&self, id: &str) -> sqlx::Result<()> {
        let taken_back = sqlx::query("UPDATE tries SET tries = tries - 1 WHERE id = ?1").bind(id);
        if let Err(error) = taken_back.execute(&self.pool).await {
            *self.owed().entry(id.to_owned()).or_default() += 1;
            return Err(error);
        }
        Ok(())
    }

    fn owed(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        // Nobody panics while holding the lock.
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells whether a delivery has taken effect.
    pub(crate) async fn is_done(&self, id: &str) -> sqlx::Result<bool> {
        let done: Option<i64> =
            sqlx::query_scalar("SELECT number FROM deliveries WHERE id = ?1 AND NOT dead")
                .bind(id)
                .fetch_optional(&self.pool)
                .await?;
        Ok(done.is_some())
    }

    /// Notes why a try has failed.
    pub(crate) async fn note_failure(&self, id: &str, reason: &str) -> sqlx::Result<()> {
        sqlx::query(
            "INSERT INTO tries (id, tries, reason) VALUES (?1, 1, ?2)
             ON CONFLICT (id) DO UPDATE SET reason = ?2",
        )
        .bind(id)
        .bind(reason)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Notes that a delivery is given up, unless it has taken effect: from now on, a worker that was stopped in the
    /// middle of it can no longer write its effect.
    pub(crate) async fn bury(&self, id: &str, requeued: &str) -> sqlx::Result<Known> {
        let mut transaction = self.begin().await?;
        let known = claim(&mut transaction, id, requeued).await?;
        if known == Known::New {
            sqlx::query("UPDATE deliveries SET dead = TRUE WHERE id = ?1")
                .bind(id)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
        }
        Ok(known)
    }

    /// Forgets deliveries that took effect before this time, in Unix seconds: so many at a time, lest the workers wait.
    /// Returns how many.
    pub(crate) async fn forget(&self, before: i64) -> sqlx::Result<u64> {
        let mut transaction = self.begin().await?;
        let mut forgotten = 0;
        for statement in [
            "DELETE FROM tries WHERE id IN
             (SELECT id FROM deliveries WHERE at < ?1 ORDER BY at, number LIMIT ?2)",
            "DELETE FROM deliveries WHERE number IN
             (SELECT number FROM deliveries WHERE at < ?1 ORDER BY at, number LIMIT ?2)",
        ] {
            let done = sqlx::query(statement).bind(before).bind(FORGOTTEN).execute(&mut *transaction).await?;
            forgotten = done.rows_affected();
        }
        transaction.commit().await?;
        Ok(forgotten)
    }

    /// Finishes what is under way, and closes the file.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Writes the id of a delivery in the transaction of its effect, if it has not taken effect.
pub(crate) async fn claim(
    transaction: &mut Transaction<'static, Sqlite>,
    id: &str,
    requeued: &str,
) -> sqlx::Result<Known> {
    let known: Option<(bool, String)> = sqlx::query_as("SELECT dead, requeued FROM deliveries WHERE id = ?1")
        .bind(id)
        .fetch_optional(&mut **transaction)
        .await?;
    match known {
        Some((false, _)) => return Ok(Known::Done),
        Some((true, of_dead)) if of_dead == requeued => return Ok(Known::Dead),
        _ => {}
    }
    for statement in ["DELETE FROM deliveries WHERE id = ?1", "DELETE FROM tries WHERE id = ?1"] {
        sqlx::query(statement).bind(id).execute(&mut **transaction).await?;
    }
    sqlx::query("INSERT INTO deliveries (id, dead, requeued) VALUES (?1, FALSE, ?2)")
        .bind(id)
        .bind(requeued)
        .execute(&mut **transaction)
        .await?;
    Ok(Known::New)
}

/// Tells whether the database is at fault, and not what was to be written: it is busy, full, or gone.
pub(crate) fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        // SQLITE_BUSY, LOCKED, READONLY, IOERR, FULL and CANTOPEN. https://www.sqlite.org/rescode.html
        sqlx::Error::Database(error) => {
            let code = error.code().and_then(|code| code.parse::<u32>().ok());
            code.is_some_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14))
        }
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // Whatever else there is comes back with the same delivery, and would hold up its partition for ever.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        path::Path,
        time::{Duration, UNIX_EPOCH},
    };

    use super::{FORGOTTEN, Known, Store, claim, is_unavailable};

    /// Opens a database that waits for nobody.
    async fn impatient(path: &Path) -> Store {
        Store::open_with(path, Duration::from_millis(50)).await.unwrap()
    }

    async fn claimed(store: &Store, id: &str, requeued: &str) -> Known {
        let mut transaction = store.begin().await.unwrap();
        let known = claim(&mut transaction, id, requeued).await.unwrap();
        transaction.commit().await.unwrap();
        known
    }

    #[tokio::test]
    async fn an_id_is_claimed_once_and_again_when_it_was_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("test.db")).await.unwrap();
        assert_eq!(claimed(&store, "a", "").await, Known::New);
        assert_eq!(claimed(&store, "a", "").await, Known::Done);
        assert_eq!(store.bury("a", "").await.unwrap(), Known::Done);

        assert_eq!(store.bury("b", "").await.unwrap(), Known::New);
        assert_eq!(claimed(&store, "b", "").await, Known::Dead);
        assert_eq!(claimed(&store, "b", "5").await, Known::New);
        assert_eq!(claimed(&store, "b", "").await, Known::Done);
    }

    #[tokio::test]
    async fn what_is_rolled_back_is_not_claimed() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("test.db")).await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        assert_eq!(claim(&mut transaction, "a", "").await.unwrap(), Known::New);
        drop(transaction);
        assert_eq!(claimed(&store, "a", "").await, Known::New);
    }

    #[tokio::test]
    async fn tries_are_counted_until_the_delivery_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("test.db")).await.unwrap();
        assert_eq!(store.begin_again("a").await.unwrap(), (1, "no worker finished it".to_owned()));
        store.note_failure("a", "why").await.unwrap();
        assert_eq!(store.begin_again("a").await.unwrap(), (2, "why".to_owned()));
        assert_eq!(claimed(&store, "a", "").await, Known::New);
        assert_eq!(store.begin_again("a").await.unwrap().0, 1);
        store.note_failure("b", "why").await.unwrap();
        assert_eq!(store.begin_again("b").await.unwrap(), (2, "why".to_owned()));
    }

    #[tokio::test]
    async fn old_deliveries_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("test.db")).await.unwrap();
        assert_eq!(claimed(&store, "old", "").await, Known::New);
        assert_eq!(claimed(&store, "new", "").await, Known::New);
        let old = "UPDATE deliveries SET at = at - 8 * 86400 WHERE id = 'old'";
        sqlx::query(old).execute(&store.pool).await.unwrap();
        let week_ago = UNIX_EPOCH.elapsed().unwrap().as_secs() - 7 * 86400;
        assert_eq!(store.forget(i64::try_from(week_ago).unwrap()).await.unwrap(), 1);
        assert_eq!(claimed(&store, "old", "").await, Known::New);
        assert_eq!(claimed(&store, "new", "").await, Known::Done);
    }

    #[tokio::test]
    async fn so_many_deliveries_are_forgotten_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("test.db")).await.unwrap();
        let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= ?1)
                    INSERT INTO deliveries (id, dead, requeued, at) SELECT i, FALSE, '', 5 FROM n";
        sqlx::query(many).bind(FORGOTTEN).execute(&store.pool).await.unwrap();
        store.begin_again("1").await.unwrap();
        assert_eq!(store.forget(6).await.unwrap(), 1000);
        assert_eq!(store.begin_again("1").await.unwrap().0, 1);
        assert_eq!(store.forget(6).await.unwrap(), 1);
        assert_eq!(store.forget(6).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_try_that_was_none_is_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let (store, other) = (impatient(&path).await, Store::open(&path).await.unwrap());
        for _ in 0..2 {
            assert_eq!(store.begin_again("a").await.unwrap().0, 1);
            let others = other.begin().await.unwrap();
            assert!(is_unavailable(&store.begin().await.unwrap_err()));
            drop(others);
            store.take_back("a").await.unwrap();
        }
        // Neither if the database cannot be told so.
        for _ in 0..2 {
            assert_eq!(store.begin_again("a").await.unwrap().0, 1);
            let others = other.begin().await.unwrap();
            assert!(is_unavailable(&store.take_back("a").await.unwrap_err()));
            drop(others);
        }
        assert_eq!(store.begin_again("a").await.unwrap().0, 1);
        assert_eq!(store.begin_again("a").await.unwrap().0, 2);
    }

    #[tokio::test]
    async fn what_was_given_up_is_not_done() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("test.db")).await.unwrap();
        assert_eq!(claimed(&store, "a", "").await, Known::New);
        assert_eq!(store.bury("b", "").await.unwrap(), Known::New);
        let done = ["a", "b", "c"].map(|id| store.is_done(id));
        assert_eq!(futures_util::future::try_join_all(done).await.unwrap(), [true, false, false]);
    }

    #[tokio::test]
    async fn a_busy_database_is_not_a_packets_fault() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let store = Store::open(&path).await.unwrap();
        let twice = sqlx::query("INSERT INTO tries (id, tries) VALUES ('a', 1), ('a', 1)");
        assert!(!is_unavailable(&twice.execute(&store.pool).await.unwrap_err()));
        // An error of the handler's, too.
        let nothing = sqlx::query("SELECT nothing FROM nowhere");
        assert!(!is_unavailable(&nothing.execute(&store.pool).await.unwrap_err()));

        let other = impatient(&path).await;
        let transaction = store.begin().await.unwrap();
        assert!(is_unavailable(&other.begin().await.unwrap_err()));
        drop(transaction);
        store.close().await;
        assert!(is_unavailable(&store.begin().await.unwrap_err()));
    }
}
