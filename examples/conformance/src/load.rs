//! Many connections at once, and bad ones among them.

use trtc_live_webhook::{Reply, event::room};

use crate::{Connection, Service};

/// Each of 200 connections that are open at the same time gets its answer.
pub fn two_hundred_connections_are_served_at_once(program: &str) {
    let service = Service::start(program);
    let rooms: Vec<_> = (0..200).map(|number| format!("parallel-{number}")).collect();
    let mut connections: Vec<_> = rooms.iter().map(|_| Connection::open(service.address())).collect();
    for (connection, room) in connections.iter_mut().zip(&rooms) {
        connection.send_request(&service.room_request(room));
    }
    for connection in &mut connections {
        assert_eq!(connection.answer().reply(), Reply::ok());
    }
    drop(connections);
    Service::assert_logged(&service.stop(), &rooms);
}

/// Clients that send half a body and stall get 408, and the others get their answers.
pub fn a_stalled_body_stops_nobody_and_is_given_up(program: &str) {
    let service = Service::start(program);
    let request = service.room_request("stalled");
    let length = request.body().len();
    let mut stalled: Vec<_> = (0..20).map(|_| Connection::open(service.address())).collect();
    for (number, connection) in stalled.iter_mut().enumerate() {
        if number % 2 == 0 {
            connection.send_head(&request, &[&format!("Content-Length: {length}")]);
        } else {
            connection.send_head(&request, &["Transfer-Encoding: chunked"]);
            connection.send(format!("{length:x}\r\n"));
        }
        connection.send(&request.body()[..length / 2]);
    }
    for _ in 0..20 {
        assert_eq!(service.tell(room::AfterCreateRoom::sample()).reply(), Reply::ok());
    }
    for mut connection in stalled {
        assert_eq!(connection.answer().status, 408);
        connection.assert_closed();
    }
    let output = service.stop();
    assert!(!output.contains(r#"room_id="stalled""#), "{output}");
}
