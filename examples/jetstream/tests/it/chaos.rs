//! What is killed while deliveries arrive.

use std::{thread::sleep, time::Duration};

use nix::sys::signal::Signal;
use test_servers::free_port;

use crate::{
    ledger::{Counts, assert_kept},
    load::{Again, Answer, Load, Sent, during, during_long, post_until_accepted},
    program::{metric, wait_until},
    system::{LISTENING, PROCESSING, System},
};

/// Long enough for a few hundred deliveries.
const WHILE: Duration = Duration::from_millis(1500);

/// Deliveries that are accepted before something happens, and after it: however long that takes.
const ENOUGH: usize = 60;

/// Sends while something happens, waits until all of it is processed, and compares.
#[track_caller]
fn assert_kept_during(
    scenario: &str,
    mut system: System,
    again: Again,
    what_happens: impl FnOnce(&mut System, &Load),
) -> Counts {
    let addresses = system.addresses().to_vec();
    let sent: Vec<Sent> = during(&addresses, again, |load| {
        load.wait_for(Answer::Ok, ENOUGH, &system);
        what_happens(&mut system, load);
        load.wait_for(Answer::Ok, ENOUGH, &system);
    });
    system.wait_until_idle();
    let counts = assert_kept(scenario, &sent, &system.stop());
    assert!(counts.accepted >= 2 * ENOUGH, "{counts:?}");
    counts
}

#[test]
#[ignore = "needs nats-server"]
fn a_front_door_is_killed() {
    assert_kept_during("front door killed", System::start(), Again::Never, |system, load| {
        system.doors[0].kill();
        sleep(WHILE);
        // The other one goes on.
        load.wait_for(Answer::Unreachable, 1, system);
        load.wait_for(Answer::Ok, ENOUGH, system);
        system.doors[0].restart(LISTENING);
    });
}

#[test]
#[ignore = "needs nats-server"]
fn a_worker_is_killed() {
    assert_kept_during("worker killed", System::start(), Again::Never, |system, _| {
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
    assert_kept_during("follower killed", System::start(), Again::Never, |system, load| {
        let leader = system.cluster.wait_for_leader("LIVE");
        system.cluster.kill((leader + 1) % 3);
        sleep(WHILE);
        // The stream goes on, and each front door has another server to connect to.
        load.wait_for(Answer::Ok, ENOUGH, system);
        system.cluster.restart();
    });
}

#[test]
#[ignore = "needs nats-server"]
fn the_server_is_killed_that_leads() {
    assert_kept_during("leader killed", System::start(), Again::Never, |system, load| {
        let leader = system.cluster.wait_for_leader("LIVE");
        system.cluster.kill(leader);
        sleep(WHILE);
        assert_ne!(system.cluster.wait_for_leader("LIVE"), leader);
        // Another one is elected in some seconds, and the first answer of it ends the refusals.
        load.wait_for(Answer::Ok, ENOUGH, system);
        system.cluster.restart();
    });
}

#[test]
#[ignore = "needs nats-server"]
fn both_followers_are_killed() {
    // The leader is left: it keeps what it cannot give to the others.
    assert_kept_without_two("both followers killed", [1, 2]);
}

#[test]
#[ignore = "needs nats-server"]
fn the_leader_and_a_follower_are_killed() {
    // One is left that may lack what the others have acknowledged: it must not lead before it has that.
    assert_kept_without_two("leader and follower killed", [0, 1]);
}

/// Kills two servers, which are so far behind the leader.
#[track_caller]
fn assert_kept_without_two(scenario: &str, killed: [usize; 2]) {
    assert_kept_during(scenario, System::start(), Again::Never, |system, load| {
        let leader = system.cluster.wait_for_leader("LIVE");
        for behind in killed {
            system.cluster.kill((leader + behind) % 3);
        }
        load.wait_for(Answer::Refused, 1, system);
        sleep(6 * WHILE);
        system.cluster.restart();
    });
}

#[test]
#[ignore = "needs nats-server"]
fn a_worker_hangs() {
    let mut system = System::with_streams(&[]);
    let metrics = [(); 2].map(|()| format!("127.0.0.1:{}", free_port()));
    for metrics in &metrics {
        system.add_door(&[]);
        system.add_worker(&["--metrics-listen", metrics]);
    }
    assert_kept_during("worker hangs", system, Again::Never, |system, _| {
        // What it had in work goes to the other one, and has its effect once: who comes second has seen it. At some
        // instants, it has nothing in work.
        for _ in 0..20 {
            system.workers[0].process().signal(Signal::SIGSTOP);
            sleep(Duration::from_secs(5));
            system.workers[0].process().signal(Signal::SIGCONT);
            for _ in 0..50 {
                if metrics.iter().map(|metrics| repeated(metrics)).sum::<u64>() > 0 {
                    return;
                }
                sleep(Duration::from_millis(100));
            }
        }
        panic!("{}\nno worker has found what the other one had done", system.last_logs());
    });
}

/// Returns how many messages a worker found to have had their effect.
fn repeated(metrics: &str) -> u64 {
    metric(metrics, "worker_messages_total{outcome=\"repeated\"}")
}

#[test]
#[ignore = "needs nats-server"]
fn the_leader_of_a_full_stream_is_killed() {
    let mut system = System::with_streams(&["--max-bytes", "16777216", "--duplicate-window", "1"]);
    for _ in 0..2 {
        system.add_door(&[]);
    }
    let addresses = system.addresses().to_vec();
    let sent = during_long(&addresses, Again::Never, 60_000, |load| {
        wait_until("stream is full", || system.doors[0].log().contains("stream is full"));
        // From here on, workers make room, and what comes fills it.
        system.add_worker(&[]);
        system.add_worker(&[]);
        load.wait_for(Answer::Ok, ENOUGH, &system);
        let leader = system.cluster.wait_for_leader("LIVE");
        system.cluster.kill(leader);
        sleep(WHILE);
        assert_ne!(system.cluster.wait_for_leader("LIVE"), leader);
        system.cluster.restart();
        load.wait_for(Answer::Ok, ENOUGH, &system);
    });
    system.wait_until_idle();
    let counts = assert_kept("leader of a full stream killed", &sent, &system.stop());
    assert!(counts.accepted > 2 * ENOUGH && counts.refused > 0, "{counts:?}");
}

#[test]
#[ignore = "needs nats-server"]
fn every_delivery_is_sent_twice() {
    assert_kept_during("every delivery twice", System::start(), Again::Soon, |system, _| {
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
    let metrics = format!("127.0.0.1:{}", free_port());
    system.add_door(&[]);
    system.add_worker(&["--metrics-listen", &metrics]);
    let address = system.addresses()[0];
    let sent = during(&[address], Again::Later, |load| load.wait_for(Answer::Ok, 2 * ENOUGH, &system));
    system.wait_until_idle();
    sleep(Duration::from_secs(4));
    let accepted: Vec<_> = sent.iter().filter(|sent| sent.first == Answer::Ok).collect();
    for sent in &accepted {
        post_until_accepted(&system, address, &mut Sent::clone(sent));
    }
    system.wait_until_idle();
    // Each has gone all the way to the worker a second time.
    let accepted = accepted.len() as u64;
    assert!(metric(&metrics, "worker_messages_total{outcome=\"done\"}") >= accepted);
    wait_until("each was repeated", || repeated(&metrics) >= accepted);
    assert_kept("every delivery again, later", &sent, &system.stop());
}
