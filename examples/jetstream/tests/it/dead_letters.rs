//! Messages that no try can process.

use std::collections::HashSet;

use async_nats::{
    HeaderMap,
    jetstream::{AckKind, consumer::PullConsumer},
};
use futures_util::StreamExt;

use crate::{
    ledger::assert_kept,
    load::{Again, Sent, delivery, during, post_until_accepted},
    program::run_well,
    system::{PROCESSING, System},
};

/// Longer than the workers take a room's id to be.
fn long_room() -> String {
    "r".repeat(200)
}

fn send(system: &System, room: &str, number: usize) -> Sent {
    let mut sent = delivery(room, number);
    post_until_accepted(system, system.addresses()[0], &mut sent);
    sent
}

#[test]
#[ignore = "needs nats-server"]
fn poison_is_set_aside_and_put_back_after_a_fix() {
    let mut system = System::start();
    let addresses = system.addresses().to_vec();
    let mut poison = Vec::new();
    let sent = during(&addresses, Again::Never, |_| {
        // What no handler can process, what is no packet, and what is no delivery at all.
        poison.push(send(&system, &long_room(), 1));
        poison.push(send(&system, &long_room(), 2));
        system.with_context(async |context| {
            let mut headers = HeaderMap::new();
            headers.insert("Live-Id", "torn");
            headers.insert("Live-Request", "SdkAppid=7");
            let torn = context.publish_with_headers("live.7.x.3", headers, "{\"CallbackCommand\":".into());
            torn.await.unwrap().await.unwrap();
            context.publish("live.7.x.3", "x".into()).await.unwrap().await.unwrap();
        });
        std::thread::sleep(std::time::Duration::from_secs(5));
    });
    system.wait_until_idle();
    let urls = system.cluster.urls();
    let lag = run_well(&urls, &["lag"]);
    assert!(lag.contains("\n4 dead letters\n"), "{lag}");
    let list = run_well(&urls, &["requeue", "--list"]);
    for text in [
        "id of a room has more than 128 bytes",
        "unreadable packet: ",
        "no header Live-Id (no delivery: cannot be put back)",
        "4 dead letters, 0 put back\n",
    ] {
        assert!(list.contains(text), "no {text:?} in {list}");
    }
    // Each was tried as often as is set, and no more. What else fails on a slow machine is another matter.
    let logs = system.logs();
    let tries: Vec<_> = logs.lines().filter(|line| line.contains("message not processed")).collect();
    let place = |line: &&str| {
        line.split_once(" place=").and_then(|(_, rest)| rest.split(" tries=").next().map(str::to_owned))
    };
    let poisoned = tries.iter().filter(|line| line.contains("id of a room has more than"));
    let poisoned: HashSet<_> = poisoned.map(|line| place(line).unwrap()).collect();
    assert_eq!(poisoned.len(), 2, "{tries:?}");
    for poisoned in poisoned {
        let times = tries.iter().filter(|line| place(line).as_ref() == Some(&poisoned)).count();
        assert_eq!(times, 5, "{tries:?}");
    }

    // The fix: workers that take longer ids.
    for worker in &mut system.workers {
        worker.stop();
    }
    system.workers.clear();
    system.add_worker(&["--room-id-limit", "1000"]);
    let only = ["requeue", "--reason", "id of a room"];
    assert!(run_well(&urls, &only).ends_with("2 dead letters, 2 put back\n"));
    assert!(run_well(&urls, &only).ends_with("0 dead letters, 0 put back\n"));
    system.wait_until_idle();
    assert!(run_well(&urls, &["lag"]).contains("\n2 dead letters\n"));

    // A repetition of what was a dead letter is one still.
    post_until_accepted(&system, addresses[0], &mut poison[0].clone());
    system.wait_until_idle();
    let effects = system.stop();
    assert!(effects.dead.is_empty(), "{:?}", effects.dead);
    let all: Vec<_> = sent.into_iter().chain(poison).collect();
    assert_kept("poison", &all, &effects);
}

#[test]
#[ignore = "needs nats-server"]
fn what_ends_every_worker_is_set_aside() {
    let mut system = System::with_streams(&[]);
    system.add_door(&[]);
    system.add_worker(&["--tries", "3"]);
    system.workers[0].stop();
    let sent = send(&system, "room-1", 1);
    // What three workers leave that have begun with it and did not live to say why they failed.
    system.with_context(async |context| {
        for consumer in (0..8).map(|partition| format!("partition-{partition}")) {
            let consumer: PullConsumer = context.get_consumer_from_stream(consumer, "LIVE").await.unwrap();
            if consumer.cached_info().num_pending == 1 {
                let message = consumer.fetch().max_messages(1).messages().await.unwrap().next().await;
                message.unwrap().unwrap().double_ack_with(AckKind::Nak(None)).await.unwrap();
            }
        }
    });
    system.write("INSERT INTO tries (id, tries) VALUES (?1, 3)", &sent.id);
    system.workers[0].restart(PROCESSING);
    system.wait_until_idle();
    let list = run_well(&system.cluster.urls(), &["requeue", "--list"]);
    assert!(list.contains(": no worker finished it\n"), "{list}");
    let effects = system.stop();
    assert_eq!((effects.ids.len(), effects.dead), (0, vec![sent.id]));
}
