//! A NATS cluster of three servers with JetStream.

use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Process, free_port, tail};

/// Servers of a cluster: with three, one can be missing.
const SERVERS: usize = 3;

/// How long the servers may take to find each other, and to catch up. Most do in ten seconds; but when two of three are
/// started again on a busy machine, they can fail to elect a leader several times in a row.
const WAIT: Duration = Duration::from_secs(240);

/// Three servers, each of which can be killed and started again with the data it had.
#[derive(Debug)]
pub struct NatsCluster {
    servers: Vec<Server>,
    folder: TempDir,
}

#[derive(Debug)]
struct Server {
    process: Option<Process>,
    /// Whether it has been whole since it was started. Under load, it is not at each instant.
    whole: bool,
    configuration: PathBuf,
    client_port: u16,
    monitoring_port: u16,
}

impl NatsCluster {
    /// Starts the servers, and waits until they are one cluster.
    ///
    /// # Panics
    ///
    /// If `nats-server` is not installed, or the servers do not find each other.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// Starts the servers with further lines in the configuration of each.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start).
    #[must_use]
    #[track_caller]
    pub fn start_with(lines: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // For clients, for monitoring, for the other servers.
        let ports = [(); SERVERS].map(|()| [(); 3].map(|()| free_port()));
        let routes: Vec<_> =
            ports.iter().map(|[_, _, cluster]| format!("\"nats://127.0.0.1:{cluster}\"")).collect();
        let servers = ports.iter().enumerate().map(|(number, [client, monitoring, cluster])| {
            let configuration = folder.path().join(format!("{number}.conf"));
            let path = folder.path().display();
            let routes = routes.join(", ");
            let text = format!(
                "server_name: \"{number}\"\n\
                 listen: \"127.0.0.1:{client}\"\n\
                 http: \"127.0.0.1:{monitoring}\"\n\
                 log_file: \"{path}/{number}.log\"\n\
                 jetstream {{ store_dir: \"{path}/{number}\", max_file_store: 4GB, max_memory_store: 64MB }}\n\
                 cluster {{ name: test, listen: \"127.0.0.1:{cluster}\", routes: [{routes}] }}\n\
                 {lines}\n"
            );
            fs::write(&configuration, text).unwrap();
            Server {
                process: None,
                whole: false,
                configuration,
                client_port: *client,
                monitoring_port: *monitoring,
            }
        });
        let mut cluster = Self { servers: servers.collect(), folder };
        for number in 0..SERVERS {
            cluster.servers[number].start();
        }
        cluster.wait_until_whole();
        cluster
    }

    /// URLs of all servers, with commas between them.
    #[must_use]
    pub fn urls(&self) -> String {
        let url = |server: &Server| format!("nats://127.0.0.1:{}", server.client_port);
        self.servers.iter().map(url).collect::<Vec<_>>().join(",")
    }

    /// Numbers of the servers that run.
    #[must_use]
    pub fn running(&self) -> Vec<usize> {
        (0..SERVERS).filter(|number| self.servers[*number].process.is_some()).collect()
    }

    /// Kills a server, as `kill -9` does.
    ///
    /// # Panics
    ///
    /// If there is no such server.
    #[track_caller]
    pub fn kill(&mut self, number: usize) {
        if let Some(mut process) = self.servers[number].process.take() {
            process.kill();
        }
    }

