//! What is killed while deliveries arrive.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use crate::{
    ledger::{Counts, assert_kept},
    load::{Answer, Sent, client, delivery, during, post},
    program::WAIT,
    system::{LISTENING, PROCESSING, System},
};

/// Long enough for a few hundred deliveries.
const WHILE: Duration = Duration::from_millis(1500);

/// Sends while something happens, waits until all of it is processed, and compares.
#[track_caller]
fn assert_kept_during(
    scenario: &str,
    mut system: System,
    twice: bool,
    what_happens: impl FnOnce(&mut System),
) -> Counts {
    let addresses = system.addresses().to_vec();
    let mut sent: Vec<Sent> = during(&addresses, twice, || {
        sleep(WHILE);
        what_happens(&mut system);
        sleep(WHILE);
    });
    sent.append(&mut system.probes);
    system.wait_until_idle();
    let counts = assert_kept(scenario, &sent, &system.stop());
    assert!(counts.accepted > 100, "{counts:?}");
    counts
}

/// Posts until a delivery is accepted.
#[track_caller]
fn wait_until_accepted(system: &mut System) {
    let (client, began) = (client(), Instant::now());
    let mut answer = Answer::None;
    while answer != Answer::Ok {
        assert!(began.elapsed() < WAIT, "nothing is accepted\n{}", system.cluster.logs());
        let mut probe = delivery("probed", system.probes.len());
        answer = post(&client, system.addresses()[0], &probe.body);
        (probe.first, probe.answer) = (answer, answer);
        system.probes.push(probe);
        sleep(Duration::from_millis(100));
    }
}

#[test]
#[ignore = "needs nats-server"]
fn a_front_door_is_killed() {
    let counts = assert_kept_during("front door killed", System::start(), false, |system| {
        system.doors[0].kill();
        sleep(WHILE);
        system.doors[0].restart(LISTENING);
    });
    assert!(counts.unreachable > 0, "{counts:?}");
}

#[test]
#[ignore = "needs nats-server"]
fn a_worker_is_killed() {
    assert_kept_during("worker killed", System::start(), false, |system| {
        for _ in 0..3 {
            system.workers[0].kill();
            sleep(WHILE / 4);
            system.workers[0].restart(PROCESSING);
            sleep(WHILE / 4);
        }
    });
}

#[test]
#[ignore = "needs nats-server"]
fn a_server_is_killed_that_does_not_lead() {
    assert_kept_during("follower killed", System::start(), false, |system| {
        let leader = system.cluster.wait_for_leader("LIVE");
        system.cluster.kill((leader + 1) % 3);
        sleep(WHILE);
        system.cluster.restart();
    });
}

#[test]
#[ignore = "needs nats-server"]
fn the_server_is_killed_that_leads() {
    assert_kept_during("leader killed", System::start(), false, |system| {
        let leader = system.cluster.wait_for_leader("LIVE");
        system.cluster.kill(leader);
        sleep(WHILE);
        assert_ne!(system.cluster.wait_for_leader("LIVE"), leader);
        sleep(WHILE);
        system.cluster.restart();
    });
}

#[test]
#[ignore = "needs nats-server"]
fn two_servers_are_killed() {
    let counts = assert_kept_during("two servers killed", System::start(), false, |system| {
        let leader = system.cluster.wait_for_leader("LIVE");
        // The leader is left: it keeps what it cannot give to the others.
        system.cluster.kill((leader + 1) % 3);
        system.cluster.kill((leader + 2) % 3);
        sleep(6 * WHILE);
        system.cluster.restart();
        wait_until_accepted(system);
    });
    assert!(counts.refused > 50, "{counts:?}");
}

#[test]
#[ignore = "needs nats-server"]
fn a_worker_hangs() {
    assert_kept_during("worker hangs", System::start(), false, |system| {
        system.workers[0].process().signal(Signal::SIGSTOP);
        // Longer than the servers wait for an acknowledgement.
        sleep(Duration::from_secs(6));
        system.workers[0].process().signal(Signal::SIGCONT);
    });
}

#[test]
#[ignore = "needs nats-server"]
fn every_delivery_is_sent_twice() {
    assert_kept_during("every delivery twice", System::start(), true, |system| {
        // Ids that a server has seen are not all known to it when it starts again.
        system.workers[1].kill();
        let leader = system.cluster.wait_for_leader("LIVE");
        system.cluster.kill(leader);
        sleep(WHILE);
        system.cluster.restart();
        system.workers[1].restart(PROCESSING);
    });
}

#[test]
#[ignore = "needs nats-server"]
fn every_delivery_comes_again_when_the_servers_have_forgotten_it() {
    let mut system = System::with_streams(&["--duplicate-window", "1"]);
    let metrics = format!("127.0.0.1:{}", test_servers::free_port());
    system.add_door(&[]);
    system.add_worker(&["--metrics-listen", &metrics]);
    let address = system.addresses()[0];
    let sent = during(&[address], false, || sleep(WHILE));
    system.wait_until_idle();
    sleep(Duration::from_secs(4));
    for sent in &sent {
        assert_eq!(post(&client(), address, &sent.body), Answer::Ok);
    }
    system.wait_until_idle();
    let text = client().get(format!("http://{metrics}/metrics")).send().unwrap().text().unwrap();
    // Each has gone all the way to the worker a second time.
    for outcome in ["done", "repeated"] {
        let line = format!("worker_messages_total{{outcome=\"{outcome}\"}} {}\n", sent.len());
        assert!(text.contains(&line), "no {line} in {text}");
    }
    assert_kept("every delivery again, later", &sent, &system.stop());
}
