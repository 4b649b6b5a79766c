//! Messages per second that the example moderation server holds back, over loopback.
//!
//! `cargo run --release -p moderation-speed` builds the example, and prints what was measured on SQLite and on PostgreSQL beside the
//! targets. It needs Debian's PostgreSQL; with `--sqlite`, it does not. It never fails because something is slow.

mod load;
mod server;

use std::{env, time::Instant};

use http_body_util::Full;
use hyper::{body::Bytes, client::conn::http1::SendRequest};
use serde_json::json;

use crate::{
    load::{APP, BoxError, Measured, connect, milliseconds, post, send},
    server::{KEY, Kind, Server, build, serve_bare, start_bare},
};

/// How often each line is measured, because other programs disturb some rounds.
const ROUNDS: usize = 9;

/// Messages of one round.
const MESSAGES: usize = 4_000;

/// In so many parts a round is divided, between which the other servers have theirs: how long a disk takes to sync changes by the second.
const TURNS: usize = 8;

/// Messages that a new server holds before it is measured.
const WARM_UP: usize = 3_000;

/// Messages that are pending before the first round.
const PENDING: [usize; 3] = [0, 10_000, 100_000];

const CONNECTIONS: [usize; 2] = [8, 64];

/// What the server answers to what it holds back.
const HELD: &str = "held for review";

fn main() -> Result<(), BoxError> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let kinds: &[Kind] = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--bare", file] => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            return runtime.block_on(serve_bare(file.into()));
        }
        [] => &[Kind::Sqlite, Kind::Postgres],
        ["--sqlite"] => &[Kind::Sqlite],
        ["--postgres"] => &[Kind::Postgres],
        _ => return Err("takes no arguments but `--sqlite` or `--postgres`".into()),
    };
    build()?;
    println!(
        "medians of {ROUNDS} rounds of {MESSAGES} messages, in {TURNS} turns; each is on disk before its answer, bare axum's aside"
    );
    println!("{:<10} {:>11} {:>8} {:>12} {:>10}", "", "connections", "pending", "per second", "p99 in ms");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for connections in CONNECTIONS {
        let (_process, address) = start_bare()?;
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            rounds.push(runtime.block_on(send(address, connections, MESSAGES, "OK"))?);
        }
        print("bare axum", connections, 0, &rounds);
    }
    for kind in kinds {
        for connections in CONNECTIONS {
            runtime.block_on(measure(*kind, connections))?;
        }
    }
    Ok(())
}

/// Measures a new server beside two whose lists are long, in turns.
async fn measure(kind: Kind, connections: usize) -> Result<(), BoxError> {
    let name = match kind {
        Kind::Sqlite => "SQLite",
        Kind::Postgres => "PostgreSQL",
    };
    let mut servers = Vec::new();
    for pending in PENDING {
        let server = start(kind).await?;
        if pending > 0 {
            send(server.webhook, 64, pending, HELD).await?;
        }
        servers.push((pending, server, Vec::new()));
    }
    for round in 0..ROUNDS {
        for (pending, server, rounds) in &mut servers {
            if *pending == 0 && round > 0 {
                *server = start(kind).await?;
            }
            server.settle();
            rounds.push(Measured::default());
        }
        for _ in 0..TURNS {
            // Each is the first as often as the others.
            servers.rotate_left(1);
            for (_, server, rounds) in &mut servers {
                let sent = send(server.webhook, connections, MESSAGES / TURNS, HELD).await?;
                if let Some(round) = rounds.last_mut() {
                    round.add(sent);
                }
            }
        }
    }
    servers.sort_by_key(|(pending, ..)| *pending);
    for (pending, _, rounds) in &servers {
        print(name, connections, *pending, rounds);
    }
    if let [(_, _, at_0), _, (most, server, at_most)] = &*servers {
        let ratios = at_most.iter().zip(at_0).map(|(most, none)| most.per_second() / none.per_second());
        println!("  at {most} pending, {:.2} of the rate at 0; target: at least 0.9", median(ratios));
        if kind == Kind::Sqlite && connections == 64 {
            println!("  target at 0: at least 5000 a second, p99 under 100 ms");
        }
        let pending = most + ROUNDS * MESSAGES;
        let slowest = list(server, pending).await?;
        println!(
            "  list of {pending} pending in one room: {slowest:.1} ms, the slowest page; target: under 20 ms"
        );
    }
    Ok(())
}

/// Starts a server, and has it hold messages and delete them. Nothing is pending then, its connections to the database are open, and the
/// files that SQLite writes over again have their size, as is the case where a list is long.
async fn start(kind: Kind) -> Result<Server, BoxError> {
    let server = Server::start(kind)?;
    send(server.webhook, 8, WARM_UP, HELD).await?;
    let mut sender = connect(server.console).await?;
    loop {
        let list = list_page(&mut sender, 1).await?;
        let ids: Vec<_> = list.iter().filter_map(|record| record.get("ContentId")).collect();
        if ids.is_empty() {
            return Ok(server);
        }
        let unwanted = json!({ "SdkAppId": APP, "ContentIds": ids }).to_string();
        post(&mut sender, "/moderation/delete", &[("X-Api-Key", KEY)], unwanted.into()).await?;
    }
}

fn print(name: &str, connections: usize, pending: usize, rounds: &[Measured]) {
    let per_second = median(rounds.iter().map(Measured::per_second));
    let p99 = median(rounds.iter().map(|round| milliseconds(round.p99())));
    println!("{name:<10} {connections:>11} {pending:>8} {per_second:>12.0} {p99:>10.1}");
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Records of a page of the list.
const SIZE: usize = 100;

/// Returns how many milliseconds the slowest page takes, of the first, the last and some between them: the median of
/// several times.
async fn list(server: &Server, pending: usize) -> Result<f64, BoxError> {
    let pages = pending / SIZE;
    let mut sender = connect(server.console).await?;
    let mut slowest = 0.0_f64;
    for page in [1, 2, pages / 4, pages / 2, pages / 2 + 1, pages * 3 / 4, pages] {
        let mut times = Vec::new();
        for _ in 0..9 {
            let began = Instant::now();
            let length = list_page(&mut sender, page).await?.len();
            times.push(milliseconds(began.elapsed()));
            if length != SIZE {
                return Err(format!("page {page} has {length} records").into());
            }
        }
        slowest = slowest.max(median(times.into_iter()));
    }
    Ok(slowest)
}

async fn list_page(
    sender: &mut SendRequest<Full<Bytes>>,
    page: usize,
) -> Result<Vec<serde_json::Value>, BoxError> {
    let wanted = json!({ "SdkAppId": APP, "Receiver": "room", "PageNo": page, "PageSize": SIZE }).to_string();
    let body = post(sender, "/moderation/list", &[("X-Api-Key", KEY)], wanted.into()).await?;
    let mut list: serde_json::Value = serde_json::from_slice(&body)?;
    let data = list.get_mut("Data").and_then(serde_json::Value::as_array_mut);
    Ok(data.map(std::mem::take).ok_or("a list without Data")?)
}
