//! The program, listening.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use reqwest::header;
use serde_json::{Value, json};
use trtc_live_webhook::{Event, Token, UnixSeconds, event::message, samples::Request};

use crate::service::OURS;

pub(crate) const TOKEN: &str = "a-token-that-nobody-shall-see";

/// How long anything may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// `trtc-live listen` on a port of its own, until it is dropped.
pub(crate) struct Listening {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    /// Where deliveries go, without a path.
    pub(crate) origin: String,
    /// Where the page is, without a path.
    pub(crate) page: String,
}

impl Listening {
    /// Starts it with a token, and with these arguments besides.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_in(&[("TRTC_TOKEN", TOKEN)], arguments)
    }

    pub(crate) fn start_in(environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        let mut command = command();
        command.arg("listen").args(arguments).envs(environment.iter().copied());
        for address in ["--bind", "--page"].into_iter().filter(|address| !arguments.contains(address)) {
            command.args([address, "127.0.0.1:0"]);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (all, output) = (Arc::clone(&lines), BufReader::new(child.stdout.take().unwrap()));
        thread::spawn(move || {
            output.lines().map_while(Result::ok).for_each(|line| all.lock().unwrap().push(line));
        });
        let mut listening = Self { child, lines, origin: String::new(), page: String::new() };
        let line = listening.wait_for_line("webhook  ");
        listening.origin.push_str(line.trim_start_matches("webhook  ").trim_end_matches("/webhook"));
        let line = listening.wait_for_line("page     ");
        listening.page.push_str(line.trim_start_matches("page     ").trim_end_matches('/'));
        listening
    }

    pub(crate) fn webhook(&self) -> String {
        format!("{}/webhook", self.origin)
    }

    pub(crate) fn output(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }

    /// Waits until a line holds this text, and returns it.
    #[track_caller]
    pub(crate) fn wait_for_line(&self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(line) = self.lines.lock().unwrap().iter().find(|line| line.contains(text)) {
                return line.clone();
            }
            assert!(Instant::now() < deadline, "no {text:?} in\n{}", self.output());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it as a service manager does, and waits until it is gone.
    #[cfg(unix)]
    pub(crate) fn stop(&mut self) -> i32 {
        let id = nix::unistd::Pid::from_raw(self.id().try_into().unwrap());
        nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM).unwrap();
        self.child.wait().unwrap().code().unwrap()
    }

    /// Ends it in order where that can be asked for, so that all it has to write is written.
    #[track_caller]
    pub(crate) fn end(&mut self) {
        #[cfg(unix)]
        assert_eq!(self.stop(), 0);
        #[cfg(not(unix))]
        self.child.kill().unwrap();
    }

    /// Sends an exchange again, as a click on the page does, and returns the status.
    pub(crate) async fn replay(&self, id: usize) -> u16 {
        let post = client().post(format!("{}/-/replay", self.page));
        let post =
            post.header(header::CONTENT_TYPE, "application/json").body(json!({ "id": id }).to_string());
        post.send().await.unwrap().status().as_u16()
    }

    /// Opens a connection to the webhook.
    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(self.origin.trim_start_matches("http://")).unwrap()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Posts a signed request, and returns status and body.
    pub(crate) async fn post(&self, request: &Request) -> (u16, String) {
        let url = request.url(&self.webhook().parse().unwrap());
        let response = client().post(url).body(request.body().to_vec()).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    pub(crate) async fn tell(&self, event: impl Into<Event>) -> (u16, String) {
        self.post(&signed(Request::new(OURS, event))).await
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // Fails for a program that has ended, which is as well.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }
}

/// The program in an environment that says nothing of it.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trtc-live"));
    for name in ["TRTC_TOKEN", "TRTC_LISTEN_PASSWORD", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command.env("TRTC_SDK_APP_ID", OURS.to_string());
    command
}

pub(crate) fn signed(request: Request) -> Request {
    request.signed(&Token::new(TOKEN).unwrap(), UnixSeconds::now())
}

pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

/// A message that asks to be let through.
pub(crate) fn text(text: &str) -> message::BeforeSendMsg {
    let mut event = message::BeforeSendMsg::sample();
    event.msg_body = Some(vec![message::Element::text(text)]);
    event
}

/// Reads the page's events until there is this one, and returns its data.
pub(crate) async fn event(listening: &Listening, name: &str, has: impl Fn(&Value) -> bool) -> Value {
    let mut response = client().get(format!("{}/-/events", listening.page)).send().await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    let mut read = String::new();
    loop {
        read.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
        while let Some((event, rest)) = read.split_once("\n\n") {
            let field = |field: &str| {
                event.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default().trim().to_owned()
            };
            let data: Value = serde_json::from_str(&field("data:")).unwrap_or_default();
            if field("event:") == name && has(&data) {
                return data;
            }
            read = rest.to_owned();
        }
    }
}

pub(crate) async fn choose(listening: &Listening, gift: Value, message: Value) -> (u16, String) {
    let answers = json!({ "gift": gift, "message": message }).to_string();
    let put = client().put(format!("{}/-/answers", listening.page));
    let response = put.header(header::CONTENT_TYPE, "application/json").body(answers).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// Sends a request, and does not wait for the answer.
pub(crate) fn send(listening: &Listening, request: &Request) -> TcpStream {
    let mut connection = listening.connect();
    let (query, length) = (request.query(), request.body().len());
    write!(connection, "POST /?{query} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n").unwrap();
    connection.write_all(request.body()).unwrap();
    connection
}
