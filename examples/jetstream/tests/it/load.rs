//! The load: senders, each with rooms of its own, and what each delivery was answered with.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use reqwest::blocking::Client;
use trtc_live_webhook::{
    Delivery, Event, Reply, RequestInfo, UnixMillis, UnixSeconds, event::member, samples,
};

use crate::system::{OURS, System};

const SENDERS: usize = 6;

/// Rooms of each sender.
const ROOMS: usize = 8;

/// Between a sender's deliveries, so that what is stored is soon processed on a small machine.
const PAUSE: Duration = Duration::from_millis(10);

/// How long the backend waits.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a sender knows of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Answer {
    /// The front door could not be reached.
    Unreachable,
    /// The front door says that it is not stored.
    Refused,
    /// The front door says that it does not know in time.
    Late,
    /// The connection ended, or nothing came for two seconds.
    None,
    Ok,
}

/// A delivery that was sent, perhaps more than once.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) room: String,
    /// What tells it from all others.
    pub(crate) id: String,
    /// Its first answer.
    pub(crate) first: Answer,
    /// The best of its answers.
    pub(crate) answer: Answer,
    pub(crate) repeated: bool,
    pub(crate) body: Vec<u8>,
}

/// Sends without pause while something happens, and returns all that was sent: of each room, in order.
pub(crate) fn during(addresses: &[SocketAddr], twice: bool, what_happens: impl FnOnce()) -> Vec<Sent> {
    during_long(addresses, twice, 0, what_happens)
}

/// The same, each with so many bytes more.
pub(crate) fn during_long(
    addresses: &[SocketAddr],
    twice: bool,
    bytes: usize,
    what_happens: impl FnOnce(),
) -> Vec<Sent> {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let stop = &stop;
                scope.spawn(move || send(sender, addresses, twice, bytes, stop))
            })
            .collect();
        // However it ends, lest the senders go on for ever.
        let stopping = Stopping(&stop);
        what_happens();
        drop(stopping);
        senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
    })
}

struct Stopping<'a>(&'a AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn send(sender: usize, addresses: &[SocketAddr], twice: bool, bytes: usize, stop: &AtomicBool) -> Vec<Sent> {
    let client = client();
    let mut all: Vec<Sent> = Vec::new();
    // An address after the other, as a load balancer does.
    let mut address = addresses.iter().cycle();
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let mut sent = long_delivery(&format!("room-{sender}-{}", number % ROOMS), number, bytes);
        sent.first = post(&client, *address.next().unwrap(), &sent.body);
        sent.answer = sent.first;
        thread::sleep(PAUSE);
        all.push(sent);
        // One again that others have followed, from a front door that may be another.
        let again = twice.then(|| all.len().checked_sub(3)).flatten();
        if let Some(sent) = again.and_then(|again| all.get_mut(again)) {
            let answer = post(&client, *address.nth(1).unwrap(), &sent.body);
            sent.repeated = true;
            sent.answer = sent.answer.max(answer);
        }
    }
    all
}

/// A member who comes into a room, at a time of its own.
pub(crate) fn delivery(room: &str, number: usize) -> Sent {
    long_delivery(room, number, 0)
}

/// The same with so many bytes that no version of the packet has.
pub(crate) fn long_delivery(room: &str, number: usize, bytes: usize) -> Sent {
    let mut event = member::AfterMemberStateChanged::new(room, member::EventType::Online);
    event.member_list = Some(vec![member::Member::new(format!("user-{number}"))]);
    event.event_time = Some(UnixMillis::new(1_670_574_414_123 + i64::try_from(number).unwrap()));
    let mut packet = serde_json::to_value(Event::from(event)).unwrap();
    if bytes > 0 {
        packet["Padding"] = "x".repeat(bytes).into();
    }
    let body = serde_json::to_vec(&packet).unwrap();
    let delivery = Delivery::from_trusted(RequestInfo::new(OURS), &body).unwrap();
    let id = delivery.key(&body).unwrap().to_string();
    Sent { room: room.to_owned(), id, first: Answer::None, answer: Answer::None, repeated: false, body }
}

pub(crate) fn client() -> Client {
    Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

/// Posts a body, signed, as the backend does.
pub(crate) fn post(client: &Client, address: SocketAddr, body: &[u8]) -> Answer {
    let request = samples::Request::from_json(OURS, body).signed(&System::token(), UnixSeconds::now());
    let url = request.url(&format!("http://{address}/webhook").parse().unwrap());
    let response = match client.post(url).body(request.into_body()).send() {
        Ok(response) => response,
        Err(error) if error.is_connect() => return Answer::Unreachable,
        Err(_) => return Answer::None,
    };
    let status = response.status().as_u16();
    let Ok(packet) = response.text() else { return Answer::None };
    match (status, packet.as_str()) {
        (200, packet) => {
            assert_eq!(packet, Reply::ok().to_json());
            Answer::Ok
        }
        (503, packet) if packet.contains("delivery could not be handled") => Answer::Refused,
        (503, packet) if packet.contains("delivery was not handled in time") => Answer::Late,
        (status, packet) => panic!("{status} {packet}"),
    }
}
