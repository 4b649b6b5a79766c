//! A running server, its webhook and its console.

use std::{
    fs::{self, File},
    net::SocketAddr,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use test_servers::Process;
use tokio::time::sleep;
use trtc_live_webhook::{
    Event, OptPlatform, SdkAppId, Token, UnixSeconds,
    event::message::{AfterSendMsg, BeforeSendMsg, Element},
    samples,
};

use crate::Database;

/// Application that most tests are about. Its deliveries are signed.
pub(crate) const OURS: SdkAppId = SdkAppId::new(1_400_000_000);

/// Another one, which is signed with a token of its own.
pub(crate) const OTHER: SdkAppId = SdkAppId::new(1_400_000_001);

/// One without a token.
pub(crate) const UNSIGNED: SdkAppId = SdkAppId::new(1_400_000_002);

pub(crate) const KEY: &str = "the-key-of-the-console";
pub(crate) const OLD_KEY: &str = "the-key-of-before-that";

/// How long anything may take. Only a test that fails waits for so long.
pub(crate) const WAIT: Duration = Duration::from_secs(30);

const HELD: &str = "held for review";

/// A running server. It is killed when this is dropped.
pub(crate) struct Server {
    process: Process,
    pub(crate) webhook: SocketAddr,
    pub(crate) console: SocketAddr,
    folder: TempDir,
    client: Client,
}

impl Server {
    pub(crate) async fn start(database: &Database) -> Self {
        Self::start_with(database, &[]).await
    }

    /// Starts it with these settings beside the others, or in their place.
    pub(crate) async fn start_with(database: &Database, settings: &[(&str, &str)]) -> Self {
        Self::start_command(command(), database, settings).await
    }

    /// Starts it from a shell, whose `$0` it is.
    pub(crate) async fn start_in(database: &Database, script: &str) -> Self {
        let program = command();
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(script).arg(program.get_program());
        for (name, _) in program.get_envs() {
            shell.env_remove(name);
        }
        Self::start_command(shell, database, &[]).await
    }

    async fn start_command(command: Command, database: &Database, settings: &[(&str, &str)]) -> Self {
        let (name, value) = database.setting();
        let apps = format!("{{{OURS}=[\"old-token\",\"token\"],{OTHER}=[\"other\"],{UNSIGNED}=[]}}");
        let keys = format!("{{new=\"{KEY}\",old=\"{OLD_KEY}\"}}");
        let mut all = vec![
            (name, &*value),
            ("MODERATION_APPS", &apps),
            ("MODERATION_ALLOW_UNSIGNED", "true"),
            ("MODERATION_API_KEYS", &keys),
            ("MODERATION_DRAIN", "0s"),
        ];
        all.extend(settings);
        Self::start_as(command, &all).await
    }

    /// Starts it with these settings only.
    pub(crate) async fn start_bare(settings: &[(&str, &str)]) -> Self {
        Self::start_as(command(), settings).await
    }

    async fn start_as(mut command: Command, settings: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        let log = folder.path().join("log");
        command
            .env("MODERATION_WEBHOOK_LISTEN", "127.0.0.1:0")
            .env("MODERATION_CONSOLE_LISTEN", "127.0.0.1:0")
            .envs(settings.iter().copied())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(File::create(&log).unwrap())
            .stderr(File::options().append(true).open(&log).unwrap());
        let mut process = Process::start(&mut command);
        let listening = |span: &str| {
            let log = fs::read_to_string(&log).unwrap();
            let line = log.lines().find(|line| line.contains(span) && line.contains("listening address="))?;
            Some(line.rsplit_once('=')?.1.parse().unwrap())
        };
        let deadline = Instant::now() + WAIT;
        let (webhook, console) = loop {
            if let (Some(webhook), Some(console)) = (listening(" webhook: "), listening(" console: ")) {
                break (webhook, console);
            }
            let ended = process.child().try_wait().unwrap();
            let log = fs::read_to_string(&log).unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "{ended:?}: {log}");
            sleep(Duration::from_millis(10)).await;
        };
        let client = Client::builder().no_proxy().timeout(WAIT).build().unwrap();
        Self { process, webhook, console, folder, client }
    }

    /// Returns what it has written so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Kills it, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.process.kill();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// Lets its files grow again.
    pub(crate) fn lift_file_limit(&self) {
        let id = self.process.id().to_string();
        let lifted = Command::new("prlimit").args(["--pid", &id, "--fsize=unlimited"]).status().unwrap();
        assert!(lifted.success());
    }

    /// Waits for it to stop by itself, and returns what it has written.
    pub(crate) fn finish(mut self) -> String {
        let status = self.process.wait(WAIT);
        let log = self.log();
        assert!(status.success(), "{status}: {log}");
        log
    }

    /// Posts a message that a user is about to send.
    pub(crate) async fn send(&self, room: &str, account: &str, text: &str) -> Answer {
        self.deliver(message(room, account, [Element::text(text)])).await
    }

    /// Posts an event, signed, from a client.
    pub(crate) async fn deliver(&self, event: impl Into<Event>) -> Answer {
        self.post(&signed(from_client(event))).await
    }

    /// Posts an event, signed, from REST.
    pub(crate) async fn deliver_rest(&self, event: impl Into<Event>) -> Answer {
        self.post(&signed(samples::Request::new(OURS, event).with_opt_platform(OptPlatform::RestApi))).await
    }

    pub(crate) async fn post(&self, request: &samples::Request) -> Answer {
        self.try_post(request).await.unwrap()
    }

    /// Posts a request to a server that may be gone.
    pub(crate) async fn try_post(&self, request: &samples::Request) -> reqwest::Result<Answer> {
        let base = format!("http://{}/im-callback", self.webhook).parse().unwrap();
        let response = self.client.post(request.url(&base)).body(request.body().to_vec()).send().await?;
        Ok(Answer { status: response.status().as_u16(), body: response.text().await? })
    }

    /// Asks the console's side.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, KEY, None).await
    }

    pub(crate) async fn ask(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::POST, path, KEY, Some(body.to_string())).await
    }

    pub(crate) async fn request(
        &self,
        method: Method,
        path: &str,
        key: &str,
        body: Option<String>,
    ) -> Answer {
        let mut request = self.client.request(method, format!("http://{}{path}", self.console));
        if !key.is_empty() {
            request = request.header("X-Api-Key", key);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body);
        }
        let response = request.send().await.unwrap();
        Answer { status: response.status().as_u16(), body: response.text().await.unwrap() }
    }

    /// Returns the number of pending messages of a room, and a page of them.
    pub(crate) async fn list(&self, room: &str, page: i64, size: i64) -> (i64, Vec<Value>) {
        let wanted = json!({
            "SdkAppId": OURS, "PageNo": page, "PageSize": size, "Scene": "Group", "Receiver": room,
        });
        let list = self.ask("/moderation/list", &wanted).await.json(200);
        (list["TotalCount"].as_i64().unwrap(), list["Data"].as_array().unwrap().clone())
    }

    /// Returns the texts of the newest pending messages of a room.
    pub(crate) async fn pending(&self, room: &str) -> Vec<String> {
        let (_, data) = self.list(room, 1, 100).await;
        data.iter().map(|record| record["Content"].as_str().unwrap().to_owned()).collect()
    }

    /// Returns the only pending message of a room.
    pub(crate) async fn only(&self, room: &str) -> Value {
        let (count, data) = self.list(room, 1, 100).await;
        assert_eq!((count, data.len()), (1, 1), "{data:?}");
        data[0].clone()
    }

    pub(crate) async fn toggle(&self, enabled: bool) {
        let answer = self.ask("/moderation/toggle", &json!({ "Enabled": enabled })).await;
        assert_eq!(answer.json(200)["Enabled"], enabled);
    }

    pub(crate) async fn delete(&self, ids: &[&str]) -> i64 {
        let answer = self.ask("/moderation/delete", &json!({ "SdkAppId": OURS, "ContentIds": ids })).await;
        answer.json(200)["DeletedCount"].as_i64().unwrap()
    }

    /// Returns a number for Prometheus; 0 if there is none.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let numbers = self.get("/metrics").await;
        assert_eq!(numbers.status, 200);
        let line = numbers.body.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0.0, |number| number.parse().unwrap())
    }

    /// Waits until something is so.
    pub(crate) async fn until<F: Future<Output = bool>>(&self, what: &str, mut is_so: impl FnMut() -> F) {
        let deadline = Instant::now() + WAIT;
        while !is_so().await {
            assert!(Instant::now() < deadline, "not {what}: {}", self.log());
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The program, without the settings of whoever runs the tests.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_example-moderation"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("MODERATION_")
            || name.starts_with("PG")
            || ["DATABASE_URL", "RUST_LOG"].contains(&&*name)
        {
            command.env_remove(&*name);
        }
    }
    command
}

