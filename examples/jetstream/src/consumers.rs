//! The consumers, one per partition.
//!
//! <https://docs.nats.io/nats-concepts/jetstream/consumers>

use std::error::Error;

use async_nats::jetstream::{
    consumer::{self, AckPolicy, Consumer, DeliverPolicy, pull},
    context::ConsumerInfoErrorKind,
    stream::Stream,
};

use crate::{
    cli::Shape,
    stream::{StreamError, subject_of_partition},
};

/// Creates a consumer for each partition.
pub(crate) async fn create(stream: &Stream, shape: &Shape) -> Result<(), Box<dyn Error>> {
    for partition in 0..shape.partitions {
        let config = config(partition, shape);
        // The servers would change one that is there.
        match stream.consumer_info(name(partition)).await {
            Ok(info) if is_like(&info.config, &config) => {}
            Ok(_) => return Err(StreamError::OtherConsumer { name: name(partition) }.into()),
            Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => {
                stream.create_consumer(config).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn config(partition: u32, shape: &Shape) -> pull::Config {
    pull::Config {
        durable_name: Some(name(partition)),
        name: Some(name(partition)),
        filter_subject: subject_of_partition(partition),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: shape.ack_wait,
        // A message is with one worker, and the next one waits until it is acknowledged. This is what keeps a room's
        // events in order, however many workers there are.
        max_ack_pending: 1,
        // The servers would stop to deliver it, and tell nobody. Workers make it a dead letter instead.
        max_deliver: -1,
        ..pull::Config::default()
    }
}

/// Compares what [`config`] sets.
fn is_like(there: &consumer::Config, wanted: &pull::Config) -> bool {
    there.filter_subject == wanted.filter_subject
        && there.deliver_policy == wanted.deliver_policy
        && there.ack_policy == wanted.ack_policy
        && there.ack_wait == wanted.ack_wait
        && there.max_ack_pending == wanted.max_ack_pending
        && there.max_deliver == wanted.max_deliver
        && there.deliver_subject.is_none()
}

/// Returns the consumer of a partition.
pub(crate) async fn get(stream: &Stream, partition: u32) -> Result<Consumer<pull::Config>, StreamError> {
    let consumer = stream.get_consumer(&name(partition)).await;
    consumer.map_err(|source| StreamError::NotThere { name: crate::stream::DELIVERIES, source })
}

fn name(partition: u32) -> String {
    format!("partition-{partition}")
}
