//! Messages per second that the example moderation server holds back, over loopback.
//!
//! `cargo run --release -p moderation-speed` builds the example, and prints what was measured on SQLite and on PostgreSQL beside the
//! targets. It needs Debian's PostgreSQL; with `--sqlite`, it does not. It never fails because something is slow.

mod load;
mod server;

use std::{
    env,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    load::{APP, BoxError, Measured, connect, post, send},
    server::{KEY, Kind, Server, build, serve_bare, start_bare},
};

/// Messages of one measurement.
const MESSAGES: usize = 10_000;

/// Messages that are pending before it begins.
const PENDING: [usize; 3] = [0, 10_000, 100_000];

const CONNECTIONS: [usize; 2] = [8, 64];

/// What the server answers to what it holds back.
const HELD: &str = "held for review";

fn main() -> Result<(), BoxError> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
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
        "{MESSAGES} messages for each line; every one is on disk before its answer, but for the bare handler's"
    );
    println!("{:<10} {:>11} {:>8} {:>12} {:>10}", "", "connections", "pending", "per second", "p99 in ms");
    for connections in CONNECTIONS {
        let (_process, address) = start_bare()?;
        let measured = runtime.block_on(send(address, connections, MESSAGES, "OK"))?;
        print("bare axum", connections, 0, measured);
    }
    for kind in kinds {
        for connections in CONNECTIONS {
            runtime.block_on(measure(*kind, connections))?;
        }
    }
    Ok(())
}

/// Measures one server while its list grows.
async fn measure(kind: Kind, connections: usize) -> Result<(), BoxError> {
    let name = match kind {
        Kind::Sqlite => "SQLite",
        Kind::Postgres => "PostgreSQL",
    };
    let server = Server::start(kind)?;
    let mut pending = 0;
    let mut at_0 = None;
    for wanted in PENDING {
        if wanted > pending {
            send(server.webhook, 64, wanted - pending, HELD).await?;
            pending = wanted;
        }
        let measured = send(server.webhook, connections, MESSAGES, HELD).await?;
        print(name, connections, wanted, measured);
        pending += MESSAGES;
        let at_0 = *at_0.get_or_insert(measured.per_second);
        if wanted == 100_000 {
            println!(
                "  at 100000 pending, {:.2} of the rate at 0; target: at least 0.9",
                measured.per_second / at_0
            );
        }
        if kind == Kind::Sqlite && connections == 64 && wanted == 0 {
            println!("  target: at least 5000 a second, p99 under 100 ms");
        }
    }
    let slowest = list(&server, pending).await?;
    println!(
        "  slowest list of {pending} pending in one room: {:.1} ms; target: under 20 ms",
        milliseconds(slowest)
    );
    Ok(())
}

fn print(name: &str, connections: usize, pending: usize, measured: Measured) {
    let Measured { per_second, p99 } = measured;
    println!("{name:<10} {connections:>11} {pending:>8} {per_second:>12.0} {:>10.1}", milliseconds(p99));
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Returns how long the slowest page takes, of the first, the last and some between them.
async fn list(server: &Server, pending: usize) -> Result<Duration, BoxError> {
    const SIZE: usize = 100;
    let pages = pending / SIZE;
    let mut sender = connect(server.console).await?;
    let mut slowest = Duration::ZERO;
    for page in [1, 2, pages / 4, pages / 2, pages / 2 + 1, pages * 3 / 4, pages].repeat(5) {
        let wanted = json!({ "SdkAppId": APP, "Receiver": "room", "PageNo": page, "PageSize": SIZE });
        let began = Instant::now();
        let body =
            post(&mut sender, "/moderation/list", &[("X-Api-Key", KEY)], wanted.to_string().into()).await?;
        slowest = slowest.max(began.elapsed());
        let list: serde_json::Value = serde_json::from_slice(&body)?;
        let length = list.get("Data").and_then(|data| data.as_array()).map(Vec::len);
        if length != Some(SIZE) {
            return Err(format!("page {page} has {length:?} records").into());
        }
    }
    Ok(slowest)
}
