//! Requests per second of the webhook mounted in axum, beside handlers by hand, over loopback.
//!
//! `cargo run --release -p http-ratios` prints what each round measured, the medians, and their ratios beside the
//! targets, for two packets. It never fails because something is slow.

mod load;
mod service;

use std::{env, sync::mpsc, thread, time::Duration};

use http_body_util::Full;
use hyper::{Request, body::Bytes, header};
use trtc_live_webhook::{
    Event, Token, UnixSeconds,
    event::{message::BeforeSendMsg, room::AfterDestroyRoom},
    samples,
};

use crate::{
    load::{BoxError, Pool},
    service::{MESSAGE, OURS, ROOM, Way, WorkTime},
};

/// How often each way is measured.
const ROUNDS: u32 = 15;

const CONNECTIONS: usize = 32;

/// A way, the one that it is compared with, and how many times as many requests it should answer.
const RATIOS: [(Way, Way, Option<f64>); 5] = [
    (Way::Unsigned, Way::Constant, Some(0.85)),
    (Way::Unsigned, Way::ByHand, Some(1.2)),
    (Way::Signed, Way::Constant, Some(0.8)),
    // What is possible without a reader of JSON that is faster than serde_json, and how near the webhook comes to it.
    (Way::Known, Way::Constant, None),
    (Way::Unsigned, Way::Known, None),
];

/// What one round measured of one way.
#[derive(Clone, Copy, Debug)]
struct Measured {
    per_second: f64,
    /// Requests in a second in which the server's thread works.
    per_second_of_work: f64,
    /// Share of the time in which the load's thread works.
    load: f64,
}

fn main() -> Result<(), BoxError> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let seconds = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => 120,
        ["--seconds", seconds] => seconds.parse()?,
        _ => return Err("takes no arguments but `--seconds N`".into()),
    };
    // A signature is good for a minute, and is made anew for each measurement.
    if !(1..=600).contains(&seconds) {
        return Err("measures for 1 to 600 seconds".into());
    }
    let packets = packets();
    let measurements = ROUNDS * u32::try_from(packets.len() * Way::ALL.len())?;
    let time = Duration::from_secs(seconds) / measurements;

    // The server has a core of its own, if there are two.
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    let pin = move |core: usize| cores.get(core).is_some_and(|core| core_affinity::set_for_current(*core));
    let pinned = pin(1);
    let token = Token::new("xxxxyyyy")?;
    let (sender, started) = mpsc::channel();
    let tokens = token.clone();
    thread::spawn(move || {
        let pinned = pin(0);
        service::serve(&tokens, |(address, work)| drop(sender.send((address, work, pinned))))
    });
    let (server, work, server_pinned) = started.recv()?;
    println!(
        "{ROUNDS} rounds, {} ms for each way; {CONNECTIONS} connections; {}",
        time.as_millis(),
        if pinned && server_pinned { "each thread on a core of its own" } else { "threads are not pinned" },
    );

    let work = [work, WorkTime::of_this_thread()];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut pool = Pool::connect(server, CONNECTIONS).await?;
        for (path, name, packet) in packets {
            println!("\n{name}, {} bytes\n\nround  {}", packet.len(), letters());
            let mut rounds = Vec::new();
            for way in Way::ALL {
                pool.send(&request(way, path, &packet, &token)?, Duration::from_millis(200)).await?;
            }
            for round in 0..ROUNDS {
                // Each way is the first, the second and so on as often as the others.
                let mut order = Way::ALL;
                order.rotate_left(round as usize % Way::ALL.len());
                let mut measured = Vec::new();
                for way in order {
                    let request = request(way, path, &packet, &token)?;
                    measured.push(measure(&mut pool, &request, time, &work).await?);
                }
                measured.rotate_right(round as usize % Way::ALL.len());
                let rates: Vec<_> = measured.iter().map(|m| format!("{:>9.0}", m.per_second)).collect();
                println!("{:>5}  {}", round + 1, rates.concat());
                rounds.push(measured);
            }
            print(&rounds);
        }
        Ok(())
    })
}

/// The delivery that a service gets most, and the longest but for messages; compact, as programs write JSON.
fn packets() -> [(&'static str, &'static str, String); 2] {
    let compact = |event| samples::Request::new(OURS, event).into_body();
    let [message, room] =
        [compact(Event::from(BeforeSendMsg::sample())), compact(AfterDestroyRoom::sample().into())]
            .map(|body| String::from_utf8_lossy(&body).into_owned());
    [(MESSAGE, "A message to come", message), (ROOM, "A destroyed room", room)]
}

fn letters() -> String {
    Way::ALL.map(|way| format!("{:>9}", way.letter())).concat()
}

/// Returns a delivery; a signed one's signature is fresh.
fn request(way: Way, path: &str, packet: &str, token: &Token) -> Result<Request<Full<Bytes>>, BoxError> {
    let mut delivery = samples::Request::from_json(OURS, packet);
    if way == Way::Signed {
        delivery = delivery.signed(token, UnixSeconds::now());
    }
    let request = Request::post(format!("{}?{}", way.path(path), delivery.query()))
        .header(header::HOST, "127.0.0.1")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::from(delivery.into_body()))?;
    Ok(request)
}

async fn measure(
    pool: &mut Pool,
    request: &Request<Full<Bytes>>,
    time: Duration,
    [server, load]: &[WorkTime; 2],
) -> Result<Measured, BoxError> {
    let before = [server.now(), load.now()];
    let (answered, took) = pool.send(request, time).await?;
    let (answered, took) = (f64::from(u32::try_from(answered)?), took.as_secs_f64());
    Ok(Measured {
        per_second: answered / took,
        per_second_of_work: answered / seconds(before[0], server.now()),
        load: seconds(before[1], load.now()) / took,
    })
}

fn seconds(from: Option<Duration>, to: Option<Duration>) -> f64 {
    from.zip(to).map_or(f64::NAN, |(from, to)| to.as_secs_f64() - from.as_secs_f64())
}

fn print(rounds: &[Vec<Measured>]) {
    let median = |way: Way, figure: fn(&Measured) -> f64| {
        let mut figures: Vec<f64> =
            rounds.iter().filter_map(|round| round.get(way as usize).map(figure)).collect();
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let per_second: fn(&Measured) -> f64 = |measured| measured.per_second;
    let per_second_of_work: fn(&Measured) -> f64 = |measured| measured.per_second_of_work;

    println!(
        "\n| median of {ROUNDS} rounds | requests/s | requests/s of the server's work | server busy | load busy |"
    );
    println!("|---|---:|---:|---:|---:|");
    for way in Way::ALL {
        let (rate, work) = (median(way, per_second), median(way, per_second_of_work));
        let (server, load) = (100.0 * rate / work, 100.0 * median(way, |measured| measured.load));
        println!("| {} | {rate:.0} | {work:.0} | {server:.0} % | {load:.0} % |", way.title());
    }
    println!("\n| ratio | requests/s | requests/s of the server's work | target |");
    println!("|---|---:|---:|---:|");
    for (way, other, target) in RATIOS {
        let target = target.map_or_else(String::new, |target| format!("{target:.2}"));
        println!(
            "| {}/{} | {:.2} | {:.2} | {target} |",
            way.letter(),
            other.letter(),
            median(way, per_second) / median(other, per_second),
            median(way, per_second_of_work) / median(other, per_second_of_work),
        );
    }
}
