//! Instances and databases that are killed under load, and disks that are full.

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use sqlx::Connection;
use tokio::{sync::RwLock, task::JoinHandle, time::sleep};
use trtc_live_webhook::event::message::Element;

use crate::{
    Database,
    server::{Server, from_client, message, signed},
    with_either_database,
};

with_either_database! {
    a_killed_instance_loses_nothing_that_it_answered
}

/// Users who send messages all the time, and note those that were answered "held".
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    noted: Arc<Noted>,
    senders: Vec<JoinHandle<()>>,
}

#[derive(Default)]
pub(crate) struct Noted {
    held: Mutex<HashSet<String>>,
    refused: AtomicU64,
    slowest: Mutex<Duration>,
}

impl Load {
    /// Starts to send to the server, which may be replaced. Senders survive it.
    pub(crate) fn start(server: &Arc<RwLock<Server>>, name: &str) -> Self {
        let (stop, noted) = (Arc::new(AtomicBool::new(false)), Arc::new(Noted::default()));
        let spawn = |sender: usize| {
            let (server, stop, noted) = (Arc::clone(server), Arc::clone(&stop), Arc::clone(&noted));
            let name = format!("{name} {sender}");
            tokio::spawn(async move {
                for number in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let text = format!("{name} {number}");
                    let event = message("room", "alice", [Element::text(text.as_str())]);
                    let began = Instant::now();
                    let answer = server.read().await.try_post(&signed(from_client(event))).await;
                    match answer {
                        Ok(answer) if answer.is_held() => drop(noted.held.lock().unwrap().insert(text)),
                        Ok(answer) => {
                            answer.assert_forbidden();
                            noted.refused.fetch_add(1, Ordering::Relaxed);
                            let mut slowest = noted.slowest.lock().unwrap();
                            *slowest = began.elapsed().max(*slowest);
                        }
                        // Killed.
                        Err(_) => sleep(Duration::from_millis(5)).await,
                    }
                }
            })
        };
        let senders = (0..16).map(spawn).collect();
        Self { stop, noted, senders }
    }

    pub(crate) fn held(&self) -> usize {
        self.noted.held.lock().unwrap().len()
    }

    fn refused(&self) -> u64 {
        self.noted.refused.load(Ordering::Relaxed)
    }

    /// Demands that no refusal took longer than a hanging database would make it take. The deadline of 1.5 seconds is the
    /// crate's; on a machine with more to do than it can, it is seen later.
    #[track_caller]
    fn assert_in_time(&self) {
        let slowest = *self.noted.slowest.lock().unwrap();
        assert!(slowest < Duration::from_secs(10), "{slowest:?}");
    }

    async fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !is_so(self) {
            assert!(Instant::now() < deadline, "not {what}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) async fn until_held(&self, more: usize) {
        let before = self.held();
        self.until("held", |load| load.held() >= before + more).await;
    }

    /// Ends, and demands that everything that was answered "held" is in the list.
    pub(crate) async fn assert_nothing_lost(self, server: &Server) {
        self.stop.store(true, Ordering::Relaxed);
        for sender in self.senders {
            sender.await.unwrap();
        }
        let mut listed = HashSet::new();
        for page in 1.. {
            let (_, data) = server.list("room", page, 100).await;
            if data.is_empty() {
                break;
            }
            listed.extend(data.iter().map(|record| record["Content"].as_str().unwrap().to_owned()));
        }
        let held = self.noted.held.lock().unwrap();
        let lost: Vec<_> = held.difference(&listed).collect();
        assert!(lost.is_empty(), "{} of {} lost: {lost:?}", lost.len(), held.len());
    }
}

