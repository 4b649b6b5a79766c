//! Clients without a token, who want to shut the service out. It can have 256 files open at a time.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use trtc_live_webhook::Reply;

use crate::{Connection, Service};

const FILES: u32 = 256;

/// How many clients there are of each kind.
const CLIENTS: usize = 300;

/// How long the backend waits for an answer.
const IN_TIME: Duration = Duration::from_secs(2);

/// How much memory the service may take.
const MEMORY: u64 = 64 * 1024 * 1024;

/// What a client does to hold the service.
#[derive(Clone, Copy)]
enum Hold {
    /// Sends nothing.
    Silence,
    /// Sends the head of a request, but for its end.
    HalfAHead,
    /// Sends requests, and reads no answer.
    NoReading,
    /// Sends as many requests as the service takes, and reads no answer.
    Flood,
}

impl Hold {
    fn open(self, service: &Service) -> Connection {
        match self {
            Self::Silence => Connection::open(service.address()),
            Self::HalfAHead => {
                let mut connection = Connection::open(service.address());
                connection
                    .send(format!("POST /webhook HTTP/1.1\r\nHost: localhost\r\nX: {}", "x".repeat(8000)));
                connection
            }
            Self::NoReading => {
                let mut connection = Connection::open_narrow(service.address());
                connection.send(REQUEST.repeat(200));
                connection
            }
            Self::Flood => {
                let mut connection = Connection::open_narrow(service.address());
                connection.send_some(REQUEST.repeat(500).as_bytes());
                connection
            }
        }
    }
}

const HOLDS: [Hold; 3] = [Hold::Silence, Hold::HalfAHead, Hold::NoReading];

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Posts deliveries one after the other, until one of them is answered as soon as the backend expects it: that the first
/// is not may be the fault of the machine.
#[track_caller]
fn assert_answered_in_time(service: &Service) {
    let mut best = Duration::MAX;
    let mut most = 0;
    for _ in 0..10 {
        let request = service.room_request("genuine");
        let began = Instant::now();
        if service.post(&request).status == 200 {
            best = best.min(began.elapsed());
        }
        most = most.max(service.process().memory().unwrap_or_default());
        if best < IN_TIME {
            break;
        }
    }
    assert!(best < IN_TIME, "answered after {best:?}");
    assert!(most < MEMORY, "{most} bytes of memory");
}

/// Deliveries are answered while all of these clients hold what they have, and stay connected for as long as they are
/// allowed to. A server that closes nothing to make room answers the first once it has sent most of them away.
pub fn who_holds_connections_shuts_nobody_out(program: &str) {
    let service = Service::start_limited(program, FILES);
    let held: Vec<_> =
        HOLDS.iter().flat_map(|hold| (0..CLIENTS).map(|_| hold.open(&service)).collect::<Vec<_>>()).collect();
    assert_answered_in_time(&service);
    drop(held);
    service.stop();
}

/// Deliveries are answered while these clients come again as soon as they are sent away, and the log says so, now and
/// then.
pub fn who_comes_again_shuts_nobody_out(program: &str) {
    let service = Service::start_limited(program, FILES);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        // They stop, too, if the test fails.
        let _stop = StopAtEnd(&stop);
        for hold in [Hold::Silence, Hold::HalfAHead, Hold::Flood] {
            let (service, stop) = (&service, &stop);
            scope.spawn(move || {
                let mut held: Vec<_> = (0..CLIENTS).map(|_| hold.open(service)).collect();
                while !stop.load(Ordering::Relaxed) {
                    for connection in &mut held {
                        if connection.is_closed() || matches!(hold, Hold::Flood) {
                            *connection = hold.open(service);
                        }
                    }
                    thread::sleep(Duration::from_millis(300));
                }
            });
        }
        service.process().wait_for_line("too many connections");
        assert_answered_in_time(&service);
    });
    let output = service.stop();
    let complaints = output.lines().filter(|line| line.contains("too many connections")).count();
    assert!(complaints < 20, "{output}");
}

struct StopAtEnd<'a>(&'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A client that does not read its answers is sent away, and so is one that has nothing more to ask.
pub fn who_does_not_read_is_sent_away(program: &str) {
    let service = Service::start(program);
    let mut held: Vec<_> = HOLDS.iter().map(|hold| hold.open(&service)).collect();
    let mut idle = Connection::open(service.address());
    idle.send_request(&service.room_request("idle"));
    assert_eq!(idle.answer().reply(), Reply::ok());
    idle.assert_closed();
    for connection in &mut held {
        connection.wait_for_reset();
    }
    service.stop();
}
