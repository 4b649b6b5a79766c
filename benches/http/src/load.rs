//! The load: a pool of connections of hyper's client, each with one request under way.

use std::{error::Error, net::SocketAddr, time::Duration};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet, time::Instant};

pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// Open connections to one server.
pub(crate) struct Pool(Vec<SendRequest<Full<Bytes>>>);

impl Pool {
    pub(crate) async fn connect(server: SocketAddr, connections: usize) -> Result<Self, BoxError> {
        let mut pool = Vec::new();
        for _ in 0..connections {
            let stream = TcpStream::connect(server).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            pool.push(sender);
        }
        Ok(Self(pool))
    }

    /// Sends the request over and over on every connection. Returns how many were answered, with 200 and the
    /// acknowledgement, in which time.
    pub(crate) async fn send(
        &mut self,
        request: &Request<Full<Bytes>>,
        time: Duration,
    ) -> Result<(u64, Duration), BoxError> {
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for mut connection in self.0.drain(..) {
            let request = request.clone();
            tasks.spawn(async move {
                let mut answered = 0;
                while start.elapsed() < time {
                    connection.ready().await?;
                    let response = connection.send_request(request.clone()).await?;
                    let status = response.status();
                    let answer = response.into_body().collect().await?.to_bytes();
                    if status != 200 || !answer.starts_with(br#"{"ActionStatus":"OK""#) {
                        return Err(format!("{}: {status} {answer:?}", request.uri()).into());
                    }
                    answered += 1;
                }
                Ok::<_, BoxError>((connection, answered))
            });
        }
        let mut total = 0;
        while let Some(task) = tasks.join_next().await {
            let (connection, answered) = task??;
            self.0.push(connection);
            total += answered;
        }
        Ok((total, start.elapsed()))
    }
}
