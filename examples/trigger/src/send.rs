//! One delivery over HTTP.

use std::{error::Error, time::Instant};

use reqwest::{Client, Response, Url, header::CONTENT_TYPE, redirect};
use trtc_live_webhook::{SdkAppId, Token, UnixSeconds, samples::Request};

use crate::{
    failure::Failure,
    outcome::{self, LIMIT, Outcome, PATIENCE, Problem},
    packet::Packet,
};

/// More than any reply needs, and little enough for many of them.
const MAX_BODY: usize = 1 << 20;

/// Sends packets to one service.
pub(crate) struct Sender {
    client: Client,
    url: Url,
    sdk_app_id: SdkAppId,
    token: Option<Token>,
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

    /// Sends a packet and waits for the answer. Fails if there is nobody to send it to.
    pub(crate) async fn send(&self, packet: &Packet) -> Result<Outcome, Failure> {
        let mut request =
            Request::from_json(self.sdk_app_id, packet.json.as_str()).with_command(packet.command.clone());
        if let Some(token) = &self.token {
            request = request.signed(token, UnixSeconds::now());
        }
        let start = Instant::now();
        let answer = self
            .client
            .post(request.url(&self.url))
            .header(CONTENT_TYPE, "application/json")
            .body(request.body().to_vec())
            .send()
            .await;
        let (status, body, reply) = match answer {
            Ok(answer) => {
                let status = answer.status().as_u16();
                match body(answer).await {
                    Ok(body) => {
                        let reply = outcome::read(status, &body);
                        (Some(status), body, reply)
                    }
                    Err(problem) => (Some(status), Vec::new(), Err(problem)),
                }
            }
            Err(error) if error.is_connect() => return Err(self.unreachable(&error)),
            Err(error) => (None, Vec::new(), Err(problem(&error))),
        };
        let elapsed = start.elapsed();
        let (sample, command) = (packet.sample, packet.command.clone());
        Ok(Outcome { sample, command, status, body, reply, elapsed })
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

async fn body(mut answer: Response) -> Result<Vec<u8>, Problem> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| problem(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_BODY {
            return Err(Problem::TooLong(MAX_BODY));
        }
    }
    Ok(body)
}

fn problem(error: &reqwest::Error) -> Problem {
    if error.is_timeout() { Problem::Timeout } else { Problem::Broken(root(error)) }
}

/// Returns the innermost cause, which is the one that says something.
fn root(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
