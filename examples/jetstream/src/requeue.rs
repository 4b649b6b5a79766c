//! Dead letters that are put back, after what was wrong with them has been fixed.

use std::{error::Error, sync::Arc};

use async_nats::{
    HeaderMap,
    jetstream::{
        Context,
        stream::{RawMessageErrorKind, Stream},
    },
};
use bytes::Bytes;

use crate::{
    capacity::Capacity,
    cli::{Nats, Selection},
    connect::connect,
    dead_letters::{REASON, put_back},
    message::size,
    process::sentence,
    stream,
};

/// Puts the selected dead letters at the end of the queue, or shows them.
pub(crate) async fn run(nats: &Nats, selection: &Selection) -> Result<(), Box<dyn Error>> {
    let context = connect(nats, "requeue").await?;
    let deliveries = stream::open(&context).await?;
    let info = deliveries.cached_info();
    let capacity = Arc::new(Capacity::new(&info.config, info.state.bytes));
    tokio::spawn(Arc::clone(&capacity).watch(deliveries.clone()));
    let dead = stream::get(&context, stream::DEAD_LETTERS).await?;
    let state = &dead.cached_info().state;
    let (mut seen, mut back, mut failed) = (0, 0, 0);
    for sequence in state.first_sequence.max(1)..=state.last_sequence {
        let Some(letter) = read(&dead, sequence).await? else { continue };
        let reason = letter.headers.get(REASON).map(ToString::to_string).unwrap_or_default();
        if selection.reason.as_ref().is_some_and(|part| !reason.contains(part)) {
            continue;
        }
        seen += 1;
        let subject = letter.subject.to_string();
        // In a stream that is created anew, numbers begin again.
        let which = format!("{sequence}-{}", letter.time.unix_timestamp_nanos());
        let message = put_back(&which, &subject, &letter.headers);
        if selection.list || message.is_none() {
            let kept = if message.is_none() { " (no delivery: cannot be put back)" } else { "" };
            println!("{sequence} {subject}: {reason}{kept}");
        }
        let Some((subject, headers)) = message.filter(|_| !selection.list) else { continue };
        // One that cannot be put back, such as of a partition that is no more, is no reason to leave the others.
        match restore(&context, &dead, &capacity, sequence, subject, headers, letter.payload).await {
            Ok(()) => back += 1,
            Err(error) => {
                failed += 1;
                println!("{sequence} {}: not put back: {}", letter.subject, sentence(&*error));
            }
        }
    }
    println!("{seen} dead letters, {back} put back");
    if failed > 0 { Err(format!("{failed} dead letters could not be put back").into()) } else { Ok(()) }
}

async fn restore(
    context: &Context,
    dead: &Stream,
    capacity: &Arc<Capacity>,
    sequence: u64,
    subject: String,
    headers: HeaderMap,
    payload: Bytes,
) -> Result<(), Box<dyn Error>> {
    let bytes = subject.len() + size(&headers) + payload.len();
    let _claim = capacity.claim(bytes).await.ok_or("stream is full")?;
    // First there, then gone: if this ends in between, the delivery still takes effect once.
    let ack = context.publish_with_headers(subject, headers, payload).await?.await?;
    if ack.sequence == 0 {
        return Err("not stored yet".into());
    }
    dead.delete_message(sequence).await?;
    Ok(())
}

/// Reads a dead letter, unless it is gone.
async fn read(
    dead: &Stream,
    sequence: u64,
) -> Result<Option<async_nats::jetstream::message::StreamMessage>, Box<dyn Error>> {
    match dead.get_raw_message(sequence).await {
        Ok(letter) => Ok(Some(letter)),
        Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
