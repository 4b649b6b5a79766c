//! A program that runs as long as its test, and what it writes.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::WAIT;

/// Variables that a service or its libraries read. Those of whoever runs the tests must not get in.
const VARIABLES: [&str; 7] =
    ["TRTC_SDK_APP_ID", "TRTC_TOKENS", "LISTEN", "GIFT_LIMIT", "FORBIDDEN_WORD", "ROOM_LIMIT", "RUST_LOG"];

/// A running program. It is killed when this is dropped.
pub(crate) struct Process {
    child: Child,
    stdout: Output,
    stderr: Output,
}

impl Process {
    pub(crate) fn start(program: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program);
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
