//! The consumers, one per partition.
//!
//! <https://docs.nats.io/nats-concepts/jetstream/consumers>

use async_nats::jetstream::{
    consumer::{AckPolicy, Consumer, DeliverPolicy, pull},
    stream::{ConsumerError, Stream},
};

use crate::{
    cli::Shape,
    stream::{StreamError, subject_of_partition},
};

/// Creates a consumer for each partition.
pub(crate) async fn create(stream: &Stream, shape: &Shape) -> Result<(), ConsumerError> {
    for partition in 0..shape.partitions {
        let name = name(partition);
        stream
            .create_consumer(pull::Config {
                durable_name: Some(name.clone()),
                name: Some(name),
                filter_subject: subject_of_partition(partition),
                deliver_policy: DeliverPolicy::All,
                ack_policy: AckPolicy::Explicit,
                ack_wait: shape.ack_wait,
                // A message is with one worker, and the next one waits until it is acknowledged. This is what keeps a
                // room's events in order, however many workers there are.
                max_ack_pending: 1,
                // The servers would stop to deliver it, and tell nobody. Workers make it a dead letter instead.
                max_deliver: -1,
                ..pull::Config::default()
            })
            .await?;
    }
    Ok(())
}

/// Returns the consumer of a partition.
pub(crate) async fn get(stream: &Stream, partition: u32) -> Result<Consumer<pull::Config>, StreamError> {
    let consumer = stream.get_consumer(&name(partition)).await;
    consumer.map_err(|source| StreamError::NotThere { name: crate::stream::DELIVERIES, source })
}

fn name(partition: u32) -> String {
    format!("partition-{partition}")
}
