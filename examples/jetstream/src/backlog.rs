//! What waits, for metrics: how much, where, and since when.

use std::time::{Duration, SystemTime};

use async_nats::jetstream::stream::{State, Stream};
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
    let state = stream.get_info().await?.state;
    let waits = oldest(&state).and_then(|oldest| oldest.elapsed().ok());
    metrics::stored(state.bytes, waits.unwrap_or_default());
    for partition in 0..stream::partitions(stream) {
        let consumer = consumers::get(stream, partition).await?;
        let info = consumer.cached_info();
        let in_work = u64::try_from(info.num_ack_pending)?;
        metrics::waiting(partition, info.num_pending.saturating_add(in_work));
    }
    Ok(())
}

/// Returns when the oldest message was published, if there is one.
pub(crate) fn oldest(state: &State) -> Option<SystemTime> {
    (state.messages > 0).then(|| SystemTime::from(state.first_timestamp))
}
