//! The end of a service.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use reqwest::blocking::Client;
use trtc_live_webhook::Reply;

use crate::{Connection, Service, WAIT};

/// How soon a body must follow its head, with time to spare: the service gives up after 1.5 seconds.
const SOON: Duration = Duration::from_secs(1);

/// Deliveries that are on their way when the service is told to stop get their answers, and all that were answered were
/// handled.
pub fn what_was_answered_is_not_lost(program: &str) {
    // On a machine that is too busy to send the bodies in time, a try shows nothing.
    let shown = (0..20).any(|_| is_answered_in_flight(program));
    assert!(shown, "the machine is too busy");
}

fn is_answered_in_flight(program: &str) -> bool {
    let service = Service::start(program);
    let held: Vec<_> = (0..8).map(|number| format!("held-{number}")).collect();
    let requests: Vec<_> = held.iter().map(|room| service.room_request(room)).collect();
    let stop = AtomicBool::new(false);
    let answered = thread::scope(|scope| {
        let (service, stop) = (&service, &stop);
        let senders: Vec<_> =
            (0..4).map(|sender| scope.spawn(move || send_until(service, stop, sender))).collect();
        service.process().wait_for_line(r#"room_id="sent-0-10""#);

        let began = Instant::now();
        let mut connections = Vec::new();
        for request in &requests {
            let mut connection = Connection::open(service.address());
            let length = format!("Content-Length: {}", request.body().len());
            connection.send_head(request, &[&length, "Expect: 100-continue"]);
            connections.push(connection);
        }
        for connection in &mut connections {
            // Now the service has the request, and waits for its body.
            assert_eq!(connection.answer().status, 100);
        }
        service.process().signal("TERM");
        service.process().wait_for_line("stopping");
        for (connection, request) in connections.iter_mut().zip(&requests) {
            connection.send(request.body());
        }
        let in_time = began.elapsed() < SOON;
        let answers: Vec<_> =
            if in_time { connections.iter_mut().map(Connection::answer).collect() } else { vec![] };
        stop.store(true, Ordering::Relaxed);
        for answer in &answers {
            assert_eq!(answer.reply(), Reply::ok());
        }
        let sent = senders.into_iter().flat_map(|sender| sender.join().unwrap());
        let held = if in_time { held } else { vec![] };
        sent.chain(held).collect::<Vec<_>>()
    });
    let in_time = answered.iter().any(|room| room.starts_with("held"));
    Service::assert_logged(&service.finish(), &answered);
    in_time
}

/// Tells of one room after the other, until the service is gone or enough has been told. Returns those that were
/// answered.
fn send_until(service: &Service, stop: &AtomicBool, sender: usize) -> Vec<String> {
    let client = Client::builder().no_proxy().timeout(WAIT).build().unwrap();
    let mut answered = Vec::new();
    let began = Instant::now();
    for room in (0..).map(|number| format!("sent-{sender}-{number}")) {
        if stop.load(Ordering::Relaxed) || began.elapsed() > WAIT {
            break;
        }
        match service.try_post(&client, &service.room_request(&room)) {
            Ok(answer) => assert_eq!(answer.reply(), Reply::ok()),
            Err(_) => break,
        }
        answered.push(room);
    }
    answered
}

/// Complete deliveries that the service has not even accepted when it is told to stop get their answers.
pub fn what_was_queued_is_answered(program: &str) {
    let service = Service::start(program);
    let rooms: Vec<_> = (0..20).map(|number| format!("queued-{number}")).collect();
    // As if it were too busy: the system accepts for it.
    service.process().signal("STOP");
    let mut connections = Vec::new();
    for room in &rooms {
        let mut connection = Connection::open(service.address());
        connection.send_request(&service.room_request(room));
        connections.push(connection);
    }
    service.process().signal("TERM");
    service.process().signal("CONT");
    for connection in &mut connections {
        assert_eq!(connection.answer().reply(), Reply::ok());
    }
    Service::assert_logged(&service.finish(), &rooms);
}

/// Who comes while the service stops is answered or refused. A connection that is accepted by the system and then reset
/// is a delivery that is lost, and there can be one of a client that comes again and again: no server can stop to accept
/// and look at what was accepted at the same time.
pub fn who_comes_too_late_is_refused(program: &str) {
    let service = Service::start(program);
    let (mut answered, mut lost) = (0, 0);
    let began = Instant::now();
    loop {
        assert!(began.elapsed() < WAIT, "still answering: {answered}");
        let Ok(mut connection) = Connection::try_open(service.address()) else { break };
        connection.send_request(&service.room_request("late"));
        if connection.is_answered() {
            answered += 1;
        } else {
            lost += 1;
        }
        if answered == 10 {
            service.process().signal("TERM");
        }
    }
    assert!(answered >= 10 && lost <= 1, "answered: {answered}, lost: {lost}");
    service.finish();
}

/// SIGTERM stops the service, and so does ctrl-c, as soon as it says that it is there.
pub fn either_signal_stops_it(program: &str) {
    for signal in ["TERM", "INT"] {
        let service = Service::start(program);
        service.process().signal(signal);
        let output = service.finish();
        assert!(output.contains("stopping") && output.contains("stopped"), "{output}");
    }
}

/// Clients that keep a connection open and say nothing, or not all, do not keep the service.
pub fn silent_connections_do_not_keep_it(program: &str) {
    let service = Service::start(program);
    let request = service.room_request("used");
    let mut connections: Vec<_> = (0..4).map(|_| Connection::open(service.address())).collect();
    connections[0].send_request(&request);
    assert_eq!(connections[0].answer().reply(), Reply::ok());
    connections[1].send("POST /webhook?");
    connections[2].send_head(&request, &["Content-Length: 1000"]);
    service.stop();
    drop(connections);
}
