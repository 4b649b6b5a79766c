//! Removal of messages that are processed and old.
//!
//! The stream keeps a message for a while after it is acknowledged. A server that starts again knows the ids of the
//! messages that it has stored, and of no others: if acknowledged ones were gone, it would store repetitions that the other
//! servers recognize, and the copies of the stream would differ.

use std::{
    collections::VecDeque,
    error::Error,
    time::{Duration, Instant},
};

use async_nats::jetstream::stream::{RawMessageErrorKind, Stream};
use tokio::time::sleep;
use tracing::warn;

use crate::{
    consumers,
    stream::{partitions, subject_of_partition},
};

/// Removes what has been processed for twice as long as the servers recognize repetitions. Every worker does this.
pub(crate) async fn run(mut stream: Stream) {
    let keep = 2 * stream.cached_info().config.duplicate_window;
    let pause = (keep / 8).clamp(Duration::from_millis(250), Duration::from_secs(30));
    let mut seen = VecDeque::new();
    loop {
        sleep(pause).await;
        if let Err(error) = step(&mut stream, keep, &mut seen).await {
            warn!(error, "processed messages not removed");
        }
    }
}

async fn step(
    stream: &mut Stream,
    keep: Duration,
    seen: &mut VecDeque<(Instant, u64)>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let now = processed(stream).await?;
    seen.push_back((Instant::now(), now));
    let mut old = None;
    while seen.front().is_some_and(|(at, _)| at.elapsed() >= keep) {
        old = seen.pop_front().map(|(_, sequence)| sequence);
    }
    // Both must say so: a leader that has just been elected may not know its newest messages yet.
    if let Some(sequence) = old.map(|old| old.min(now)).filter(|sequence| *sequence > 0) {
        stream.purge().sequence(sequence + 1).await?;
    }
    Ok(())
}

/// Returns the sequence up to which every message is processed.
async fn processed(stream: &mut Stream) -> Result<u64, Box<dyn Error + Send + Sync>> {
    let mut processed = stream.info().await?.state.last_sequence;
    for partition in 0..partitions(stream) {
        let acknowledged = consumers::get(stream, partition).await?.cached_info().ack_floor.stream_sequence;
        // A consumer does not move on while its partition gets no messages.
        if acknowledged < newest(stream, partition).await? {
            processed = processed.min(acknowledged);
        }
    }
    Ok(processed)
}

/// Returns the sequence of the newest message of a partition; 0 if it has none.
async fn newest(stream: &Stream, partition: u32) -> Result<u64, Box<dyn Error + Send + Sync>> {
    match stream.get_last_raw_message_by_subject(&subject_of_partition(partition)).await {
        Ok(message) => Ok(message.sequence),
        Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(0),
        Err(error) => Err(error.into()),
    }
}
