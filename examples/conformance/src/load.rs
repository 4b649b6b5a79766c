//! Many connections at once, and bad ones among them.

use std::{
    env, fs, process,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use trtc_live_webhook::{Reply, event::room, samples};

use crate::{
    Connection, Service, WAIT,
    service::{OURS, now},
};

/// Each of 200 connections that are open at the same time gets its answer.
pub fn two_hundred_connections_are_served_at_once(program: &str) {
    let service = Service::start(program);
    let rooms: Vec<_> = (0..200).map(|number| format!("parallel-{number}")).collect();
    let open = |room| {
        let mut connection = Connection::open(service.address());
        connection.send_request(&service.room_request(room));
        connection
    };
    let mut connections: Vec<_> = rooms.iter().map(|room| open(room)).collect();
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
    let open = |number| {
        let mut connection = Connection::open(service.address());
        if number % 2 == 0 {
            connection.send_head(&request, &[&format!("Content-Length: {length}")]);
        } else {
            connection.send_head(&request, &["Transfer-Encoding: chunked"]);
            connection.send(format!("{length:x}\r\n"));
        }
        connection.send(&request.body()[..length / 2]);
        connection
    };
    let stalled: Vec<_> = (0..20).map(open).collect();
    for _ in 0..20 {
        assert_eq!(service.tell(room::AfterCreateRoom::sample()).reply(), Reply::ok());
    }
    for mut connection in stalled {
        connection.answer().assert_failure(408);
        connection.assert_closed();
    }
    let output = service.stop();
    assert!(!output.contains(r#"room_id="stalled""#), "{output}");
}

/// 50 clients at a time get their answers while 2,000 connections are open and silent.
pub fn two_thousand_idle_connections_disturb_nobody(program: &str) {
    const IDLE: u64 = 2000;

    // For this process and, by inheritance, the service.
    let files = rlimit::increase_nofile_limit(IDLE + 1000).unwrap();
    assert!(files >= IDLE + 500, "only {files} files may be open");
    let service = Service::start(program);
    let mut idle: Vec<_> = (0..IDLE).map(|_| Connection::open(service.address())).collect();
    let mut undisturbed = 0;
    for number in 0..10 {
        // A service gives up who has been silent for long.
        for connection in idle.iter_mut().filter(|connection| connection.is_closed()) {
            *connection = Connection::open(service.address());
        }
        thread::scope(|scope| {
            for client in 0..50 {
                let service = &service;
                scope.spawn(move || {
                    let request = service.room_request(&format!("active-{client}-{number}"));
                    assert_eq!(service.post(&request).reply(), Reply::ok());
                });
            }
        });
        undisturbed += u32::from(idle.iter().all(|connection| !connection.is_closed()));
    }
    assert!(undisturbed > 0, "not once were all silent connections open while the others were answered");
    drop(idle);
    let rooms: Vec<_> =
        (0..50).flat_map(|client| (0..10).map(move |number| format!("active-{client}-{number}"))).collect();
    Service::assert_logged(&service.stop(), &rooms);
}

/// A token is replaced while deliveries arrive, and none of them is refused. Afterwards, the old one is.
pub fn a_token_changes_under_load(program: &str) {
    /// In place of a token.
    const END: usize = 2;

    let path = env::temp_dir().join(format!("conformance-tokens-{}", process::id()));
    fs::write(&path, "none-yet").unwrap();
    let service =
        Service::start_with(program, &[("TRTC_TOKENS", ""), ("TRTC_TOKEN_FILE", path.to_str().unwrap())]);
    let [old, new] = service.tokens();
    let reload = |tokens: &str, times: usize| {
        fs::write(&path, tokens).unwrap();
        service.process().signal("HUP");
        service.process().wait_for_lines("tokens replaced", times);
    };
    let request = || samples::Request::new(OURS, room::AfterCreateRoom::sample());
    service.post(&service.sign(request())).assert_failure(401);
    reload(old, 1);

    // The token that the backend signs with, and what each sender has sent.
    let (token, sent) = (AtomicUsize::new(0), [const { AtomicUsize::new(0) }; 4]);
    // The first that a sender sends from now on may have been signed before.
    let wait_for_more = || {
        let before: Vec<_> = sent.iter().map(|sent| sent.load(Ordering::SeqCst)).collect();
        let deadline = Instant::now() + WAIT;
        while sent.iter().zip(&before).any(|(sent, before)| sent.load(Ordering::SeqCst) < before + 10) {
            // A sender that was refused sends no more.
            if Instant::now() > deadline {
                token.store(END, Ordering::SeqCst);
                panic!("a sender has stopped");
            }
            thread::sleep(Duration::from_millis(1));
        }
    };
    thread::scope(|scope| {
        let (service, token) = (&service, &token);
        for sent in &sent {
            scope.spawn(move || {
                loop {
                    let token = token.load(Ordering::SeqCst);
                    if token == END {
                        break;
                    }
                    let answer = service.post(&service.sign_with(request(), token, now()));
                    assert_eq!(answer.reply(), Reply::ok());
                    sent.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        wait_for_more();
        reload(&format!("{old} {new}"), 2);
        wait_for_more();
        token.store(1, Ordering::SeqCst);
        wait_for_more();
        reload(new, 3);
        wait_for_more();
        token.store(END, Ordering::SeqCst);
    });
    service.post(&service.sign_with(request(), 0, now())).assert_failure(401);
    assert_eq!(service.post(&service.sign_with(request(), 1, now())).reply(), Reply::ok());
    // A file without tokens opens nothing.
    fs::write(&path, "").unwrap();
    service.process().signal("HUP");
    service.process().wait_for_line("tokens not replaced");
    service.post(&request()).assert_failure(401);
    fs::remove_file(&path).unwrap();
    service.stop();
}
