//! The servers that are measured: the example, and a bare axum handler.

use std::{
    env, fs,
    fs::File,
    net::SocketAddr,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, routing::post};
use tempfile::TempDir;
use test_servers::{Postgres, Process};

use crate::load::{APP, BoxError, TOKEN};

/// Key of the console.
pub(crate) const KEY: &str = "the-key-of-the-console";

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// A moderation server with an empty database of its own.
pub(crate) struct Server {
    pub(crate) webhook: SocketAddr,
    pub(crate) console: SocketAddr,
    _process: Process,
    postgres: Option<Postgres>,
    _folder: TempDir,
}

impl Server {
    pub(crate) fn start(kind: Kind) -> Result<Self, BoxError> {
        // Not in a temporary folder of the system's, which may be in memory.
        let target = target()?;
        let folder = TempDir::new_in(&target)?;
        let postgres = (kind == Kind::Postgres).then(|| Postgres::start_in(&target));
        let log = folder.path().join("log");
        let mut command = Command::new(target.join("example-moderation"));
        command
            .env("MODERATION_WEBHOOK_LISTEN", "127.0.0.1:0")
            .env("MODERATION_CONSOLE_LISTEN", "127.0.0.1:0")
            .env("MODERATION_APPS", format!("{{{APP}=[\"{TOKEN}\"]}}"))
            .env("MODERATION_API_KEYS", format!("{{bench=\"{KEY}\"}}"))
            .env_remove("DATABASE_URL")
            .current_dir(folder.path())
            .stdout(File::create(&log)?);
        if let Some(postgres) = &postgres {
            command.env("DATABASE_URL", postgres.url());
        }
        let process = Process::start(&mut command);
        let listening = |span: &str| -> Result<SocketAddr, BoxError> {
            let began = Instant::now();
            loop {
                let log = fs::read_to_string(&log)?;
                let mut lines = log.lines().filter(|line| line.contains(span));
                if let Some((_, address)) = lines.find_map(|line| line.rsplit_once("listening address=")) {
                    return Ok(address.parse()?);
                }
                if began.elapsed() > Duration::from_secs(30) {
                    return Err(format!("the server does not start: {log}").into());
                }
                thread::sleep(Duration::from_millis(10));
            }
        };
        let (webhook, console) = (listening(" webhook: ")?, listening(" console: ")?);
        Ok(Self { webhook, console, _process: process, postgres, _folder: folder })
    }

    /// Has PostgreSQL do now what it would else do at some time: what earlier rounds left to autovacuum and to the checkpointer is
    /// not to run within the next one of any server. SQLite leaves nothing for later.
    pub(crate) fn settle(&self) {
        if let Some(postgres) = &self.postgres {
            let _ = postgres.query("VACUUM (ANALYZE)");
            let _ = postgres.query("CHECKPOINT");
        }
    }
}

/// Builds the example as this program was built.
pub(crate) fn build() -> Result<(), BoxError> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--package", "example-moderation"]).stdin(Stdio::null());
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    if build.status()?.success() { Ok(()) } else { Err("the example does not build".into()) }
}

/// The folder of built programs.
fn target() -> Result<PathBuf, BoxError> {
    Ok(env::current_exe()?.parent().ok_or("no folder of programs")?.to_owned())
}

/// A handler that reads the body and answers a constant, in a process of its own.
pub(crate) fn start_bare() -> Result<(Process, SocketAddr), BoxError> {
    let folder = TempDir::new()?;
    let address = folder.path().join("address");
    let process = Process::start(Command::new(env::current_exe()?).arg("--bare").arg(&address));
    let began = Instant::now();
    loop {
        if let Ok(address) = fs::read_to_string(&address).unwrap_or_default().parse() {
            return Ok((process, address));
        }
        if began.elapsed() > Duration::from_secs(30) {
            return Err("the bare handler does not start".into());
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// Answers everything at once, and writes into the file where.
pub(crate) async fn serve_bare(file: PathBuf) -> Result<(), BoxError> {
    async fn constant(_body: Bytes) -> &'static str {
        r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#
    }

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    fs::write(file, listener.local_addr()?.to_string())?;
    axum::serve(listener, Router::new().route("/im-callback", post(constant))).await?;
    Ok(())
}