async fn a_killed_instance_loses_nothing_that_it_answered(database: &Database) {
    let server = Arc::new(RwLock::new(Server::start(database).await));
    let load = Load::start(&server, "load");
    for _ in 0..3 {
        load.until_held(200).await;
        // While requests are under way.
        server.read().await.signal(Signal::SIGKILL);
        let mut server = server.write().await;
        server.kill();
        *server = Server::start(database).await;
    }
    load.until_held(200).await;
    load.assert_nothing_lost(&*server.read().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn a_killed_database_loses_nothing_that_was_answered() {
    let mut database = Database::postgres();
    let server = Arc::new(RwLock::new(Server::start(&database).await));
    let load = Load::start(&server, "load");
    for _ in 0..2 {
        load.until_held(200).await;
        let refused = load.refused();
        let Database::Postgres(postgres) = &mut database else { unreachable!() };
        postgres.kill();
        // Away, and that is a refusal, in time.
        load.until("refused", |load| load.refused() > refused + 50).await;
        let seen = server.read().await;
        seen.until("noticed", async || seen.get("/ready").await.status == 503).await;
        drop(seen);
        let stats = server.read().await.get("/moderation/stats").await;
        assert_eq!(stats.json(503)["ErrorCode"], 503);
        postgres.resume();
    }
    load.until_held(200).await;
    load.assert_in_time();
    let server = server.read().await;
    server.until("ready", async || server.get("/ready").await.status == 200).await;
    let refused = load.refused();
    let counted: f64 = {
        let mut counted = 0.0;
        for failure in
            ["database", "database_late", "no_connection", "toggles_stale", "deadline", "overloaded"]
        {
            counted += server.metric(&format!("moderation_failures_total{{failure=\"{failure}\"}}")).await;
        }
        counted
    };
    assert!(counted >= refused as f64, "{counted}");
    assert!(server.log().contains("messages not stored"), "{}", server.log());
    load.assert_nothing_lost(&server).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn a_database_that_does_not_answer_is_refused_in_time() {
    let database = Database::postgres();
    let Database::Postgres(postgres) = &database else { unreachable!() };
    let server = Arc::new(RwLock::new(Server::start(&database).await));
    let load = Load::start(&server, "load");
    load.until_held(200).await;
    // Connected, and silent.
    let refused = load.refused();
    postgres.freeze();
    load.until("refused", |load| load.refused() > refused + 50).await;
    postgres.thaw();
    load.until_held(200).await;

    // Every connection waits for a lock that somebody has.
    let mut other = sqlx::PgConnection::connect(&postgres.url()).await.unwrap();
    let mut lock = other.begin().await.unwrap();
    sqlx::query("LOCK TABLE message, room_count IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    let refused = load.refused();
    load.until("refused", |load| load.refused() > refused + 50).await;
    // What needs no lock is answered.
    let seen = server.read().await;
    seen.until("ready", async || seen.get("/ready").await.status == 200).await;
    drop(seen);
    lock.rollback().await.unwrap();
    load.until_held(200).await;
    load.assert_in_time();
    let decided = load.held() as u64 + load.refused();
    // Those that were dropped at the deadline, too.
    let timed = server.read().await.metric("moderation_answer_seconds_count").await;
    assert!(timed >= decided as f64, "{timed} of {decided}");
    load.assert_nothing_lost(&*server.read().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_until_there_is_room() {
    let database = Database::sqlite();
    let limit = ("MODERATION_DATABASE_MAX_MIB", "1");
    let server = Server::start_with(&database, &[limit]).await;
    let text = "x".repeat(10_000);
    let mut held = 0;
    loop {
        let answer = server.send("room", "alice", &text).await;
        if !answer.is_held() {
            answer.assert_forbidden();
            break;
        }
        held += 1;
        assert!(held < 200, "it is not full");
    }
    assert!(held > 20, "{held}");
    assert!(server.metric("moderation_failures_total{failure=\"database\"}").await >= 1.0);
    assert!(server.log().contains("database or disk is full"), "{}", server.log());
    drop(server);
    let server = Server::start_with(&database, &[limit, ("MODERATION_KEEP", "1s")]).await;
    // Old records go, and nobody has to do anything else.
    let is_held = async || server.send("room", "alice", &text).await.is_held();
    server.until("room", is_held).await;
    assert!(server.metric("moderation_swept_total").await > 0.0);
}

/// Not the same as above: what fails is the commit, after which SQLite has ended the transaction by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_after_a_commit_that_failed() {
    let database = Database::sqlite();
    // Files of the process may have half a MiB, until somebody lets them grow.
    let server = Server::start_in(&database, "trap '' XFSZ; ulimit -S -f 1000; exec \"$0\"").await;
    let text = |number: usize| format!("{number} {}", "x".repeat(8_000));
    let mut held = Vec::new();
    let mut refused = 0;
    for number in 0.. {
        let answer = server.send("room", "alice", &text(number)).await;
        if answer.is_held() {
            held.push(text(number));
        } else {
            answer.assert_forbidden();
            refused += 1;
        }
        if refused == 5 {
            break;
        }
        assert!(number < 1000, "nothing is refused");
    }
    assert!(held.len() > 10, "{}", held.len());
    server.lift_file_limit();
    server.until("room", async || server.send("room", "alice", "again").await.is_held()).await;
    for number in 1000..1010 {
        server.send("room", "alice", &text(number)).await.assert_held();
        held.push(text(number));
    }
    drop(server);

    let server = Server::start(&database).await;
    let mut listed = HashSet::new();
    for page in 1.. {
        let (_, data) = server.list("room", page, 100).await;
        if data.is_empty() {
            break;
        }
        listed.extend(data.iter().map(|record| record["Content"].as_str().unwrap().to_owned()));
    }
    let lost = held.iter().filter(|text| !listed.contains(*text)).count();
    assert_eq!(lost, 0, "of {}", held.len());
}
