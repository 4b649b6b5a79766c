//! PostgreSQL.

use std::{
    env, fs,
    net::{Ipv4Addr, TcpStream},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, User, geteuid},
};
use tempfile::TempDir;

use crate::{Process, free_port};

/// How long it may take to start. A busy machine needs seconds.
const START: Duration = Duration::from_secs(60);

/// A server with one database, which whoever knows the port may use.
#[derive(Debug)]
pub struct Postgres {
    process: Option<Process>,
    port: u16,
    folder: TempDir,
}

impl Postgres {
    /// Makes a database in a temporary folder, and starts the server.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        Self::start_in(&env::temp_dir())
    }

    /// Does the same with the temporary folder in this one, where the disk is that is to be measured.
    #[must_use]
    #[track_caller]
    pub fn start_in(parent: &Path) -> Self {
        let folder = TempDir::new_in(parent).unwrap();
        if let Some(user) = servant() {
            chown(folder.path(), Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
        }
        let mut initdb = command("initdb");
        initdb.args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "-D",
        ]);
        let made = initdb.arg(folder.path().join("data")).stdout(Stdio::null()).status();
        assert!(made.as_ref().is_ok_and(std::process::ExitStatus::success), "{initdb:?}: {made:?}");
        let mut postgres = Self { process: None, port: free_port(), folder };
        postgres.resume();
        postgres
    }

    /// What a client connects to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Kills the server and every process of its own at once. What it has written is with the system then, so that this does not show whether it
    /// was synced.
    #[track_caller]
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            signal_all(&process, Signal::SIGKILL);
            process.kill();
        }
    }

    /// Stops the server and every process of its own, so that its connections stay open and nothing answers.
    #[track_caller]
    pub fn freeze(&self) {
        self.process.iter().for_each(|process| signal_all(process, Signal::SIGSTOP));
    }

    /// Lets the server go on.
    #[track_caller]
    pub fn thaw(&self) {
        self.process.iter().for_each(|process| signal_all(process, Signal::SIGCONT));
    }

    /// Starts the server again, on the same port and with the same data.
    #[track_caller]
    pub fn resume(&mut self) {
        let deadline = Instant::now() + START;
        while !self.try_resume() {
            assert!(Instant::now() < deadline, "PostgreSQL does not start");
            // What was killed may still hold its memory.
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Returns whether it has started; not if it has given up.
    fn try_resume(&mut self) -> bool {
        let mut postgres = command("postgres");
        postgres.arg("-D").arg(self.folder.path().join("data")).args(["-p", &self.port.to_string()]);
        postgres.args(["-h", "127.0.0.1", "-c", "unix_socket_directories="]);
        let log = fs::File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        postgres.stdout(Stdio::null()).stderr(log).stdin(Stdio::null());
        let mut process = Process::start(&mut postgres);
        let deadline = Instant::now() + START;
        while Instant::now() < deadline {
            if process.child().try_wait().unwrap().is_some() {
                return false;
            }
            if self.is_ready() {
                self.process = Some(process);
                return true;
            }
            thread::sleep(Duration::from_millis(20));
        }
        false
    }

    fn is_ready(&self) -> bool {
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok()
            && command("pg_isready")
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status()
                .is_ok_and(|status| status.success())
    }

    /// Runs a statement, and returns what it prints: a line for each row, with `|` between columns.
    #[must_use]
    #[track_caller]
    pub fn query(&self, sql: &str) -> String {
        let output =
            command("psql").args(["-X", "-q", "-A", "-t", "-d", &self.url(), "-c", sql]).output().unwrap();
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a signal to the server and to every process of its own. They have sessions of their own, too.
#[track_caller]
fn signal_all(process: &Process, signal: Signal) {
    let id = process.id();
    // So that it starts no others.
    process.signal(Signal::SIGSTOP);
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
    for child in children.split_whitespace() {
        // Fails for one that has ended meanwhile.
        let _ = kill(Pid::from_raw(child.parse().unwrap()), signal);
    }
    process.signal(signal);
}

/// The user that runs the server for root, whom it refuses.
fn servant() -> Option<User> {
    geteuid().is_root().then(|| {
        let named = |name| User::from_name(name).unwrap();
        named("postgres").or_else(|| named("nobody")).unwrap()
    })
}

/// A program of the server's. Debian keeps them out of the path, in a folder for each version.
fn command(name: &str) -> Command {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let program = folders.iter().rev().map(|folder| folder.join(name)).find(|program| program.exists());
    let mut command = Command::new(program.unwrap_or_else(|| name.into()));
    if let Some(user) = servant() {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        command.current_dir(env::temp_dir());
    }
    // What the tests' own environment says is for others.
    for (variable, _) in env::vars_os() {
        if variable.to_string_lossy().starts_with("PG") {
            command.env_remove(variable);
        }
    }
    command
}
