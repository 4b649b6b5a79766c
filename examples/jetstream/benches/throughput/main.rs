//! Deliveries per second of front doors, beside a service that answers OK without publishing; and messages per second of
//! a worker.
//!
//! `cargo bench -p example-jetstream` starts two clusters of three servers, one whose stream has one replica and one
//! whose stream has three, with everything else on the same machine. It never fails because something is slow.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a measurement that fails, fails"
)]

mod load;
mod service;

use std::{
    env,
    time::{Duration, Instant},
};

use async_nats::jetstream::{self, Context, consumer::Info};
use futures_util::TryStreamExt;
use test_servers::NatsCluster;
use tokio::{runtime::Runtime, time::sleep};

use crate::{
    load::{Pool, Round},
    service::{PARTITIONS, Program},
};

/// How often each way is measured.
const ROUNDS: usize = 9;

/// How long each round of a way takes.
const ROUND: Duration = Duration::from_secs(1);

/// How long a worker is looked at.
const DRAIN: Duration = Duration::from_secs(5);

fn main() {
    if env::args().any(|argument| argument == service::CONSTANT) {
        service::answer_without_publishing();
        return;
    }
    let runtime = Runtime::new().unwrap();
    let clusters = [(1, NatsCluster::start()), (3, NatsCluster::start())];
    for (replicas, cluster) in &clusters {
        service::create(cluster, *replicas);
    }
    let mut ways = Vec::new();
    for doors in [1, 3] {
        ways.push((format!("{doors} without publishing"), (0..doors).map(|_| Program::constant()).collect()));
        for (replicas, cluster) in &clusters {
            let programs: Vec<_> = (0..doors).map(|_| Program::front_door(cluster)).collect();
            ways.push((format!("{doors} publishing, R{replicas}"), programs));
        }
    }
    runtime.block_on(measure_doors(&ways));
    // They would take the worker's time.
    drop(ways);
    println!("\n| a worker | messages/s |");
    println!("|---|---:|");
    for (replicas, cluster) in &clusters {
        for partitions in [PARTITIONS, 1] {
            let rate = runtime.block_on(measure_worker(cluster, partitions));
            let plural = if partitions == 1 { "" } else { "s" };
            println!("| {partitions} partition{plural}, R{replicas} | {rate:.0} |");
        }
    }
    runtime.block_on(measure_sizes(&clusters[1].1));
}

async fn measure_doors(ways: &[(String, Vec<Program>)]) {
    println!("{ROUNDS} rounds of {} ms for each way, one after the other", ROUND.as_millis());
    let mut rounds: Vec<Vec<Round>> = vec![Vec::new(); ways.len()];
    // The first round warms up.
    for number in 0..=ROUNDS {
        for ((_, programs), rounds) in ways.iter().zip(&mut rounds) {
            // The server closes connections that wait as long as the other ways take.
            let round = Pool::connect(programs).await.send(ROUND, None).await;
            if number > 0 {
                rounds.push(round);
            }
        }
    }
    println!("\n| front doors | deliveries/s | ratio | half answered within | 99 % within |");
    println!("|---|---:|---:|---:|---:|");
    let mut base = f64::NAN;
    for ((name, _), rounds) in ways.iter().zip(&rounds) {
        let rate = median(rounds, |round| round.per_second);
        if name.ends_with("without publishing") {
            base = rate;
        }
        let [half, most] =
            [|round: &Round| round.half, |round: &Round| round.most].map(|of| median(rounds, of));
        println!(
            "| {name} | {rate:.0} | {:.2} | {:.1} ms | {:.1} ms |",
            rate / base,
            half * 1000.0,
            most * 1000.0
        );
    }
}

fn median(rounds: &[Round], of: impl Fn(&Round) -> f64) -> f64 {
    let mut figures: Vec<f64> = rounds.iter().map(of).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Fills a stream that nobody reads.
async fn fill(cluster: &NatsCluster, time: Duration, room: Option<&'static str>) -> Context {
    let servers: Vec<_> = cluster.urls().split(',').map(str::to_owned).collect();
    let context = jetstream::new(async_nats::connect(servers).await.unwrap());
    context.get_stream("LIVE").await.unwrap().purge().await.unwrap();
    let door = [Program::front_door(cluster)];
    Pool::connect(&door).await.send(time, room).await;
    context
}

/// Starts a worker of a stream that is full, and counts what it processes.
async fn measure_worker(cluster: &NatsCluster, partitions: u32) -> f64 {
    // Longer than the worker is looked at: it is slower.
    let context = fill(cluster, 2 * DRAIN, (partitions == 1).then_some("room")).await;
    let _worker = Program::worker(cluster);
    sleep(Duration::from_secs(1)).await;
    let (before, began) = (waiting(&context).await, Instant::now());
    sleep(DRAIN).await;
    let after = waiting(&context).await;
    assert!(after > 0, "it was not long enough busy");
    let processed = f64::from(u32::try_from(before - after).unwrap());
    processed / began.elapsed().as_secs_f64()
}

/// Prints how many bytes a message takes in the stream, and a delivery in the database.
async fn measure_sizes(cluster: &NatsCluster) {
    let context = fill(cluster, Duration::from_secs(2), None).await;
    let state = context.get_stream("LIVE").await.unwrap().cached_info().state.clone();
    let worker = Program::worker(cluster);
    while waiting(&context).await > 0 {
        sleep(Duration::from_millis(200)).await;
    }
    println!(
        "\n{} bytes of a body: {} in the stream, on each of its servers, and {} in the database",
        load::body("0-0").len(),
        state.bytes / state.messages,
        worker.database_size() / state.messages
    );
}

/// Counts the messages that no worker has acknowledged: those that are acknowledged stay in the stream for a while.
async fn waiting(context: &Context) -> u64 {
    let stream = context.get_stream("LIVE").await.unwrap();
    let consumers: Vec<_> = stream.consumers().try_collect().await.unwrap();
    let unacknowledged = |consumer: &Info| consumer.num_pending + consumer.num_ack_pending as u64;
    consumers.iter().map(unacknowledged).sum()
}
