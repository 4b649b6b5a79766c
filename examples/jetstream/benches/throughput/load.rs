//! The load: connections with one delivery under way each, every delivery another.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
    header,
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinSet, time::Instant};
use trtc_live_webhook::{Event, UnixMillis, event::member, samples};

use crate::service::{OURS, Program};

/// Connections to all front doors together.
const CONNECTIONS: usize = 48;

/// Rooms of each connection.
const ROOMS: usize = 20;

/// What one round measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    pub(crate) per_second: f64,
    /// Seconds within which half of the deliveries were answered.
    pub(crate) half: f64,
    /// The same for 99 of 100.
    pub(crate) most: f64,
}

/// Open connections.
pub(crate) struct Pool(Vec<SendRequest<Full<Bytes>>>);

impl Pool {
    pub(crate) async fn connect(programs: &[Program]) -> Self {
        let mut pool = Vec::new();
        for program in programs.iter().cycle().take(CONNECTIONS) {
            pool.push(connect(program.address.port()).await);
        }
        Self(pool)
    }

    /// Sends deliveries on every connection, to the given room or to many. Each must be answered with OK.
    pub(crate) async fn send(self, time: Duration, room: Option<&'static str>) -> Round {
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for (number, mut connection) in self.0.into_iter().enumerate() {
            tasks.spawn(async move {
                let mut times = Vec::new();
                while start.elapsed() < time {
                    let room =
                        room.map_or_else(|| format!("{number}-{}", times.len() % ROOMS), str::to_owned);
                    let request = delivery(&room);
                    let sent = Instant::now();
                    connection.ready().await.unwrap();
                    let response = connection.send_request(request).await.unwrap();
                    let status = response.status();
                    let answer = response.into_body().collect().await.unwrap().to_bytes();
                    assert!(
                        status == 200 && answer.starts_with(br#"{"ActionStatus":"OK""#),
                        "{status} {answer:?}"
                    );
                    times.push(sent.elapsed().as_secs_f64());
                }
                times
            });
        }
        let mut all = Vec::new();
        while let Some(task) = tasks.join_next().await {
            all.extend(task.unwrap());
        }
        let took = start.elapsed().as_secs_f64();
        all.sort_by(f64::total_cmp);
        let per_second = f64::from(u32::try_from(all.len()).unwrap()) / took;
        Round { per_second, half: all[all.len() / 2], most: all[all.len() * 99 / 100] }
    }
}

async fn connect(port: u16) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// A packet unlike any before, lest the servers take it for a repetition.
pub(crate) fn body(room: &str) -> Vec<u8> {
    static TIME: AtomicI64 = AtomicI64::new(1_670_574_414_123);
    let mut event = member::AfterMemberStateChanged::new(room, member::EventType::Online);
    event.member_list = Some(vec![member::Member::new("user")]);
    event.event_time = Some(UnixMillis::new(TIME.fetch_add(1, Ordering::Relaxed)));
    serde_json::to_vec(&Event::from(event)).unwrap()
}

fn delivery(room: &str) -> Request<Full<Bytes>> {
    let delivery = samples::Request::from_json(OURS, body(room));
    Request::post(format!("/webhook?{}", delivery.query()))
        .header(header::HOST, "127.0.0.1")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::from(delivery.into_body()))
        .unwrap()
}
