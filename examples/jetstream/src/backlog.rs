//! What waits, for metrics: how much, where, and since when.

use std::time::{Duration, SystemTime};

use async_nats::jetstream::stream::{RawMessageErrorKind, State, Stream};
use tokio::time::sleep;
use tracing::warn;

use crate::{consumers, metrics, stream};

/// How often it is looked at.
const INTERVAL: Duration = Duration::from_secs(10);

/// Looks again and again.
pub(crate) async fn watch(stream: Stream) {
    loop {
        if let Err(error) = look(&stream).await {
            warn!(error, "what waits is not known");
        }
        sleep(INTERVAL).await;
    }
}

async fn look(stream: &Stream) -> Result<(), async_nats::Error> {
    let mut longest = Duration::ZERO;
    for partition in 0..stream::partitions(stream) {
        let consumer = consumers::get(stream, partition).await?;
        let info = consumer.cached_info();
        let in_work = u64::try_from(info.num_ack_pending)?;
        let waiting = info.num_pending.saturating_add(in_work);
        metrics::waiting(partition, waiting);
        if waiting > 0 {
            let since = waits_since(stream, partition, info.ack_floor.stream_sequence).await?;
            longest = longest.max(since.elapsed().unwrap_or_default());
        }
    }
    metrics::stored(stream.get_info().await?.state.bytes, longest);
    Ok(())
}

/// Returns when the first message after those that are processed was published.
async fn waits_since(
    stream: &Stream,
    partition: u32,
    processed: u64,
) -> Result<SystemTime, async_nats::Error> {
    let subject = stream::subject_of_partition(partition);
    match stream.get_first_raw_message_by_subject(subject, processed + 1).await {
        Ok(message) => Ok(message.time.into()),
        // It has been processed meanwhile.
        Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(SystemTime::now()),
        Err(error) => Err(error.into()),
    }
}

/// Returns when the oldest message that is kept was published, if there is one.
pub(crate) fn oldest(state: &State) -> Option<SystemTime> {
    (state.messages > 0).then(|| SystemTime::from(state.first_timestamp))
}
