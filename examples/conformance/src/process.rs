//! A program that runs as long as its test, and what it writes.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::WAIT;

/// Variables that a service or its libraries read. Those of whoever runs the tests must not get in.
const VARIABLES: [&str; 9] = [
    "TRTC_SDK_APP_ID",
    "TRTC_TOKENS",
    "TRTC_TOKEN_FILE",
    "LISTEN",
    "GIFT_LIMIT",
    "FORBIDDEN_WORD",
    "PANIC_WORD",
    "ROOM_LIMIT",
    "RUST_LOG",
];

/// A running program. It is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    stdout: Output,
    stderr: Output,
}

impl Process {
    pub(crate) fn start(program: &str, variables: &[(&str, &str)]) -> Self {
        Self::spawn(Command::new(program), variables)
    }

    /// Starts a program that can have only so many files open at a time.
    pub(crate) fn start_limited(program: &str, variables: &[(&str, &str)], files: u32) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -n \"$1\" && exec \"$2\"", "sh", &files.to_string(), program]);
        Self::spawn(command, variables)
    }

    fn spawn(mut command: Command, variables: &[(&str, &str)]) -> Self {
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command.envs(variables.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        Self { child, stdout: Output::read(stdout), stderr: Output::read(stderr) }
    }

    /// Waits for a line with this text on stdout, and returns it.
    pub(crate) fn wait_for_line(&self, text: &str) -> String {
        let line = self.stdout.wait_for(|line| line.contains(text));
        line.unwrap_or_else(|| {
            panic!("no line with {text:?}\nstdout: {}\nstderr: {}", self.stdout(), self.stderr())
        })
    }

    /// Waits for so many lines with this text on stdout.
    pub(crate) fn wait_for_lines(&self, text: &str, count: usize) {
        let deadline = Instant::now() + WAIT;
        while self.stdout().lines().filter(|line| line.contains(text)).count() < count {
            assert!(Instant::now() < deadline, "not {count} times {text:?}\nstdout: {}", self.stdout());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Returns how many bytes of memory it has, as far as the system tells.
    pub(crate) fn memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let size = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        Some(size.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
    }

    /// Sends it a signal, by name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success(), "no signal {name}");
    }

    /// Waits until it exits, and until all that it wrote is read.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + WAIT;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "it does not stop\nstdout: {}", self.stdout());
            thread::sleep(Duration::from_millis(10));
        };
        self.stdout.finish();
        self.stderr.finish();
        status
    }

    pub(crate) fn stdout(&self) -> String {
        self.stdout.text()
    }

    pub(crate) fn stderr(&self) -> String {
        self.stderr.text()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail for a program that has ended, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a program has written to a pipe so far, read by a thread lest the program wait for us.
struct Output {
    lines: Arc<(Mutex<Vec<String>>, Condvar)>,
    reader: Option<JoinHandle<()>>,
}

impl Output {
    fn read(pipe: impl Read + Send + 'static) -> Self {
        let lines = Arc::new((Mutex::new(Vec::new()), Condvar::new()));
        let shared = Arc::clone(&lines);
        let reader = thread::spawn(move || {
            for line in BufReader::new(pipe).lines() {
                shared.0.lock().unwrap().push(line.unwrap());
                shared.1.notify_all();
            }
        });
        Self { lines, reader: Some(reader) }
    }

    fn wait_for(&self, wanted: impl Fn(&str) -> bool) -> Option<String> {
        let find = |lines: &[String]| lines.iter().find(|line| wanted(line)).cloned();
        let lines = self.lines.0.lock().unwrap();
        let (lines, _) = self.lines.1.wait_timeout_while(lines, WAIT, |lines| find(lines).is_none()).unwrap();
        find(&lines)
    }

    fn finish(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
    }

    fn text(&self) -> String {
        self.lines.0.lock().unwrap().join("\n")
    }
}
