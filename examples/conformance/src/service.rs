//! A service under test: its settings, requests to it, its end.

use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::SystemTime,
};

use reqwest::{
    Method,
    blocking::Client,
    header::{ALLOW, CONTENT_TYPE},
};
use trtc_live_webhook::{Event, SdkAppId, Token, UnixSeconds, event::message, event::room, samples};
use url::Url;

use crate::{Answer, Process, WAIT};

/// Application of the services.
pub(crate) const OURS: SdkAppId = SdkAppId::new(1_400_000_000);

/// What no message may say.
pub(crate) const FORBIDDEN: &str = "contraband";

/// What the messages say that users of the services send, and what must not be logged.
pub(crate) const TEXT: &str = "between you and me";

/// A running service.
pub(crate) struct Service {
    process: Process,
    address: SocketAddr,
    client: Client,
    tokens: [String; 2],
    signatures: Mutex<Vec<String>>,
}

impl Service {
    /// Starts the service with gifts of up to 1000 coins, a forbidden word and two tokens.
    pub(crate) fn start(program: &str) -> Self {
        Self::start_with(program, &[])
    }

    /// Starts it with these settings beside the others, or in their place.
    pub(crate) fn start_with(program: &str, settings: &[(&str, &str)]) -> Self {
        let tokens = Self::make_tokens();
        let (app, both) = (OURS.to_string(), tokens.join(" "));
        let mut variables = vec![
            ("TRTC_SDK_APP_ID", &*app),
            ("TRTC_TOKENS", &*both),
            ("LISTEN", "127.0.0.1:0"),
            ("GIFT_LIMIT", "1000"),
            ("FORBIDDEN_WORD", FORBIDDEN),
        ];
        variables.extend(settings);
        Self::new(Process::start(program, &variables), tokens)
    }

    /// Starts it with only so many files that can be open at a time, connections included.
    pub(crate) fn start_limited(program: &str, files: u32) -> Self {
        let tokens = Self::make_tokens();
        let variables = [
            ("TRTC_SDK_APP_ID", &*OURS.to_string()),
            ("TRTC_TOKENS", &tokens.join(" ")),
            ("LISTEN", "127.0.0.1:0"),
        ];
        Self::new(Process::start_limited(program, &variables, files), tokens)
    }

    fn make_tokens() -> [String; 2] {
        // Its own tokens, so that no request for another service on a port that was used before gets in.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        ["old", "new"].map(|age| format!("{age}-token-{}-{count}", std::process::id()))
    }

    fn new(process: Process, tokens: [String; 2]) -> Self {
        let line = process.wait_for_line("listening address=");
        let (_, address) = line.rsplit_once('=').unwrap();
        // A connection for each request: a service may close one whose body it refused to read.
        let client = Client::builder().no_proxy().pool_max_idle_per_host(0).timeout(WAIT).build().unwrap();
        Self { process, address: address.parse().unwrap(), client, tokens, signatures: Mutex::default() }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the text of the old token and of the new one.
    pub(crate) fn tokens(&self) -> &[String; 2] {
        &self.tokens
    }

    pub(crate) fn process(&self) -> &Process {
        &self.process
    }

    /// Signs the request as the backend would, now.
    pub(crate) fn sign(&self, request: samples::Request) -> samples::Request {
        self.sign_with(request, 0, now())
    }

    /// Signs the request with the first of the service's tokens or the second, for the given time.
    pub(crate) fn sign_with(
        &self,
        request: samples::Request,
        token: usize,
        time: UnixSeconds,
    ) -> samples::Request {
        let token = Token::new(self.tokens[token].as_str()).unwrap();
        self.signatures.lock().unwrap().push(token.sign(time));
        request.signed(&token, time)
    }

    /// Returns a signed request that carries the event.
    pub(crate) fn request(&self, event: impl Into<Event>) -> samples::Request {
        self.sign(samples::Request::new(OURS, event))
    }

    /// Returns a signed request that tells of a new room.
    pub(crate) fn room_request(&self, id: &str) -> samples::Request {
        let mut event = room::AfterCreateRoom::sample();
        event.room_info.room_id = id.into();
        self.request(event)
    }

    /// Posts the event, signed.
    pub(crate) fn tell(&self, event: impl Into<Event>) -> Answer {
        self.post(&self.request(event))
    }

    /// Posts the request as it is.
    pub(crate) fn post(&self, request: &samples::Request) -> Answer {
        self.send(Method::POST, "/webhook", request)
    }

    pub(crate) fn send(&self, method: Method, path: &str, request: &samples::Request) -> Answer {
        self.try_send(&self.client, method, path, request).unwrap()
    }

    /// Posts the request with another client, which may find the service gone.
    pub(crate) fn try_post(&self, client: &Client, request: &samples::Request) -> reqwest::Result<Answer> {
        self.try_send(client, Method::POST, "/webhook", request)
    }

    fn try_send(
        &self,
        client: &Client,
        method: Method,
        path: &str,
        request: &samples::Request,
    ) -> reqwest::Result<Answer> {
        let base: Url = format!("http://{}{path}", self.address).parse().unwrap();
        let response = client
            .request(method, request.url(&base))
            .header(CONTENT_TYPE, "application/json")
            .body(request.body().to_vec())
            .send()?;
        let content_type = response.headers().get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
        let allow = response.headers().get(ALLOW).map(|methods| methods.to_str().unwrap().to_owned());
        Ok(Answer { status: response.status().as_u16(), content_type, allow, body: response.text()? })
    }

    /// Demands that the service has logged the new rooms.
    #[track_caller]
    pub(crate) fn assert_logged(stdout: &str, rooms: &[String]) {
        for room in rooms {
            let field = format!("room_id={room:?}");
            let logged = stdout.lines().any(|line| line.contains("room created") && line.contains(&field));
            assert!(logged, "nothing of room {room} in {stdout}");
        }
    }

    /// Stops the service, and returns what it wrote to stdout.
    #[track_caller]
    pub(crate) fn stop(self) -> String {
        self.process.signal("TERM");
        self.finish()
    }

    /// Waits for the end of a service that was told to stop. It must end well, and have kept its secrets.
    #[track_caller]
    pub(crate) fn finish(self) -> String {
        let Self { mut process, client, tokens, signatures, .. } = self;
        // And with it the connections that it keeps open.
        drop(client);
        let status = process.wait();
        let (stdout, stderr) = (process.stdout(), process.stderr());
        assert_eq!(status.code(), Some(0), "stdout: {stdout}\nstderr: {stderr}");
        assert_eq!(stderr, "");
        let signatures = signatures.into_inner().unwrap();
        for secret in
            [TEXT, "Sign=", "RequestTime="].into_iter().chain(tokens.iter().chain(&signatures).map(|s| &**s))
        {
            assert!(!stdout.contains(secret), "{secret:?} is in {stdout}");
        }
        stdout
    }
}

/// A message of a user.
pub(crate) fn message(text: &str) -> message::BeforeSendMsg {
    let mut event = message::BeforeSendMsg::sample();
    event.msg_body = Some(vec![message::Element::text(text)]);
    event
}

pub(crate) fn now() -> UnixSeconds {
    SystemTime::now().try_into().unwrap()
}
