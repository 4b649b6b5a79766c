//! Dead letters that are put back, after what was wrong with them has been fixed.

use std::error::Error;

use async_nats::jetstream::stream::{RawMessageErrorKind, Stream};

use crate::{
    cli::{Nats, Selection},
    connect::connect,
    dead_letters::{REASON, put_back},
    stream,
};

/// Puts the selected dead letters at the end of the queue, or shows them.
pub(crate) async fn run(nats: &Nats, selection: &Selection) -> Result<(), Box<dyn Error>> {
    let context = connect(nats, "requeue").await?;
    stream::open(&context).await?;
    let dead = stream::get(&context, stream::DEAD_LETTERS).await?;
    let state = &dead.cached_info().state;
    let (mut seen, mut back) = (0, 0);
    for sequence in state.first_sequence.max(1)..=state.last_sequence {
        let Some(letter) = read(&dead, sequence).await? else { continue };
        let reason = letter.headers.get(REASON).map(ToString::to_string).unwrap_or_default();
        if selection.reason.as_ref().is_some_and(|part| !reason.contains(part)) {
            continue;
        }
        seen += 1;
        let subject = letter.subject.to_string();
        let message = put_back(sequence, &subject, &letter.headers);
        if selection.list || message.is_none() {
            let kept = if message.is_none() { " (no delivery: cannot be put back)" } else { "" };
            println!("{sequence} {subject}: {reason}{kept}");
        }
        let Some((subject, headers)) = message.filter(|_| !selection.list) else { continue };
        // First there, then gone: if this ends in between, the delivery still takes effect once.
        context.publish_with_headers(subject, headers, letter.payload).await?.await?;
        dead.delete_message(sequence).await?;
        back += 1;
    }
    println!("{seen} dead letters, {back} put back");
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
