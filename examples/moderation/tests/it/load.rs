//! Many messages at once.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};

use crate::{
    Database,
    server::{OURS, Server},
    with_either_database,
};

const CONNECTIONS: usize = 64;
const MESSAGES: usize = 10_000;

with_either_database! {
    what_is_answered_held_is_in_the_list_once
}

async fn what_is_answered_held_is_in_the_list_once(database: &Database) {
    let server = Arc::new(Server::start(database).await);
    let next = Arc::new(AtomicUsize::new(0));
    let senders = (0..CONNECTIONS).map(|sender| {
        let (server, next) = (Arc::clone(&server), Arc::clone(&next));
        tokio::spawn(async move {
            let account = format!("user-{sender}");
            let mut sent = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= MESSAGES {
                    break sent;
                }
                let text = format!("message {number}");
                let answer = server.send("room", &account, &text).await;
                if answer.is_held() {
                    sent.push((account.clone(), text));
                } else {
                    // Not in time, on a machine that has too much to do. It may be stored all the same.
                    answer.assert_forbidden();
                }
            }
        })
    });
    let mut sent = HashSet::new();
    for sender in senders.collect::<Vec<_>>() {
        sent.extend(sender.await.unwrap());
    }
    assert!(sent.len() > MESSAGES / 2, "{}", sent.len());
    let refused = (MESSAGES - sent.len()) as f64;
    let stored = server.get("/moderation/stats").await.json(200)["totalPending"].as_i64().unwrap();

    let mut by_number = Vec::new();
    for page in 1.. {
        let (count, data) = server.list("room", page, 100).await;
        assert_eq!(count, stored);
        if data.is_empty() {
            break;
        }
        by_number.extend(data);
    }
    assert_listed(&sent, &by_number);

    let mut by_cursor = Vec::new();
    let mut cursor = Value::Null;
    loop {
        let wanted = json!({ "SdkAppId": OURS, "Receiver": "room", "PageSize": 77, "Cursor": cursor });
        let list = server.ask("/moderation/list", &wanted).await.json(200);
        by_cursor.extend(list["Data"].as_array().unwrap().clone());
        cursor = list["NextCursor"].clone();
        if cursor.is_null() {
            break;
        }
    }
    assert_eq!(by_cursor, by_number);
    // They were committed together, or else this would have taken ten thousand commits.
    let commits = server.metric("moderation_commit_messages_count").await;
    assert!(commits < MESSAGES as f64 / 2.0, "{commits}");
    assert_eq!(server.metric("moderation_commit_messages_sum").await, stored as f64);
    assert!(MESSAGES as f64 - refused <= stored as f64 && stored <= MESSAGES as i64, "{stored}");
}

#[track_caller]
fn assert_listed(sent: &HashSet<(String, String)>, listed: &[Value]) {
    let mut counts = HashMap::<(String, String), usize>::new();
    let mut ids = HashSet::new();
    for record in listed {
        let text = |name: &str| record[name].as_str().unwrap().to_owned();
        *counts.entry((text("From_Account"), text("Content"))).or_default() += 1;
        ids.insert(text("ContentId"));
    }
    assert_eq!(ids.len(), listed.len());
    assert!(sent.iter().all(|message| counts.get(message) == Some(&1)));
}
