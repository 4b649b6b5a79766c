//! Everything at once: the servers, two front doors, two workers, a database.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use async_nats::jetstream::{Context, context::ContextBuilder};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;
use test_servers::{NatsCluster, free_port, tail};
use trtc_live_webhook::{SdkAppId, Token};

use crate::{
    ledger::Effects,
    program::{Service, WAIT, command, run, run_well},
};

pub(crate) const OURS: SdkAppId = SdkAppId::new(1_400_000_000);

const TOKEN: &str = "xxxxyyyy";

/// What a service writes when it is ready.
pub(crate) const LISTENING: &str = "publishing partitions=";
pub(crate) const PROCESSING: &str = "processing partitions=";

pub(crate) struct System {
    pub(crate) doors: Vec<Service>,
    pub(crate) workers: Vec<Service>,
    pub(crate) cluster: NatsCluster,
    addresses: Vec<SocketAddr>,
    folder: TempDir,
    password: &'static str,
    // Another cluster beside this one would take its time.
    _alone: MutexGuard<'static, ()>,
}

impl System {
    /// Starts the servers, and creates the streams.
    pub(crate) fn with_streams(arguments: &[&str]) -> Self {
        Self::with_servers(NatsCluster::start, "", arguments)
    }

    /// The same with servers that know the users `admin`, `door` and `work`, with what the README gives them.
    pub(crate) fn with_users() -> Self {
        let readme = include_str!("../../README.md");
        let rights = readme.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let users = format!(
            "{rights}authorization {{ users = [ {{ user: admin, password: hush }}
             {{ user: door, password: hush, permissions: $front_door }}
             {{ user: work, password: hush, permissions: $worker }} ] }}"
        );
        Self::with_servers(|| NatsCluster::start_with(&users), "hush", &["--duplicate-window", "1"])
    }

    fn with_servers(start: impl FnOnce() -> NatsCluster, password: &'static str, arguments: &[&str]) -> Self {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let (cluster, folder) = (start(), tempfile::tempdir().unwrap());
        let mut all = vec!["create", "--partitions", "8", "--ack-wait", "4"];
        all.extend(arguments);
        let system = Self {
            doors: Vec::new(),
            workers: Vec::new(),
            cluster,
            addresses: Vec::new(),
            folder,
            password,
            _alone: alone,
        };
        run_well(&system.urls("admin"), &all);
        system
    }

    /// URLs of the servers, with a user if they know any.
    pub(crate) fn urls(&self, user: &str) -> String {
        match self.password {
            "" => self.cluster.urls(),
            password => self.cluster.urls().replace("nats://", &format!("nats://{user}:{password}@")),
        }
    }

    /// Starts everything.
    pub(crate) fn start() -> Self {
        let mut system = Self::with_streams(&[]);
        for _ in 0..2 {
            system.add_door(&[]);
            system.add_worker(&[]);
        }
        system
    }

    /// Uses the servers as no command of the program does.
    pub(crate) fn with_context<T>(&self, use_it: impl AsyncFnOnce(Context) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let servers: Vec<_> = self.cluster.urls().split(',').map(str::to_owned).collect();
            let client = async_nats::connect(servers).await.unwrap();
            use_it(ContextBuilder::new().timeout(WAIT / 4).build(client)).await
        })
    }

    pub(crate) fn add_door(&mut self, arguments: &[&str]) {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let mut all = vec!["front-door"];
        all.extend(arguments);
        let mut command = command(&self.urls("door"), &all);
        command.env("TRTC_SDK_APP_ID", OURS.to_string()).env("TRTC_TOKENS", TOKEN);
        command.env("LISTEN", address.to_string()).env("GIFT_LIMIT", "1000");
        let log = self.folder.path().join(format!("front-door-{}", self.doors.len()));
        self.doors.push(Service::start(command, &log, LISTENING));
        self.addresses.push(address);
    }

    pub(crate) fn add_worker(&mut self, arguments: &[&str]) {
        let mut all = vec!["worker", "--back-off", "100"];
        all.extend(arguments);
        let mut command = command(&self.urls("work"), &all);
        command.env("DATABASE", self.database());
        let log = self.folder.path().join(format!("worker-{}", self.workers.len()));
        self.workers.push(Service::start(command, &log, PROCESSING));
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("statistics.db")
    }

    /// Writes into the database as no command of the program does.
    pub(crate) fn write(&self, statement: &str, id: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let url = format!("sqlite://{}", self.database().display());
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            sqlx::query(statement).bind(id).execute(&mut connection).await.unwrap();
        });
    }

    pub(crate) fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    pub(crate) fn token() -> Token {
        Token::new(TOKEN).unwrap()
    }

    /// Waits until the workers have processed all that is stored.
    #[track_caller]
    pub(crate) fn wait_until_idle(&self) {
        let deadline = Instant::now() + 2 * WAIT;
        let mut idle = 0;
        // Several times in a row: a server that has just been elected may not know all yet.
        while idle < 4 {
            let output = run(&self.urls("admin"), &["lag"]);
            let text = String::from_utf8(output.stdout).unwrap()
                + String::from_utf8(output.stderr).unwrap().as_str();
            let mut rows = text.lines().skip(1).take(8);
            let in_work = rows.any(|row| row.split_whitespace().nth(2) != Some("0"));
            idle = if text.contains("\n0 waiting; ") && !in_work { idle + 1 } else { 0 };
            assert!(Instant::now() < deadline, "{}\nnot idle:\n{text}", self.last_logs());
            thread::sleep(Duration::from_millis(500));
        }
    }

    /// Stops the front doors and workers, which must end well, and returns what is in the database.
    #[track_caller]
    pub(crate) fn stop(mut self) -> Effects {
        for service in self.doors.iter_mut().chain(&mut self.workers) {
            // Some tests have stopped it.
            if service.is_running() {
                service.stop();
            }
        }
        Effects::read(&self.database())
    }

    pub(crate) fn logs(&self) -> String {
        self.doors.iter().chain(&self.workers).map(Service::log).collect()
    }

    /// What everything has logged last.
    pub(crate) fn last_logs(&self) -> String {
        let log = |(name, service): (&str, &Service)| format!("{name}:\n{}", tail(&service.log()));
        let doors = self.doors.iter().map(|door| ("front door", door));
        let services: String =
            doors.chain(self.workers.iter().map(|worker| ("worker", worker))).map(log).collect();
        self.cluster.last_logs() + services.as_str()
    }
}
