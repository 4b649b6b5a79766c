//! Sending packets, one after the other or many at a time.

use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use tokio::{
    runtime::{self, Runtime},
    time::{self, Instant, MissedTickBehavior},
};
use trtc_live_webhook::Token;

use crate::{
    cli::{AppArgs, SendArgs},
    failure::Failure,
    packet::Packet,
    report::Report,
    sample,
    sender::Sender,
};

/// Most deliveries that are under way at a time where only a rate is given: each takes a file, of which a process often
/// has 1024.
const WITH_RATE: u16 = 512;

/// Sends what was asked for, and reports on it. Returns whether all went well.
pub(crate) fn send(arguments: SendArgs) -> Result<bool, Failure> {
    let token = token(&arguments.app)?;
    let samples = if arguments.all { sample::newest().collect() } else { arguments.samples };
    let mut packets = Vec::new();
    for sample in samples {
        packets.push(Packet::new(sample, &arguments.set).map_err(|error| Failure::Packet(error.into()))?);
    }
    for path in &arguments.file {
        packets.push(Packet::from_file(path, &arguments.set)?);
    }
    let sender = Sender::new(arguments.url, arguments.app.sdk_app_id, token)?;
    let total = packets.len() as u64 * u64::from(arguments.repeat);
    let mut report = Report::new(arguments.json, total, packets.iter().map(|packet| &*packet.name));
    let concurrency = arguments.concurrency.unwrap_or(if arguments.rate.is_some() { WITH_RATE } else { 1 });

    let sent = runtime()?.block_on(async {
        let packets = (0..arguments.repeat).flat_map(|_| &packets);
        let outcomes = paced(packets, arguments.rate)
            .map(|packet| sender.send(packet))
            .buffer_unordered(concurrency.into());
        let mut outcomes = std::pin::pin!(outcomes);
        while let Some(outcome) = outcomes.next().await {
            report.add(&outcome?)?;
        }
        Ok(())
    });
    let all_well = report.finish()?;
    sent.map(|()| all_well)
}

/// Reads the token that deliveries are signed with: the first, if there are several.
pub(crate) fn token(arguments: &AppArgs) -> Result<Option<Token>, Failure> {
    let tokens = arguments.token.as_deref().map(tokens).transpose()?;
    Ok(tokens.and_then(|tokens| tokens.into_iter().next()))
}

/// Reads tokens that are separated by white space. Where there is none, that is an error: nobody would know that
/// signatures are not verified.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, Failure> {
    let mut tokens: Vec<_> = text.split_whitespace().collect();
    if tokens.is_empty() {
        tokens.push("");
    }
    tokens.into_iter().map(Token::new).collect::<Result<_, _>>().map_err(Failure::Token)
}

/// Makes the runtime on which everything happens.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::Client(error.to_string()))
}

/// Gives out so many per second, at regular intervals. What was held up is made up for.
fn paced<T>(items: impl Iterator<Item = T>, rate: Option<f64>) -> impl Stream<Item = T> {
    let clock = rate.map(|rate| {
        let mut clock = time::interval_at(Instant::now(), Duration::from_secs_f64(1.0 / rate));
        clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
        clock
    });
    stream::unfold((items, clock), |(mut items, mut clock)| async {
        let item = items.next()?;
        if let Some(clock) = &mut clock {
            clock.tick().await;
        }
        Some((item, (items, clock)))
    })
}
