//! The streams: of deliveries that wait, and of dead letters.
//!
//! <https://docs.nats.io/nats-concepts/jetstream/streams>

use std::error::Error;

use async_nats::jetstream::{
    Context,
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType, Stream},
};
use tracing::warn;

use crate::{
    capacity::LEAST,
    cli::{Nats, Shape},
    connect::connect,
    consumers,
};

/// Name of the stream of deliveries.
pub(crate) const DELIVERIES: &str = "LIVE";

/// Name of the stream of dead letters.
pub(crate) const DEAD_LETTERS: &str = "LIVE_DEAD";

/// First word of each delivery's subject.
pub(crate) const SUBJECT: &str = "live";

/// First word of each dead letter's subject, before that of its delivery.
pub(crate) const DEAD_SUBJECT: &str = "dead";

/// Creates the streams, and a consumer for each partition.
pub(crate) async fn create(nats: &Nats, shape: &Shape) -> Result<(), Box<dyn Error>> {
    let context = connect(nats, "create").await?;
    for config in [deliveries(shape), dead_letters(shape)] {
        let name = config.name.clone();
        context
            .create_stream(config)
            .await
            .map_err(|source| StreamError::NotCreated { name: name.clone(), source: source.into() })?;
        println!("stream {name}: {} replicas", shape.replicas);
    }
    let stream = context.get_stream(DELIVERIES).await?;
    consumers::create(&stream, shape).await?;
    println!("{} partitions, a consumer each", shape.partitions);
    Ok(())
}

/// Stream of deliveries. A message leaves it when it is processed and old (`purge.rs`), and for no other reason.
fn deliveries(shape: &Shape) -> Config {
    Config {
        name: DELIVERIES.to_owned(),
        // One for each partition: whoever counts them knows how many there are, and no message can be published to a
        // partition that nobody reads.
        subjects: (0..shape.partitions).map(subject_of_partition).collect(),
        retention: RetentionPolicy::Limits,
        duplicate_window: shape.duplicate_window,
        ..common(shape)
    }
}

fn dead_letters(shape: &Shape) -> Config {
    Config {
        name: DEAD_LETTERS.to_owned(),
        subjects: vec![format!("{DEAD_SUBJECT}.>")],
        duplicate_window: shape.duplicate_window,
        ..common(shape)
    }
}

fn common(shape: &Shape) -> Config {
    Config {
        storage: StorageType::File,
        num_replicas: shape.replicas,
        max_bytes: shape.max_bytes,
        max_messages: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        // A full stream refuses what comes, and keeps what it has accepted. Not always: see `capacity.rs`, because of
        // which it never is full.
        discard: DiscardPolicy::New,
        ..Config::default()
    }
}

/// What the messages of a partition are published to: an application and a command stand for the asterisks.
pub(crate) fn subject_of_partition(partition: u32) -> String {
    format!("{SUBJECT}.*.*.{partition}")
}

/// Returns the stream of deliveries, if it is one that keeps what it has accepted.
pub(crate) async fn open(context: &Context) -> Result<Stream, StreamError> {
    let stream = get(context, DELIVERIES).await?;
    let config = &stream.cached_info().config;
    let keeps = config.discard == DiscardPolicy::New
        && config.storage == StorageType::File
        && config.retention == RetentionPolicy::Limits
        && config.max_age.is_zero()
        && config.max_messages <= 0
        && config.max_messages_per_subject <= 0
        && config.max_bytes >= LEAST
        && !config.no_ack;
    if !keeps {
        return Err(StreamError::Unsafe { name: DELIVERIES });
    }
    if config.num_replicas < 2 {
        warn!("stream {DELIVERIES} has one replica: what it has accepted is lost with its server");
    }
    Ok(stream)
}

/// Returns a stream.
pub(crate) async fn get(context: &Context, name: &'static str) -> Result<Stream, StreamError> {
    context.get_stream(name).await.map_err(|source| StreamError::NotThere { name, source: source.into() })
}

/// Returns the number of the stream's partitions.
pub(crate) fn partitions(stream: &Stream) -> u32 {
    u32::try_from(stream.cached_info().config.subjects.len()).unwrap_or(u32::MAX)
}

/// Why a stream cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StreamError {
    #[error("stream {name} cannot be used; create it with `example-jetstream create`")]
    NotThere { name: &'static str, source: Box<dyn Error + Send + Sync> },
    #[error(
        "stream {name} was not created with `example-jetstream create`: it may lose what it has accepted"
    )]
    Unsafe { name: &'static str },
    #[error("consumer {name} is there, and was created with other settings")]
    OtherConsumer { name: String },
    #[error("stream {name} cannot be created")]
    NotCreated { name: String, source: Box<dyn Error + Send + Sync> },
}