pub(crate) fn message(room: &str, account: &str, elements: impl Into<Vec<Element>>) -> BeforeSendMsg {
    let mut message = BeforeSendMsg::new(room);
    message.from_account = Some(account.into());
    message.msg_body = Some(elements.into());
    message
}

pub(crate) fn sent(room: &str, account: &str, text: &str) -> AfterSendMsg {
    let mut message = AfterSendMsg::new(room);
    message.from_account = Some(account.into());
    message.msg_body = Some(vec![Element::text(text)]);
    message
}

/// A request that a user's client has caused.
pub(crate) fn from_client(event: impl Into<Event>) -> samples::Request {
    samples::Request::new(OURS, event).with_opt_platform(OptPlatform::Android)
}

/// Signs a request with the first application's token.
pub(crate) fn signed(request: samples::Request) -> samples::Request {
    request.signed(&Token::new("token").unwrap(), UnixSeconds::now())
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        serde_json::from_str(&self.body).unwrap()
    }

    /// Demands an answer of the webhook with this code and text.
    #[track_caller]
    fn assert_reply(&self, code: i64, info: &str) -> Value {
        let reply = self.json(200);
        assert_eq!(reply["ActionStatus"], "OK", "{self:?}");
        assert_eq!((&reply["ErrorCode"], &reply["ErrorInfo"]), (&json!(code), &json!(info)), "{self:?}");
        reply
    }

    #[track_caller]
    pub(crate) fn assert_held(&self) {
        self.assert_reply(1, HELD);
    }

    pub(crate) fn is_held(&self) -> bool {
        self.status == 200 && self.body.contains(HELD)
    }

    pub(crate) fn is_let_through(&self) -> bool {
        self.status == 200 && self.body.contains("\"ErrorCode\":0")
    }

    /// Forbidden, or refused because something failed: the backend cannot tell the difference.
    #[track_caller]
    pub(crate) fn assert_forbidden(&self) {
        self.assert_reply(1, "");
    }

    #[track_caller]
    pub(crate) fn assert_let_through(&self) {
        let reply = self.assert_reply(0, "");
        assert_eq!(reply.get("MsgBody"), None, "{self:?}");
    }

    /// Demands that the message is let through with this in place of its elements.
    #[track_caller]
    pub(crate) fn assert_replaced(&self, elements: &Value) {
        assert_eq!(&self.assert_reply(0, "")["MsgBody"], elements);
    }

    /// Demands a failure in the form of the console's interface.
    #[track_caller]
    pub(crate) fn assert_failure(&self, status: u16, info: &str) {
        let expected = json!({ "ActionStatus": "FAIL", "ErrorCode": status, "ErrorInfo": info });
        assert_eq!(self.json(status), expected);
    }
}
