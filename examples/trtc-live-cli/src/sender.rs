//! One delivery over HTTP.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder, Response, Url, header::CONTENT_TYPE, redirect};
use trtc_live_webhook::{Reply, SdkAppId, Token, UnixSeconds, samples::Request};

use crate::{
    failure::Failure,
    outcome::{self, LIMIT, Outcome, PATIENCE, Problem},
    packet::Packet,
};

/// More than any reply needs, and little enough for many of them.
const MAX_BODY: usize = 1 << 20;

/// Sends packets to one service.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    client: Client,
    url: Url,
    sdk_app_id: SdkAppId,
    token: Option<Token>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// `None` where no status came back.
    pub(crate) status: Option<u16>,
    /// Empty where it did not come back whole.
    pub(crate) body: Vec<u8>,
    pub(crate) reply: Result<Reply, Problem>,
    /// From the start of the request to the end of the answer.
    pub(crate) elapsed: Duration,
}

impl Sender {
    pub(crate) fn new(url: Url, sdk_app_id: SdkAppId, token: Option<Token>) -> Result<Self, Failure> {
        let client = Client::builder()
            // The service is what is to answer and to be timed, neither a proxy nor where it redirects to.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(LIMIT)
            .timeout(PATIENCE)
            .build()
            .map_err(|error| Failure::Client(root(&error)))?;
        Ok(Self { client, url, sdk_app_id, token })
    }

    pub(crate) fn sdk_app_id(&self) -> SdkAppId {
        self.sdk_app_id
    }

    pub(crate) fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Sends a packet and waits for the answer. Fails if there is nobody to send it to.
    pub(crate) async fn send(&self, packet: &Packet) -> Result<Outcome, Failure> {
        let mut request = Request::from_json(self.sdk_app_id, packet.body.as_slice());
        if let Some(command) = &packet.command {
            request = request.with_command(command.clone());
        }
        let Answer { status, body, reply, elapsed } = self.ask(self.post(&self.sign(request))).await?;
        let (name, command) = (packet.name.clone(), packet.command.clone());
        Ok(Outcome { name, command, status, body, reply, elapsed })
    }

    /// Signs a request as the backend would now, if there is a token.
    pub(crate) fn sign(&self, request: Request) -> Request {
        match &self.token {
            Some(token) => request.signed(token, UnixSeconds::now()),
            None => request,
        }
    }

    /// Prepares to post a request as it is.
    pub(crate) fn post(&self, request: &Request) -> RequestBuilder {
        let post = self.client.post(request.url(&self.url)).header(CONTENT_TYPE, "application/json");
        post.body(request.body().to_vec())
    }

    /// Sends what was prepared. Fails if there is nobody to send it to.
    pub(crate) async fn ask(&self, request: RequestBuilder) -> Result<Answer, Failure> {
        let start = Instant::now();
        let (status, body, reply) = match request.send().await {
            Ok(answer) => {
                let status = answer.status().as_u16();
                match body(answer, start).await {
                    Ok(body) => {
                        let reply = outcome::read(status, &body);
                        (Some(status), body, reply)
                    }
                    Err(problem) => (Some(status), Vec::new(), Err(problem)),
                }
            }
            Err(error) if error.is_connect() => return Err(self.unreachable(&error)),
            Err(error) => (None, Vec::new(), Err(problem(&error, start.elapsed()))),
        };
        Ok(Answer { status, body, reply, elapsed: start.elapsed() })
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let problem = if error.is_timeout() {
            format!("no connection within {} ms", LIMIT.as_millis())
        } else {
            root(error)
        };
        // Not the URL: it may hold a password, and the signature.
        Failure::Unreachable { origin: self.url.origin().ascii_serialization(), problem }
    }
}

async fn body(mut answer: Response, start: Instant) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| problem(&error, start.elapsed()))? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_BODY {
            return Err(Problem::TooLong(MAX_BODY));
        }
    }
    Ok(body)
}

fn problem(error: &reqwest::Error, elapsed: Duration) -> Problem {
    if error.is_timeout() { Problem::Timeout(elapsed) } else { Problem::Broken(root(error)) }
}

/// Returns the innermost cause, which is the one that says something.
fn root(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
