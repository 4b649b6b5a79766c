//! What `trtc-live listen` bounds.

use std::{
    io::{Read, Write},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use trtc_live_webhook::{event::room, samples::Request};

use crate::{
    listening::{Listening, TOKEN, choose, client, event, send, signed, text},
    service::OURS,
};

#[tokio::test]
async fn a_body_that_is_too_long_is_shown_as_not_read() {
    let listening = Listening::start(&["--short"]);
    let query = signed(Request::new(OURS, text("long"))).query();
    let mut connection = listening.connect();
    write!(connection, "POST /?{query} HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n").unwrap();
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
    let shown = event(&listening, "exchange", |_| true).await;
    assert_eq!((&shown["answer"]["status"], &shown["packet"]), (&json!(413), &Value::Null));
}

#[tokio::test]
async fn only_so_many_pages_are_open() {
    let listening = Listening::start(&["--short"]);
    let open = || client().get(format!("{}/-/events", listening.page)).send();
    let mut pages = Vec::new();
    for _ in 0..16 {
        pages.push(open().await.unwrap());
    }
    assert!(pages.iter().all(|page| page.status() == 200));
    assert_eq!(open().await.unwrap().status(), 503);
    assert_eq!(listening.tell(text("hi")).await.0, 200);
}

#[tokio::test]
async fn only_so_many_exchanges_go_on_without_a_client() {
    let listening = Listening::start(&["--short"]);
    let slow = json!({"choice": "allow", "delay": 20_000});
    assert_eq!(choose(&listening, slow.clone(), slow).await.0, 204);
    let request = signed(Request::new(OURS, text("slow")));
    for _ in 0..2 {
        let connections: Vec<_> = (0..128).map(|_| send(&listening, &request)).collect();
        thread::sleep(Duration::from_secs(3));
        drop(connections);
    }
    // Not all of them may have begun yet.
    let deadline = Instant::now() + Duration::from_secs(10);
    while listening.tell(room::AfterCreateRoom::sample()).await.0 != 503 {
        assert!(Instant::now() < deadline, "never refused");
    }
}

#[tokio::test]
async fn silent_connections_hold_it_up_for_ten_seconds() {
    let listening = Listening::start(&["--short"]);
    let silent: Vec<_> = (0..256).map(|_| listening.connect()).collect();
    let start = Instant::now();
    assert_eq!(listening.tell(text("hi")).await.0, 200);
    assert!(start.elapsed() > Duration::from_secs(5), "{:?}", start.elapsed());
    drop(silent);
}

#[tokio::test]
async fn the_last_deliveries_are_kept_and_a_page_goes_on_where_it_was() {
    let listening = Listening::start(&["--keep", "5", "--short"]);
    for number in 0..12 {
        let mut event = room::AfterCreateRoom::sample();
        event.room_info.room_id = format!("room-{number}").into();
        listening.tell(event).await;
    }
    let first = event(&listening, "exchange", |_| true).await;
    assert_eq!((&first["id"], &first["room"]), (&json!(8), &json!("room-7")));
    let run = event(&listening, "hello", |_| true).await["run"].as_str().unwrap().to_owned();
    for (id, next) in [(format!("{run}-10"), "\"id\":11"), ("7-10".to_owned(), "\"id\":8")] {
        let get = client().get(format!("{}/-/events", listening.page)).header("Last-Event-ID", id);
        let mut response = get.send().await.unwrap();
        let mut read = String::new();
        while !read.contains("event: exchange") || !read.ends_with("\n\n") {
            read.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
        }
        let data = read.split_once("event: exchange").unwrap().1.split_once("data: ").unwrap().1;
        assert!(data.contains(next), "{data}");
    }
}

/// Most memory that the process ever had, in bytes.
#[cfg(target_os = "linux")]
fn memory(listening: &Listening) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", listening.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn long_deliveries_do_not_pile_up() {
    // As few threads as on a small machine: each has memory of its own.
    let environment = [("TRTC_TOKEN", TOKEN), ("TOKIO_WORKER_THREADS", "2"), ("MALLOC_ARENA_MAX", "2")];
    let listening = Listening::start_in(&environment, &["--keep", "10000", "--short"]);
    let body = format!(
        r#"{{"CallbackCommand":"Live.CallbackAfterSetMetadata","RoomId":"r","More":"{}"}}"#,
        "\\u0000".repeat(10_000)
    );
    let (client, base) = (client(), listening.webhook().parse().unwrap());
    for _ in 0..1500 {
        let request = signed(Request::from_json(OURS, body.as_str()));
        let post = client.post(request.url(&base)).body(request.into_body());
        assert_eq!(post.send().await.unwrap().status(), 200);
    }
    // They had 90 MB, and three times as much with what is made of them.
    let memory = memory(&listening);
    assert!(memory < 150 << 20, "{memory}");
}
