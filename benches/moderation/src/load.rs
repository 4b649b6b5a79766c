//! Connections that send messages as fast as they are answered.

use std::{
    error::Error,
    net::SocketAddr,
    time::{Duration, Instant},
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
    header,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet};
use trtc_live_webhook::{
    OptPlatform, SdkAppId, Token, UnixSeconds,
    event::message::{BeforeSendMsg, Element},
    samples,
};

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Application of the server.
pub(crate) const APP: SdkAppId = SdkAppId::new(1_400_000_000);

/// Token of the application.
pub(crate) const TOKEN: &str = "xxxxyyyy";

/// How fast messages were answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    elapsed: Duration,
    /// Of each message.
    times: Vec<Duration>,
}

impl Measured {
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    pub(crate) fn per_second(&self) -> f64 {
        self.times.len() as f64 / self.elapsed.as_secs_f64()
    }

    pub(crate) fn p99(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort();
        times.get(times.len() * 99 / 100).copied().unwrap_or_default()
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.elapsed += other.elapsed;
        self.times.extend(other.times);
    }
}

/// Sends so many messages over so many new connections, each after the answer to the one before on its connection. It is an error if one
/// is not answered as expected.
pub(crate) async fn send(
    address: SocketAddr,
    connections: usize,
    messages: usize,
    answer: &'static str,
) -> Result<Measured, BoxError> {
    let mut connected = Vec::new();
    for _ in 0..connections {
        connected.push(connect(address).await?);
    }
    let mut senders = JoinSet::new();
    let began = Instant::now();
    for (number, connection) in connected.into_iter().enumerate() {
        let share = messages / connections + usize::from(number < messages % connections);
        senders.spawn(sender(connection, number, share, answer));
    }
    let mut times = Vec::with_capacity(messages);
    while let Some(sent) = senders.join_next().await {
        times.extend(sent??);
    }
    Ok(Measured { elapsed: began.elapsed(), times })
}

async fn sender(
    mut sender: SendRequest<Full<Bytes>>,
    connection: usize,
    messages: usize,
    answer: &str,
) -> Result<Vec<Duration>, BoxError> {
    let token = Token::new(TOKEN)?;
    let mut times = Vec::with_capacity(messages);
    for number in 0..messages {
        let mut message = BeforeSendMsg::new("room");
        message.from_account = Some(format!("user-{connection}").into());
        message.msg_body =
            Some(vec![Element::text(format!("what user {connection} says for the {number}th time"))]);
        let request = samples::Request::new(APP, message)
            .with_opt_platform(OptPlatform::Android)
            .signed(&token, UnixSeconds::now());
        let uri = format!("/im-callback?{}", request.query());
        let began = Instant::now();
        let body = post(&mut sender, &uri, &[], request.into_body()).await?;
        times.push(began.elapsed());
        if !body.windows(answer.len()).any(|part| part == answer.as_bytes()) {
            return Err(format!("answered {}", String::from_utf8_lossy(&body)).into());
        }
    }
    Ok(times)
}

pub(crate) async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>, BoxError> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// Posts JSON, and returns the body of the answer, whose status is 200.
pub(crate) async fn post(
    sender: &mut SendRequest<Full<Bytes>>,
    uri: &str,
    headers: &[(&str, &str)],
    body: Vec<u8>,
) -> Result<Bytes, BoxError> {
    let mut request =
        Request::post(uri).header(header::HOST, "x").header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    sender.ready().await?;
    let response = sender.send_request(request.body(Full::new(body.into()))?).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if status == 200 { Ok(body) } else { Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into()) }
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
