//! The worker: a loop for each partition.

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use async_nats::jetstream::{
    self,
    consumer::{Consumer, pull},
};
use example_service::Stop;
use futures_util::StreamExt;
use tokio::{task::JoinSet, time::sleep};
use tracing::{error, info, warn};

use crate::{cli, connect::connect, consumers, metrics, process::Processor, purge, store::Store, stream};

/// How long the servers keep a request for a message. A worker that is to stop waits as long.
const FETCH: Duration = Duration::from_secs(1);

/// Pause after a failure to fetch.
const PAUSE: Duration = Duration::from_millis(250);

/// How often old deliveries are forgotten.
const FORGET: Duration = Duration::from_secs(60 * 60);

/// Processes messages until the process is asked to stop.
pub(crate) async fn run(nats: &cli::Nats, options: &cli::Worker) -> Result<(), Box<dyn Error>> {
    let stop = Stop::on_signal()?;
    let store = Store::open(&options.database).await?;
    let context = connect(nats, "worker").await?;
    let stream = stream::open(&context).await?;
    stream::get(&context, stream::DEAD_LETTERS).await?;
    metrics::listen(options.metrics_listen, &stop)?;

    let mut partitions = Vec::new();
    for partition in 0..stream::partitions(&stream) {
        partitions.push(consumers::get(&stream, partition).await?);
    }
    let ack_wait = partitions.first().map(|consumer| consumer.cached_info().config.ack_wait);
    let processor = Arc::new(Processor {
        store: store.clone(),
        context,
        room_id_limit: options.room_id_limit,
        tries: options.tries,
        back_off: options.back_off,
        limit: ack_wait.unwrap_or_default() / 2,
    });
    info!(partitions = partitions.len(), "processing");
    let mut tasks = JoinSet::new();
    for (partition, consumer) in partitions.into_iter().enumerate() {
        tasks.spawn(work(partition, consumer, Arc::clone(&processor), stop.clone()));
    }
    let forgetting = tokio::spawn(forget(store.clone(), options.keep_days));
    let purging = tokio::spawn(purge::run(stream));
    while let Some(task) = tasks.join_next().await {
        // A panic in one partition must not leave it alone: another worker takes it over, or this one when it is started
        // again.
        task?;
    }
    forgetting.abort();
    purging.abort();
    store.close().await;
    info!("stopped");
    Ok(())
}

/// Processes the messages of a partition, one after the other.
async fn work(partition: usize, consumer: Consumer<pull::Config>, processor: Arc<Processor>, stop: Stop) {
    while !stop.is_asked() {
        let message = match fetch(&consumer).await {
            Ok(Some(message)) => message,
            Ok(None) => continue,
            Err(error) => {
                warn!(partition, error, "no message to be had");
                metrics::fetch_failed();
                sleep(PAUSE).await;
                continue;
            }
        };
        let began = Instant::now();
        let waited = message.info().map(|info| SystemTime::from(info.published));
        let outcome = processor.process(&message).await;
        // If the servers do not hear it, they deliver the message again, which then has no effect.
        if let Err(error) = message.double_ack_with(outcome.acknowledgement()).await {
            warn!(partition, error, "acknowledgement not confirmed");
        }
        let waited = waited.ok().and_then(|published| published.elapsed().ok()).unwrap_or_default();
        metrics::processed(outcome.as_str(), waited, began.elapsed());
    }
}

/// Asks for a message. There is one request at a time, so that a worker which stops has none left that a message could be
/// sent to in vain.
async fn fetch(consumer: &Consumer<pull::Config>) -> Result<Option<jetstream::Message>, async_nats::Error> {
    let mut messages = consumer.fetch().max_messages(1).expires(FETCH).messages().await?;
    messages.next().await.transpose()
}

async fn forget(store: Store, days: u32) {
    loop {
        if let Err(error) = store.forget(days).await {
            error!(%error, "old deliveries not forgotten");
        }
        sleep(FORGET).await;
    }
}
