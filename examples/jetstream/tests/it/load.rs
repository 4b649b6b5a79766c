//! The load: senders, each with rooms of its own, and what each delivery was answered with.

use std::{
    any::Any,
    net::SocketAddr,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use reqwest::blocking::Client;
use trtc_live_webhook::{
    Delivery, Event, Reply, RequestInfo, UnixMillis, UnixSeconds, event::member, samples,
};

use crate::{
    program::WAIT,
    system::{OURS, System},
};

const SENDERS: usize = 6;

/// Rooms of each sender.
const ROOMS: usize = 8;

/// Between a sender's deliveries, so that what is stored is soon processed on a small machine.
const PAUSE: Duration = Duration::from_millis(10);

/// The same once a sender has had so many accepted: where everything takes longer, no more is to be processed than
/// elsewhere.
const LONG_PAUSE: Duration = Duration::from_millis(100);
const MANY: usize = 500;

/// Deliveries that may come after the one that is sent again.
const FOLLOWERS: usize = 2;

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

/// How often a delivery is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    Never,
    /// Each once more, after some others.
    Soon,
    /// Once more by the test: bodies are kept for it.
    Later,
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
    /// Empty once it is not sent again.
    pub(crate) body: Vec<u8>,
}

/// The load while it lasts.
#[derive(Debug, Default)]
pub(crate) struct Load {
    stop: AtomicBool,
    /// Deliveries by their first answer.
    answers: [AtomicUsize; 5],
}

impl Load {
    /// Waits until so many more deliveries were answered like this.
    #[track_caller]
    pub(crate) fn wait_for(&self, answer: Answer, more: usize, system: &System) {
        let answers = &self.answers[answer as usize];
        let (deadline, before) = (Instant::now() + WAIT, answers.load(Ordering::Relaxed));
        while answers.load(Ordering::Relaxed) < before + more {
            let (in_time, so_far) = (Instant::now() < deadline, &self.answers);
            assert!(in_time, "{}\nnot {more} more like {answer:?}: {so_far:?}", system.last_logs());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Sends without pause while something happens, and returns all that was sent: of each room, in order.
pub(crate) fn during(addresses: &[SocketAddr], again: Again, what_happens: impl FnOnce(&Load)) -> Vec<Sent> {
    during_long(addresses, again, 0, what_happens)
}

/// The same, each with so many bytes more.
pub(crate) fn during_long(
    addresses: &[SocketAddr],
    again: Again,
    bytes: usize,
    what_happens: impl FnOnce(&Load),
) -> Vec<Sent> {
    let load = Load::default();
    thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let load = &load;
                scope.spawn(move || send(sender, addresses, again, bytes, load))
            })
            .collect();
        // However it ends, lest the senders go on for ever.
        let stopping = Stopping(&load.stop);
        what_happens(&load);
        drop(stopping);
        let sent = senders.into_iter().map(thread::ScopedJoinHandle::join);
        // Said again: what a sender has said stands before all that has happened since.
        sent.flat_map(|sent| sent.unwrap_or_else(|panic| panic!("a sender: {}", reason(&*panic)))).collect()
    })
}

fn reason(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref().copied()).unwrap_or("no text")
}

struct Stopping<'a>(&'a AtomicBool);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn send(sender: usize, addresses: &[SocketAddr], again: Again, bytes: usize, load: &Load) -> Vec<Sent> {
    let client = client();
    let mut all: Vec<Sent> = Vec::new();
    let mut accepted = 0;
    // An address after the other, as a load balancer does.
    let mut address = addresses.iter().cycle();
    for number in 0.. {
        if load.stop.load(Ordering::Relaxed) {
            break;
        }
        let mut sent = long_delivery(&format!("room-{sender}-{}", number % ROOMS), number, bytes);
        sent.first = post(&client, *address.next().unwrap(), &sent.body);
        sent.answer = sent.first;
        load.answers[sent.first as usize].fetch_add(1, Ordering::Relaxed);
        accepted += usize::from(sent.first == Answer::Ok);
        if again == Again::Never {
            sent.body = Vec::new();
        }
        all.push(sent);
        thread::sleep(if accepted < MANY { PAUSE } else { LONG_PAUSE });
        // One again that others have followed, from a front door that may be another.
        let before = all.len().checked_sub(FOLLOWERS + 1).filter(|_| again == Again::Soon);
        if let Some(sent) = before.and_then(|before| all.get_mut(before)) {
            let answer = post(&client, *address.nth(1).unwrap(), &std::mem::take(&mut sent.body));
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

/// A client that waits no longer than the backend.
pub(crate) fn client() -> Client {
    Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

/// A client that waits for whatever the front door says.
pub(crate) fn patient() -> Client {
    Client::builder().no_proxy().timeout(WAIT).build().unwrap()
}

/// Posts a delivery until it is accepted: where nothing else is the matter, the servers may still be slow.
#[track_caller]
pub(crate) fn post_until_accepted(system: &System, address: SocketAddr, sent: &mut Sent) {
    let (client, deadline) = (client(), Instant::now() + WAIT);
    sent.first = post(&client, address, &sent.body);
    sent.answer = sent.first;
    while sent.answer != Answer::Ok {
        let in_time = Instant::now() < deadline;
        assert!(in_time, "{}\nnot accepted, but {:?}", system.last_logs(), sent.answer);
        thread::sleep(Duration::from_millis(100));
        sent.repeated = true;
        sent.answer = post(&client, address, &sent.body);
    }
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
        // Nothing is done with it, either.
        (408, packet) if packet.contains("body did not arrive in time") => Answer::Refused,
        (503, packet) if packet.contains("delivery was not handled in time") => Answer::Late,
        (status, packet) => panic!("{status} {packet}"),
    }
}
