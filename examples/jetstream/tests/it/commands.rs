//! The commands, and services that do not start.

use std::{
    thread,
    time::{Duration, Instant},
};

use async_nats::jetstream::stream::Config;
use test_servers::{free_port, tail};
use trtc_live_webhook::{
    UnixSeconds,
    event::{gift, message},
    samples,
};

use crate::{
    ledger::assert_kept,
    load::{
        Again, Answer, Sent, client, delivery, during, long_delivery, patient, post, post_until_accepted,
    },
    program::{WAIT, command, metric, metrics, run, run_in_time, run_well, wait_until},
    system::{OURS, PROCESSING, System},
};

#[track_caller]
fn assert_refused(nats: &str, arguments: &[&str], text: &str) {
    let output = run_in_time(|| {
        let mut command = command(nats, arguments);
        command.env("TRTC_SDK_APP_ID", "7").env("LISTEN", "127.0.0.1:0");
        command
    });
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with(text), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn who_cannot_connect_says_so_and_quotes_no_password() {
    for task in ["front-door", "worker", "create", "lag", "requeue"] {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("test.db");
        let mut command = command("nats://user:hush@127.0.0.1:9", &[task]);
        let output = command.env("TRTC_SDK_APP_ID", "7").env("DATABASE", database).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.starts_with("error: cannot connect to NATS_URL: "), "{stderr}");
        assert!(!stderr.contains("hush"), "{stderr}");
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn help_quotes_no_password() {
    for arguments in [&["--help"][..], &["worker", "--help"]] {
        let output = run("nats://user:hush@127.0.0.1:9", arguments);
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(help.contains("--") && !help.contains("hush"), "{help}");
    }
}

#[test]
#[ignore = "needs nats-server"]
fn nothing_starts_without_its_stream_and_create_makes_it_once() {
    // What is created here has another shape than what the system has created.
    let system = System::with_streams(&["--duplicate-window", "60"]);
    let urls = system.cluster.urls();
    let same = ["create", "--partitions", "8", "--ack-wait", "4"];
    let created = run_well(&urls, &[&same[..], &["--duplicate-window", "60"]].concat());
    assert_eq!(
        created,
        "stream LIVE: 3 replicas\nstream LIVE_DEAD: 3 replicas\n8 partitions, a consumer each\n"
    );
    assert_refused(&urls, &same, "error: stream LIVE cannot be created: ");
    // The streams are the same, the consumers are not.
    let other = ["create", "--partitions", "8", "--ack-wait", "5", "--duplicate-window", "60"];
    assert_refused(
        &urls,
        &other,
        "error: consumer partition-0 is there, and was created with other settings",
    );
    assert_eq!(run_well(&urls, &[&same[..], &["--duplicate-window", "60"]].concat()), created);

    system.with_context(async |context| context.delete_stream("LIVE").await.unwrap());
    let database = system.database();
    for task in ["front-door", "lag", "requeue"] {
        assert_refused(
            &urls,
            &[task],
            "error: stream LIVE cannot be used; create it with `example-jetstream create`",
        );
    }
    assert_refused(
        &urls,
        &["worker", "--database", database.to_str().unwrap()],
        "error: stream LIVE cannot be used; create it with `example-jetstream create`",
    );
    // One that forgets what has not been processed.
    let forgetful = Config {
        name: "LIVE".to_owned(),
        subjects: vec!["live.*.*.0".to_owned()],
        max_age: Duration::from_secs(60),
        ..Config::default()
    };
    system.with_context(async |context| context.create_stream(forgetful).await.map(drop).unwrap());
    assert_refused(
        &urls,
        &["front-door"],
        "error: stream LIVE was not created with `example-jetstream create`: it may lose what it has accepted",
    );
}

#[test]
#[ignore = "needs nats-server"]
fn what_waits_is_shown_and_what_is_full_refuses() {
    // As small as may be.
    let mut system =
        System::with_streams(&["--max-bytes", "16777216", "--replicas", "1", "--duplicate-window", "1"]);
    let metrics_address = format!("127.0.0.1:{}", free_port());
    system.add_door(&["--metrics-listen", &metrics_address]);
    let address = system.addresses()[0];
    let client = client();
    let (mut sent, mut unknown): (Vec<Sent>, usize) = (Vec::new(), 0);
    // Shorter and shorter ones, so that a server which decides by itself comes to where it discards the oldest.
    for bytes in [60_000, 30_000, 10_000, 3000, 1000, 300, 200, 150, 100, 50, 0] {
        let mut refused = 0;
        // Twice, a second apart: a server that was slow once makes the front door refuse as well.
        while refused < 2 {
            assert!(sent.len() < 2000);
            let mut one = long_delivery("room-1", sent.len(), bytes);
            one.first = post(&client, address, &one.body);
            one.answer = one.first;
            one.body = Vec::new();
            match one.answer {
                Answer::Refused => {
                    refused += 1;
                    thread::sleep(Duration::from_secs(1));
                }
                Answer::Ok => refused = 0,
                // What the server's own limit refuses is not certain. A slow answer isn't, either, but is rare.
                other => {
                    refused = 0;
                    unknown += 1;
                    assert!(unknown < 10, "{}\n{unknown} unknown, one of them {other:?}", system.last_logs());
                }
            }
            sent.push(one);
        }
    }
    let accepted = sent.iter().filter(|sent| sent.answer == Answer::Ok).count();
    assert!(accepted > 200, "{}\n{accepted} accepted", system.last_logs());
    assert!(system.doors[0].log().contains("stream is full"), "{}\nnot full", system.last_logs());

    let lag = run_well(&system.cluster.urls(), &["lag"]);
    let rows: Vec<Vec<&str>> =
        lag.lines().skip(1).take(8).map(|row| row.split_whitespace().collect()).collect();
    let waiting: Vec<usize> = rows.iter().map(|row| row[1].parse().unwrap()).collect();
    // All that was accepted, and of what is unknown perhaps some.
    let stored = *waiting.iter().max().unwrap();
    assert!((accepted..=accepted + unknown).contains(&stored), "{accepted} and {unknown}: {lag}");
    assert_eq!(waiting.iter().sum::<usize>(), stored, "{lag}");
    assert!(lag.contains(&format!("\n{stored} waiting; {stored} messages of ")), "{lag}");
    assert!(lag.contains("\n0 dead letters\n"), "{lag}");

    // The same as metrics, every ten seconds.
    let waiting = waiting.iter().position(|waiting| *waiting == stored).unwrap();
    let waiting = format!("queue_waiting_messages{{partition=\"{waiting}\"}} {stored}\n");
    wait_until(&waiting, || {
        let text = metrics(&metrics_address);
        text.contains(&waiting) && !text.contains("queue_oldest_seconds 0\n")
    });

    // Once what is processed is old, there is room again, and more is accepted.
    system.add_worker(&[]);
    let mut more = delivery("room-1", sent.len());
    post_until_accepted(&system, address, &mut more);
    sent.push(more);
    system.wait_until_idle();
    assert_eq!(assert_kept("full", &sent, &system.stop()).accepted, accepted + 1);
}

#[test]
#[ignore = "needs nats-server"]
fn what_asks_for_a_decision_is_decided_at_once_and_never_stored() {
    let mut system = System::with_streams(&[]);
    system.add_door(&["--metrics-listen", "127.0.0.1:0"]);
    let address = system.addresses()[0];
    let decide = |request: samples::Request| {
        let url = request
            .clone()
            .signed(&System::token(), UnixSeconds::now())
            .url(&format!("http://{address}/webhook").parse().unwrap());
        patient().post(url).body(request.into_body()).send().unwrap().text().unwrap()
    };
    let mut gift = gift::BeforeSendGift::sample();
    gift.gift_water.coins = Some(1_000_000);
    assert!(decide(samples::Request::new(OURS, gift)).contains(r#""ErrorCode":1"#));
    let message = message::BeforeSendMsg::sample();
    assert!(decide(samples::Request::new(OURS, message)).contains(r#""ErrorCode":0"#));
    let other = r#"{"CallbackCommand":"C2C.CallbackBeforeSendMsg"}"#;
    assert!(decide(samples::Request::from_json(OURS, other)).contains(r#""ErrorCode":0"#));
    let lag = run_well(&system.cluster.urls(), &["lag"]);
    assert!(lag.contains("\n0 waiting; 0 messages of "), "{lag}");

    // Neither without servers, which only what is to be stored needs.
    for server in 0..3 {
        system.cluster.kill(server);
    }
    thread::sleep(Duration::from_secs(1));
    assert!(
        decide(samples::Request::new(OURS, message::BeforeSendMsg::sample())).contains(r#""ErrorCode":0"#)
    );
    // Refused, once the front door knows that they are gone.
    wait_until("refused", || post(&patient(), address, &delivery("room-1", 1).body) == Answer::Refused);
    system.doors[0].stop();
}

#[test]
#[ignore = "needs nats-server"]
fn a_stop_loses_nothing_and_metrics_are_read() {
    let mut system = System::with_streams(&[]);
    let [door_metrics, worker_metrics] = [(); 2].map(|()| format!("127.0.0.1:{}", free_port()));
    system.add_door(&["--metrics-listen", &door_metrics]);
    system.add_worker(&["--metrics-listen", &worker_metrics]);
    let addresses = system.addresses().to_vec();
    let sent = during(&addresses, Again::Never, |load| {
        load.wait_for(Answer::Ok, 60, &system);
        for (address, texts) in [
            (
                &door_metrics,
                &[
                    r#"front_door_deliveries_total{outcome="accepted"} "#,
                    "front_door_publications_in_flight ",
                    r#"front_door_acknowledgement_seconds_bucket{le="1"} "#,
                ][..],
            ),
            (&worker_metrics, &[r#"worker_messages_total{outcome="done"} "#, "worker_waited_seconds_count "]),
        ] {
            wait_until(&format!("{texts:?} among the metrics"), || {
                let read = metrics(address);
                texts.iter().all(|text| read.contains(text))
            });
        }
        // Both at the busiest time.
        system.workers[0].stop();
        system.doors[0].stop();
    });
    // What was stopped gently has left no message that must first time out.
    let lag = run_well(&system.cluster.urls(), &["lag"]);
    let rows = lag.lines().skip(1).take(8);
    assert!(rows.map(|row| row.split_whitespace().nth(2).unwrap()).all(|in_work| in_work == "0"), "{lag}");

    system.workers[0].restart(PROCESSING);
    system.wait_until_idle();
    let log = system.doors[0].log();
    let effects = system.stop();
    let counts = assert_kept("stopped", &sent, &effects);
    // Nothing was refused because the front door stops. Servers may be slow for themselves.
    let slow = ["servers do not answer", "stream has no leader", "not connected to a server"];
    let slow: usize = slow.iter().map(|reason| log.matches(reason).count()).sum();
    assert!(counts.refused <= slow, "{}\n{counts:?}", tail(&log));
}

#[test]
fn the_command_line_is_checked() {
    for arguments in [
        &["create", "--partitions", "0"][..],
        &["create", "--ack-wait", "1"],
        &["create", "--max-bytes", "1000000"],
        &["front-door", "--in-flight", "0"],
        &["front-door", "--in-flight", "4097"],
        &["worker", "--keep-days", "0"],
        &["worker", "--tries", "0"],
        &["worker", "--back-off", "soon"],
        &["sell"],
    ] {
        let output = run("nats://127.0.0.1:9", arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
#[ignore = "needs nats-server"]
fn beyond_its_bound_a_front_door_refuses_at_once() {
    let mut system = System::with_streams(&[]);
    let metrics = format!("127.0.0.1:{}", free_port());
    system.add_door(&["--in-flight", "1", "--metrics-listen", &metrics]);
    let address = system.addresses()[0];
    // A client takes its time to be made, and they are to come at the same time.
    let clients = [(); 5].map(|()| patient());
    let (first, others) = clients.split_first().unwrap();
    let in_flight = || metric(&metrics, "front_door_publications_in_flight");
    let mut number = 0;
    // Those that come more than a second later, on a busy machine, are refused because the servers are silent.
    wait_until("refused at once, as there are too many", || {
        number += 10;
        wait_until("none is in flight", || {
            post(first, address, &delivery("room-1", number).body) == Answer::Ok && in_flight() == 0
        });
        // Stopped, the servers acknowledge nothing, and nothing else is known of them.
        system.cluster.pause();
        let answers: Vec<_> = thread::scope(|scope| {
            let first = scope.spawn(|| post(first, address, &delivery("room-1", number + 1).body));
            wait_until("one is in flight", || in_flight() == 1);
            let posts: Vec<_> = (number + 2..)
                .zip(others)
                .map(|(number, client)| {
                    scope.spawn(move || {
                        let began = Instant::now();
                        let answer = post(client, address, &delivery("room-1", number).body);
                        (answer, began.elapsed())
                    })
                })
                .collect();
            let answers = posts.into_iter().map(|post| post.join().unwrap()).collect();
            assert_eq!(first.join().unwrap(), Answer::Late);
            answers
        });
        system.cluster.resume();
        let at_once = |(answer, after): &(Answer, Duration)| {
            *answer == Answer::Refused && *after < Duration::from_millis(500)
        };
        answers.iter().all(at_once) && system.doors[0].log().contains("too many publications are under way")
    });
    system.doors[0].stop();
}

#[test]
#[ignore = "needs nats-server"]
fn silence_ends_with_the_first_answer() {
    let mut system = System::with_streams(&[]);
    system.add_door(&[]);
    let (address, client) = (system.addresses()[0], patient());
    let send = |number| post(&client, address, &delivery("room-1", number).body);
    wait_until("accepted", || send(0) == Answer::Ok);
    system.cluster.pause();
    // What nobody answers makes the front door take the servers for silent.
    assert_eq!(send(1), Answer::Late);
    assert_eq!(send(2), Answer::Late);
    system.cluster.resume();
    // They have their leader still, or soon another one. Then one delivery is enough, and all others are accepted.
    let (mut number, mut in_a_row) = (2, 0);
    let deadline = Instant::now() + WAIT;
    while in_a_row < 50 {
        number += 1;
        if send(number) == Answer::Ok {
            in_a_row += 1;
        } else {
            in_a_row = 0;
            thread::sleep(Duration::from_millis(50));
        }
        assert!(Instant::now() < deadline, "{}\n{in_a_row} in a row", system.last_logs());
    }
    system.doors[0].stop();
}

#[test]
#[ignore = "needs nats-server"]
fn the_rights_that_the_readme_gives_are_enough() {
    let mut system = System::with_users();
    system.add_door(&[]);
    system.add_worker(&["--tries", "2"]);
    let address = system.addresses()[0];
    let mut sent: Vec<Sent> = (0..3).map(|number| delivery("room-1", number)).collect();
    // One that becomes a dead letter.
    sent.push(delivery(&"r".repeat(200), 4));
    for sent in &mut sent {
        post_until_accepted(&system, address, sent);
    }
    system.wait_until_idle();
    // The worker removes what is processed and old.
    let deadline = Instant::now() + WAIT;
    loop {
        let lag = run_well(&system.urls("admin"), &["lag"]);
        assert!(lag.contains("\n1 dead letters\n"), "{}\n{lag}", system.last_logs());
        if lag.contains("; 0 messages of ") {
            break;
        }
        assert!(Instant::now() < deadline, "{}\n{lag}", system.last_logs());
        thread::sleep(Duration::from_millis(500));
    }
    let logs = (system.logs() + system.cluster.logs().as_str()).to_lowercase();
    let violations: Vec<_> = logs.lines().filter(|line| line.contains("violation")).collect();
    assert!(violations.is_empty(), "{violations:?}");
    assert_eq!(system.stop().ids.len(), 3);
}
