//! The program under test: one process of it, and what it writes.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use reqwest::blocking::Client;
use test_servers::{Process, tail};

/// Longest time that anything takes on a busy machine, where servers that start again elect a leader several times.
pub(crate) const WAIT: Duration = Duration::from_secs(240);

/// Makes a command of the program, without the settings of whoever runs the tests.
pub(crate) fn command(nats: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_example-jetstream"));
    command.env_clear().env("NATS_URL", nats).args(arguments).stdin(Stdio::null());
    command
}

/// Runs the program to its end.
pub(crate) fn run(nats: &str, arguments: &[&str]) -> Output {
    command(nats, arguments).output().unwrap()
}

/// Runs the program to its end, which must be a good one, and returns what it wrote to stdout.
#[track_caller]
pub(crate) fn run_well(nats: &str, arguments: &[&str]) -> String {
    let output = run_in_time(|| command(nats, arguments));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command to its end, and again if the servers were too slow for it, as whoever operates them would: unless it
/// has begun to put dead letters back, of which each run counts its own.
pub(crate) fn run_in_time(command: impl Fn() -> Command) -> Output {
    let deadline = Instant::now() + WAIT;
    loop {
        let mut command = command();
        let output = command.output().unwrap();
        let is_late = String::from_utf8_lossy(&output.stderr).contains("timed out");
        let has_begun = !output.stdout.is_empty() && command.get_args().next() == Some("requeue".as_ref());
        if !is_late || has_begun || Instant::now() > deadline {
            return output;
        }
        thread::sleep(Duration::from_millis(500));
    }
}

/// Reads the metrics that a service has at an address.
#[track_caller]
pub(crate) fn metrics(address: &str) -> String {
    let client = Client::builder().no_proxy().timeout(WAIT).build().unwrap();
    client.get(format!("http://{address}/metrics")).send().unwrap().text().unwrap()
}

/// Returns the number behind a name, or 0 if the service has not counted yet.
#[track_caller]
pub(crate) fn metric(address: &str, name: &str) -> u64 {
    let text = metrics(address);
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.map_or(0, |number| number.trim().parse().unwrap())
}

/// Waits until something is so.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + WAIT;
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

/// A front door or a worker.
pub(crate) struct Service {
    command: Command,
    log: PathBuf,
    process: Process,
}

impl Service {
    /// Starts it, and waits until it has written a text.
    #[track_caller]
    pub(crate) fn start(mut command: Command, log: &Path, ready: &str) -> Self {
        command.stdout(File::options().create(true).append(true).open(log).unwrap());
        command.stderr(File::options().create(true).append(true).open(log).unwrap());
        let process = Process::start(&mut command);
        let mut service = Self { command, log: log.to_owned(), process };
        service.wait_for(ready, 1);
        service
    }

    /// Waits until it has written a text so many times.
    #[track_caller]
    fn wait_for(&mut self, text: &str, times: usize) {
        let deadline = Instant::now() + WAIT;
        while self.log().matches(text).count() < times {
            let ended = self.process.child().try_wait().unwrap();
            let may_come = ended.is_none() && Instant::now() < deadline;
            assert!(may_come, "{}\nnot {times} times {text:?}; ended: {ended:?}", tail(&self.log()));
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Kills it, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    /// Starts it again after its end.
    #[track_caller]
    pub(crate) fn restart(&mut self, ready: &str) {
        let times = self.log().matches(ready).count() + 1;
        // What the command was started with stays with it.
        self.command.stdout(File::options().append(true).open(&self.log).unwrap());
        self.command.stderr(File::options().append(true).open(&self.log).unwrap());
        self.process = Process::start(&mut self.command);
        self.wait_for(ready, times);
    }

    /// Asks it to stop, and waits until it has, well.
    #[track_caller]
    pub(crate) fn stop(&mut self) {
        self.process.signal(nix::sys::signal::Signal::SIGTERM);
        let status = self.process.wait(WAIT);
        assert!(status.success(), "{}\n{status}", tail(&self.log()));
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.process.child().try_wait().unwrap().is_none()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}