    /// Stops all servers where they are, until they are [resumed](Self::resume): they are there, and say nothing.
    ///
    /// # Panics
    ///
    /// If one of them has ended.
    #[track_caller]
    pub fn pause(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// Lets all servers go on.
    ///
    /// # Panics
    ///
    /// If one of them has ended.
    #[track_caller]
    pub fn resume(&self) {
        self.signal(Signal::SIGCONT);
    }

    #[track_caller]
    fn signal(&self, signal: Signal) {
        self.servers
            .iter()
            .filter_map(|server| server.process.as_ref())
            .for_each(|process| process.signal(signal));
    }

    /// Starts the servers that were killed, and waits until each of them has caught up once.
    ///
    /// # Panics
    ///
    /// If that takes too long, or one of them ends.
    #[track_caller]
    pub fn restart(&mut self) {
        for server in self.servers.iter_mut().filter(|server| server.process.is_none()) {
            server.start();
        }
        self.wait_until_whole();
    }

    /// Number of the server that leads the stream, as the servers that run see it.
    #[must_use]
    pub fn leader(&self, stream: &str) -> Option<usize> {
        self.servers.iter().filter(|server| server.process.is_some()).find_map(|server| {
            let state = server.get("/jsz?streams=true&acc=$G")?.1;
            let streams = state.pointer("/account_details/0/stream_detail")?.as_array()?;
            let stream = streams.iter().find(|detail| detail["name"] == stream)?;
            stream.pointer("/cluster/leader")?.as_str()?.parse().ok()
        })
    }

    /// Waits until the stream has a leader, and returns its number.
    ///
    /// # Panics
    ///
    /// If that takes too long.
    #[must_use]
    #[track_caller]
    pub fn wait_for_leader(&self, stream: &str) -> usize {
        let deadline = Instant::now() + WAIT;
        loop {
            // What a server says right after another's end may be old.
            if let Some(leader) = self.leader(stream).filter(|leader| self.running().contains(leader)) {
                return leader;
            }
            assert!(Instant::now() < deadline, "{}\nno leader of {stream}", self.last_logs());
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// What the servers have logged.
    #[must_use]
    pub fn logs(&self) -> String {
        (0..SERVERS).map(|number| self.log(number)).collect()
    }

    /// What the servers have logged last.
    #[must_use]
    pub fn last_logs(&self) -> String {
        let log = |number| format!("server {number}:\n{}", tail(&self.log(number)));
        (0..SERVERS).map(log).collect()
    }

    fn log(&self, number: usize) -> String {
        fs::read_to_string(self.folder.path().join(format!("{number}.log"))).unwrap_or_default()
    }

    #[track_caller]
    fn wait_until_whole(&mut self) {
        let deadline = Instant::now() + WAIT;
        loop {
            for number in 0..SERVERS {
                let server = &mut self.servers[number];
                server.whole = server.whole || server.is_whole();
                let ended = server.process.as_mut().and_then(|process| process.child().try_wait().unwrap());
                if let Some(status) = ended {
                    panic!("{}\nserver {number} has ended: {status}", self.last_logs());
                }
            }
            let missing: Vec<_> = (0..SERVERS).filter(|number| !self.servers[*number].whole).collect();
            if missing.is_empty() {
                return;
            }
            if Instant::now() > deadline {
                let health = missing.iter().map(|number| (number, self.servers[*number].get("/healthz")));
                let health: Vec<_> = health.collect();
                panic!("{}\nno cluster: {health:?}", self.last_logs());
            }
            thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Server {
    #[track_caller]
    fn start(&mut self) {
        let mut command = Command::new("nats-server");
        command.arg("--config").arg(&self.configuration).stdout(Stdio::null()).stderr(Stdio::null());
        self.process = Some(Process::start(&mut command));
        self.whole = false;
    }

    /// Tells whether the server is part of a cluster with a leader, and has all that it should have.
    fn is_whole(&self) -> bool {
        let whole = || {
            let state = self.get("/jsz")?.1;
            let cluster = state.get("meta_cluster")?;
            let size = cluster.get("cluster_size")?.as_u64()?;
            let led = !cluster.get("leader")?.as_str()?.is_empty();
            Some(led && size == SERVERS as u64 && self.get("/healthz")?.0)
        };
        whole().unwrap_or(false)
    }

    /// Asks the server about itself. Returns whether it answers with 200, and what.
    fn get(&self, path: &str) -> Option<(bool, Value)> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.monitoring_port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1) == Some("200"), serde_json::from_str(body).ok()?))
    }
}
