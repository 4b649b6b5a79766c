//! The worker: a loop for each partition.

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use async_nats::jetstream::{
    self, AckKind, Context,
    consumer::{Consumer, pull},
};
use example_service::Stop;
use futures_util::StreamExt;
use tokio::{task::JoinSet, time::sleep};
use tracing::{error, info, warn};

use crate::{
    backlog, cli, connect::connect, consumers, metrics, process::Processor, purge, store::Store, stream,
};

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
    let ack_wait = ack_wait.unwrap_or_default();
    let processor = Arc::new(Processor {
        store: store.clone(),
        context: context.clone(),
        room_id_limit: options.room_id_limit,
        tries: options.tries,
        back_off: options.back_off,
        limit: ack_wait / 2,
    });
    info!(partitions = partitions.len(), "processing");
    let mut tasks = JoinSet::new();
    for (partition, consumer) in partitions.into_iter().enumerate() {
        tasks.spawn(work(partition, consumer, Arc::clone(&processor), ack_wait / 3, stop.clone()));
    }
    let forgetting = tokio::spawn(forget(store.clone(), context, options.keep_days));
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
async fn work(
    partition: usize,
    consumer: Consumer<pull::Config>,
    processor: Arc<Processor>,
    still: Duration,
    stop: Stop,
) {
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
        // A worker that waits for the database says that it is there, lest another one begin the same.
        let outcome = tokio::select! {
            outcome = processor.process(&message) => outcome,
            () = say(&message, still) => continue,
        };
        // If the servers have not heard it, they deliver the message again: one that has taken effect has no second one.
        if let Err(error) = message.double_ack_with(outcome.acknowledgement()).await {
            let outcome = outcome.as_str();
            warn!(partition, outcome, error, "servers have not confirmed that they know the outcome");
        }
        let waited = waited.ok().and_then(|published| published.elapsed().ok()).unwrap_or_default();
        metrics::processed(outcome.as_str(), waited, began.elapsed());
    }
}

/// Tells the servers again and again that a message is in work. Never returns.
async fn say(message: &jetstream::Message, every: Duration) {
    loop {
        sleep(every).await;
        if let Err(error) = message.ack_with(AckKind::Progress).await {
            warn!(error, "servers not told of progress");
        }
    }
}

/// Asks for a message. There is one request at a time, so that a worker which stops has none left that a message could be
/// sent to in vain.
async fn fetch(consumer: &Consumer<pull::Config>) -> Result<Option<jetstream::Message>, async_nats::Error> {
    let mut messages = consumer.fetch().max_messages(1).expires(FETCH).messages().await?;
    messages.next().await.transpose()
}

/// Forgets deliveries of which no repetition is recognized any more: one that was published within so many days after
/// the effect is, however long it waits.
async fn forget(store: Store, context: Context, days: u32) {
    loop {
        if let Err(error) = forget_now(&store, &context, days).await {
            error!(error, "old deliveries not forgotten");
        }
        sleep(FORGET).await;
    }
}

async fn forget_now(store: &Store, context: &Context, days: u32) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut since = SystemTime::now();
    for name in [stream::DELIVERIES, stream::DEAD_LETTERS] {
        let stream = stream::get(context, name).await?;
        if let Some(oldest) = backlog::oldest(&stream.cached_info().state) {
            since = since.min(oldest);
        }
    }
    let since = i64::try_from(since.duration_since(SystemTime::UNIX_EPOCH)?.as_secs())?;
    while store.forget(since - i64::from(days) * 24 * 60 * 60).await? > 0 {
        sleep(PAUSE).await;
    }
    Ok(())
}
