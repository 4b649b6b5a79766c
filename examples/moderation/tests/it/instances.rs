//! Several instances on one database.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::{
    sync::RwLock,
    time::{sleep, timeout},
};

use crate::{
    Database,
    crash::Load,
    server::{OURS, Server},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn a_toggle_holds_on_all_within_a_second() {
    let database = Database::postgres();
    let (one, other) = tokio::join!(Server::start(&database), Server::start(&database));
    other.send("room", "alice", "hello").await.assert_held();
    for enabled in [false, true, false] {
        one.toggle(enabled).await;
        let set = Instant::now();
        while other.get("/moderation/toggle").await.json(200)["Enabled"] != enabled {
            assert!(set.elapsed() < Duration::from_secs(1), "{enabled}");
            sleep(Duration::from_millis(10)).await;
        }
        let answer = other.send("room", "alice", "hello").await;
        if enabled { answer.assert_held() } else { answer.assert_let_through() }
    }
    let set = json!({ "SdkAppId": OURS, "Receiver": "room", "Enabled": true });
    other.ask("/moderation/toggle", &set).await.json(200);
    let held = async || {
        while !one.send("room", "alice", "hello").await.is_held() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(1), held()).await.unwrap();
    one.send("elsewhere", "alice", "hello").await.assert_let_through();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL"]
async fn what_a_killed_instance_answered_is_on_the_others() {
    let database = Database::postgres();
    let (one, other) = tokio::join!(Server::start(&database), Server::start(&database));
    let (one, other) = (Arc::new(RwLock::new(one)), Arc::new(RwLock::new(other)));
    let (load, other_load) = (Load::start(&one, "one"), Load::start(&other, "other"));
    load.until_held(300).await;
    one.read().await.signal(nix::sys::signal::Signal::SIGKILL);
    other_load.until_held(300).await;
    let other = other.read().await;
    load.assert_nothing_lost(&other).await;
    other_load.assert_nothing_lost(&other).await;
}
