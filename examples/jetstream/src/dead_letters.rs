//! Dead letters: messages that no try could process, kept as they came, with the reason.

use async_nats::{
    HeaderMap,
    header::{NATS_EXPECTED_STREAM, NATS_MESSAGE_ID},
    jetstream::{
        self, Context,
        context::{GetStreamError, PublishError},
    },
};

use crate::{
    message::{ID, REQUEUED},
    stream::{DEAD_LETTERS, DEAD_SUBJECT, DELIVERIES},
};

/// Why the delivery was given up.
pub(crate) const REASON: &str = "Live-Reason";

/// Longest reason, in characters.
const MAX_REASON: usize = 500;

/// Publishes a message to the stream of dead letters.
pub(crate) async fn publish(
    context: &Context,
    message: &jetstream::Message,
    reason: &str,
) -> Result<(), NotBuried> {
    let mut headers = kept(message.headers.as_ref());
    // The same however often the message is given up, so that it is kept once.
    let info = message.info().map_err(|source| NotBuried::Origin { source })?;
    let id = format!("{}-{}", info.stream_sequence, info.published.unix_timestamp_nanos());
    headers.insert(NATS_MESSAGE_ID, id.as_str());
    headers.insert(NATS_EXPECTED_STREAM, DEAD_LETTERS);
    headers.insert(REASON, line(reason).as_str());
    let subject = format!("{DEAD_SUBJECT}.{}", message.subject);
    // A full stream may discard what is oldest (`capacity.rs`). The margin is enough for some fifty at the same time.
    let stream = context.get_stream(DEAD_LETTERS).await.map_err(|source| NotBuried::Stream { source })?;
    let info = stream.cached_info();
    let most = info.config.max_bytes / 5 * 4;
    if most > 0 && i64::try_from(info.state.bytes).unwrap_or(i64::MAX) >= most {
        return Err(NotBuried::Full);
    }
    let ack = context.publish_with_headers(subject, headers, message.payload.clone()).await?.await?;
    if ack.sequence == 0 { Err(NotBuried::UnderWay) } else { Ok(()) }
}

/// Makes a message for the stream of deliveries of a dead letter: its subject and headers.
///
/// `Nats-Msg-Id` is another than before, lest the servers take it for a repetition. It is the same each time that the
/// dead letter is put back, so that it is put back once. `letter` tells it from all others, also of a stream that was
/// deleted.
pub(crate) fn put_back(letter: &str, subject: &str, headers: &HeaderMap) -> Option<(String, HeaderMap)> {
    let subject = subject.strip_prefix(DEAD_SUBJECT)?.strip_prefix('.')?;
    let id = headers.get(ID)?;
    let mut kept = kept(Some(headers));
    kept.insert(NATS_MESSAGE_ID, format!("{id}/{letter}").as_str());
    kept.insert(NATS_EXPECTED_STREAM, DELIVERIES);
    kept.insert(REQUEUED, letter);
    Some((subject.to_owned(), kept))
}

/// Returns the headers that are the delivery's own.
fn kept(headers: Option<&HeaderMap>) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for (name, values) in headers.into_iter().flat_map(HeaderMap::iter) {
        let name = name.to_string();
        // What the servers read is not for another stream.
        if name.starts_with("Nats-") || name == REASON {
            continue;
        }
        for value in values {
            kept.append(name.as_str(), value.clone());
        }
    }
    kept
}

/// Makes one line of a reason.
fn line(reason: &str) -> String {
    reason.chars().take(MAX_REASON).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Why a message is no dead letter yet.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotBuried {
    #[error("message is not from a stream")]
    Origin { source: async_nats::Error },
    #[error("stream {DEAD_LETTERS} cannot be used")]
    Stream { source: GetStreamError },
    #[error("stream {DEAD_LETTERS} is full")]
    Full,
    #[error("not stored yet")]
    UnderWay,
    #[error("not stored")]
    Unpublished(#[from] PublishError),
}

#[cfg(test)]
mod tests {
    use async_nats::HeaderMap;

    use super::{line, put_back};

    #[test]
    fn a_dead_letter_is_put_back_as_it_came() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("Live-Id", "abc"),
            ("Live-Request", "SdkAppid=7"),
            ("Live-Reason", "why"),
            ("Nats-Msg-Id", "1-2"),
            ("Nats-Expected-Stream", "LIVE_DEAD"),
        ] {
            headers.insert(name, value);
        }
        let (subject, back) = put_back("5-7", "dead.live.7.x.3", &headers).unwrap();
        assert_eq!(subject, "live.7.x.3");
        let value = |name: &str| {
            let mut headers = back.iter().filter(|(header, _)| header.to_string() == name);
            headers.next().map(|(_, values)| values[0].as_str().to_owned())
        };
        assert_eq!(value("Live-Id").as_deref(), Some("abc"));
        assert_eq!(value("Live-Request").as_deref(), Some("SdkAppid=7"));
        assert_eq!(value("Live-Reason"), None);
        assert_eq!(value("Live-Requeued").as_deref(), Some("5-7"));
        assert_eq!(value("Nats-Msg-Id").as_deref(), Some("abc/5-7"));
        assert_eq!(value("Nats-Expected-Stream").as_deref(), Some("LIVE"));
        assert!(put_back("5-7", "live.7.x.3", &headers).is_none());
        assert!(put_back("5-7", "dead.live.7.x.3", &HeaderMap::new()).is_none());
    }

    #[test]
    fn a_reason_is_one_line() {
        assert_eq!(line("a\r\nNats-Rollup: all"), "a  Nats-Rollup: all");
        assert_eq!(line(&"x".repeat(1000)).len(), 500);
    }
}
