//! What is killed while deliveries arrive.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;

use crate::{
    ledger::{Counts, assert_kept},
    load::{Answer, Sent, client, delivery, during, during_long, post},
    program::{WAIT, run_well},
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
    let counts = assert_kept_during("follower killed", System::start(), false, |system| {
        let leader = system.cluster.wait_for_leader("LIVE");
        system.cluster.kill((leader + 1) % 3);
        sleep(WHILE);
        system.cluster.restart();
    });
    // The stream goes on, and each front door has another server to connect to.
    assert!(counts.refused < counts.accepted, "{counts:?}");
}

#[test]
#[ignore = "needs nats-server"]
fn the_server_is_killed_that_leads() {
    let counts = assert_kept_during("leader killed", System::start(), false, |system| {
        let leader = system.cluster.wait_for_leader("LIVE");
        system.cluster.kill(leader);
        sleep(WHILE);
        assert_ne!(system.cluster.wait_for_leader("LIVE"), leader);
        sleep(WHILE);
        system.cluster.restart();
    });
    // Another one is elected in some seconds, and the first answer of it ends the refusals.
    assert!(counts.refused < counts.accepted, "{counts:?}");
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
    assert!(counts.refused > 0, "{counts:?}");
}

#[test]
#[ignore = "needs nats-server"]
fn a_worker_hangs() {
    let mut system = System::with_streams(&[]);
    let metrics = [(); 2].map(|()| format!("127.0.0.1:{}", test_servers::free_port()));
    for metrics in &metrics {
        system.add_door(&[]);
        system.add_worker(&["--metrics-listen", metrics]);
    }
    assert_kept_during("worker hangs", system, false, |system| {
        system.workers[0].process().signal(Signal::SIGSTOP);
        // What it had went to the other one.
        wait_until(|| tried_again(system) > 0);
        system.workers[0].process().signal(Signal::SIGCONT);
        // And had its effect once: who came second has seen it.
        wait_until(|| metrics.iter().map(|metrics| repeated(metrics)).sum::<u64>() > 0);
    });
}

/// Returns how many messages are with a worker for another time, as `lag` says.
fn tried_again(system: &System) -> u64 {
    let lag = run_well(&system.cluster.urls(), &["lag"]);
    let rows = lag.lines().skip(1).take_while(|row| !row.is_empty());
    rows.map(|row| row.split_whitespace().nth(3).unwrap().parse::<u64>().unwrap()).sum()
}

/// Returns how many messages a worker found to have had their effect.
fn repeated(metrics: &str) -> u64 {
    let text = client().get(format!("http://{metrics}/metrics")).send().unwrap().text().unwrap();
    let line =
        text.lines().find_map(|line| line.strip_prefix("worker_messages_total{outcome=\"repeated\"} "));
    line.map_or(0, |count| count.parse().unwrap())
}

#[track_caller]
fn wait_until(mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + WAIT;
    while !is_so() {
        assert!(Instant::now() < deadline);
        sleep(Duration::from_millis(100));
    }
}

#[test]
#[ignore = "needs nats-server"]
fn the_leader_of_a_full_stream_is_killed() {
    let mut system = System::with_streams(&["--max-bytes", "16777216", "--duplicate-window", "1"]);
    for _ in 0..2 {
        system.add_door(&[]);
    }
    let addresses = system.addresses().to_vec();
    let deadline = Instant::now() + WAIT;
    let sent = during_long(&addresses, false, 60_000, || {
        while !system.doors[0].log().contains("stream is full") {
            assert!(Instant::now() < deadline, "never full");
            sleep(Duration::from_millis(100));
        }
        // From here on, workers make room, and what comes fills it.
        system.add_worker(&[]);
        system.add_worker(&[]);
        sleep(WHILE);
        let leader = system.cluster.wait_for_leader("LIVE");
        system.cluster.kill(leader);
        sleep(WHILE);
        assert_ne!(system.cluster.wait_for_leader("LIVE"), leader);
        system.cluster.restart();
        sleep(WHILE);
    });
    system.wait_until_idle();
    let counts = assert_kept("leader of a full stream killed", &sent, &system.stop());
    assert!(counts.accepted > 200 && counts.refused > 0, "{counts:?}");
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
