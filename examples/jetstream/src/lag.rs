//! What waits in each partition.

use std::error::Error;

use crate::{cli::Nats, connect::connect, consumers, stream};

/// Prints what waits in each partition, and how many dead letters there are.
pub(crate) async fn print(nats: &Nats) -> Result<(), Box<dyn Error>> {
    let context = connect(nats, "lag").await?;
    let deliveries = stream::get(&context, stream::DELIVERIES).await?;
    println!("partition    waiting  in work  tried again");
    let mut all = 0;
    for partition in 0..stream::partitions(&deliveries) {
        let consumer = consumers::get(&deliveries, partition).await?;
        let info = consumer.cached_info();
        let (waiting, in_work, again) = (info.num_pending, info.num_ack_pending, info.num_redelivered);
        println!("{partition:>9} {waiting:>10} {in_work:>8} {again:>12}");
        all += waiting;
    }
    let state = &deliveries.cached_info().state;
    println!("\n{all} waiting; {} messages of {} bytes are stored", state.messages, state.bytes);
    let dead = stream::get(&context, stream::DEAD_LETTERS).await?;
    println!("{} dead letters", dead.cached_info().state.messages);
    Ok(())
}
