//! The programs that are measured.

use std::{
    convert::Infallible,
    env,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use axum::Router;
use example_service::{Stop, serve};
use hyper_util::service::TowerToHyperService;
use tempfile::TempDir;
use test_servers::{NatsCluster, Process, free_port};
use trtc_live_webhook::{Handler, Receiver, SdkAppId, Webhook};

pub(crate) const OURS: SdkAppId = SdkAppId::new(1_400_000_000);

pub(crate) const PARTITIONS: u32 = 16;

/// Argument that makes this program the service without a queue.
pub(crate) const CONSTANT: &str = "--answer-without-publishing";

/// A running service.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) address: SocketAddr,
    _process: Process,
    folder: Option<TempDir>,
}

impl Program {
    pub(crate) fn front_door(cluster: &NatsCluster) -> Self {
        let mut command = example(cluster);
        command.arg("front-door").env("TRTC_SDK_APP_ID", OURS.to_string()).env("RUST_LOG", "error");
        Self::listening(command)
    }

    pub(crate) fn constant() -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.arg(CONSTANT);
        Self::listening(command)
    }

    fn listening(mut command: Command) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        command.env("LISTEN", address.to_string()).stdout(Stdio::null());
        let process = Process::start(&mut command);
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "nothing listens");
            sleep(Duration::from_millis(20));
        }
        Self { address, _process: process, folder: None }
    }

    /// Bytes of a worker's database.
    pub(crate) fn database_size(&self) -> u64 {
        let folder = self.folder.as_ref().unwrap();
        let size = |name| std::fs::metadata(folder.path().join(name)).map_or(0, |file| file.len());
        size("statistics.db") + size("statistics.db-wal")
    }

    pub(crate) fn worker(cluster: &NatsCluster) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = example(cluster);
        command.args(["worker", "--database"]).arg(folder.path().join("statistics.db"));
        command.env("RUST_LOG", "error").stdout(Stdio::null());
        let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self { address: nowhere, _process: Process::start(&mut command), folder: Some(folder) }
    }
}

/// Creates the streams.
pub(crate) fn create(cluster: &NatsCluster, replicas: usize) {
    let mut command = example(cluster);
    command.args(["create", "--max-bytes", "400000000", "--replicas", &replicas.to_string()]);
    command.args(["--partitions", &PARTITIONS.to_string()]).stdout(Stdio::null());
    assert!(command.status().unwrap().success());
}

fn example(cluster: &NatsCluster) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_example-jetstream"));
    command.env_clear().env("NATS_URL", cluster.urls()).stdin(Stdio::null());
    command
}

/// Acknowledges everything.
struct Nothing;

impl Handler for Nothing {
    type Error = Infallible;
}

/// Serves as the front door does, with the same server and the same checks, and keeps nothing.
pub(crate) fn answer_without_publishing() {
    let listener = TcpListener::bind(env::var("LISTEN").unwrap()).unwrap();
    listener.set_nonblocking(true).unwrap();
    let webhook = Webhook::new(Receiver::new(OURS), Nothing);
    let router = Router::new().route_service("/webhook", webhook);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        serve(listener, TowerToHyperService::new(router), Stop::on_signal().unwrap()).await.unwrap();
    });
}
