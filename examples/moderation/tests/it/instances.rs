//! Several instances on one database.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use tokio::{sync::RwLock, time::sleep};

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
    // On a busy machine, an answer takes longer than that. What counts is what becomes of a message that comes a second later.
    let second = Duration::from_secs(1);
    let is_let_through = async |room: &str| other.send(room, "alice", "hello").await.is_let_through();
    for _ in 0..3 {
        one.toggle(false).await;
        other.until("let through", async || is_let_through("room").await).await;
        one.toggle(true).await;
        sleep(second).await;
        assert!(!is_let_through("room").await);
    }
    one.toggle(false).await;
    other.until("let through", async || is_let_through("room").await).await;
    let set = json!({ "SdkAppId": OURS, "Receiver": "room", "Enabled": true });
    other.ask("/moderation/toggle", &set).await.json(200);
    sleep(second).await;
    assert!(!one.send("room", "alice", "hello").await.is_let_through());
    one.until("held", async || one.send("room", "alice", "hello").await.is_held()).await;
    let elsewhere = async || one.send("elsewhere", "alice", "hello").await.is_let_through();
    one.until("let through", elsewhere).await;
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
