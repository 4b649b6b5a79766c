//! What becomes of a message: one transaction, or a reason.

use std::{error::Error, iter, time::Duration};

use async_nats::jetstream::{self, AckKind};
use sqlx::{Sqlite, Transaction};
use tokio::time::timeout;
use tracing::{info, warn};
use trtc_live_webhook::{Delivery, dispatch};

use crate::{
    dead_letters::{self, NotBuried},
    message::{Incoming, Unreadable},
    statistics::{Statistics, StatisticsError},
    store::{Known, Store, claim, is_unavailable},
};

/// Longest pause before another try.
const MAX_BACK_OFF: Duration = Duration::from_secs(30);

/// Processes messages, as many at a time as are given to it.
#[derive(Debug)]
pub(crate) struct Processor {
    pub(crate) store: Store,
    pub(crate) context: jetstream::Context,
    pub(crate) room_id_limit: usize,
    /// Tries after which a message is given up.
    pub(crate) tries: u32,
    pub(crate) back_off: Duration,
    /// How long a try may take.
    pub(crate) limit: Duration,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It has taken effect.
    Done,
    /// It had taken effect.
    Repeated,
    /// It is to be tried again.
    Failed { after: Duration },
    /// It is a dead letter.
    Dead,
}

impl Outcome {
    /// Word for metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Repeated => "repeated",
            Self::Failed { .. } => "failed",
            Self::Dead => "dead",
        }
    }

    /// What the servers are told.
    pub(crate) const fn acknowledgement(self) -> AckKind {
        match self {
            Self::Done | Self::Repeated => AckKind::Ack,
            Self::Failed { after } => AckKind::Nak(Some(after)),
            Self::Dead => AckKind::Term,
        }
    }
}

impl Processor {
    /// Processes a message. Whatever is wrong with the database or the servers, it is tried again and never given up.
    pub(crate) async fn process(&self, message: &jetstream::Message) -> Outcome {
        let outcome = match Incoming::read(message) {
            Ok(incoming) => self.process_delivery(message, incoming).await,
            Err(unreadable) => self.give_up_unreadable(message, &unreadable).await,
        };
        outcome.unwrap_or_else(|unavailable| {
            warn!(error = sentence(&unavailable), place = place(message), "message put back");
            Outcome::Failed { after: self.back_off }
        })
    }

    async fn process_delivery(
        &self,
        message: &jetstream::Message,
        incoming: Incoming,
    ) -> Result<Outcome, Unavailable> {
        let Incoming { id, requeued, delivery } = incoming;
        let again = message.info().is_ok_and(|info| info.delivered > 1);
        let (tries, earlier) = if again { self.store.begin_again(&id).await? } else { (1, String::new()) };
        if tries > self.tries {
            return self.give_up(message, &id, &requeued, &earlier).await;
        }
        let command = delivery.event.command().clone();
        let failure = match self.try_once(&id, &requeued, delivery).await {
            Ok(outcome) => return Ok(outcome),
            Err(Failure::Unavailable(unavailable)) => {
                // The try was none of the delivery's.
                if again {
                    let taken_back = self.store.take_back(&id).await;
                    let _ = taken_back.inspect_err(|error| warn!(%error, tries, "try not taken back"));
                }
                return Err(unavailable.into());
            }
            Err(failure) => sentence(&failure),
        };
        let (command, place) = (format!("{command:.64}"), place(message));
        warn!(command, place, tries, failure, "message not processed");
        if tries >= self.tries {
            return self.give_up(message, &id, &requeued, &failure).await;
        }
        self.store.note_failure(&id, &failure).await?;
        let doubled = self.back_off.saturating_mul(1 << (tries - 1).min(16));
        Ok(Outcome::Failed { after: doubled.min(MAX_BACK_OFF) })
    }

    async fn try_once(&self, id: &str, requeued: &str, delivery: Delivery) -> Result<Outcome, Failure> {
        // It is not the delivery's fault if others have the database for long.
        let transaction = self.store.begin().await.map_err(Failure::Unavailable)?;
        let (id, requeued) = (id.to_owned(), requeued.to_owned());
        bounded(self.limit, effect(transaction, id, requeued, delivery, self.room_id_limit)).await
    }

    async fn give_up(
        &self,
        message: &jetstream::Message,
        id: &str,
        requeued: &str,
        reason: &str,
    ) -> Result<Outcome, Unavailable> {
        // One that has taken effect is tried too often when its acknowledgements are lost.
        if self.store.is_done(id).await? {
            return Ok(Outcome::Repeated);
        }
        // First there, then gone: a crash in between leaves a second dead letter, which takes effect no second time.
        dead_letters::publish(&self.context, message, reason).await?;
        if self.store.bury(id, requeued).await? == Known::Done {
            return Ok(Outcome::Repeated);
        }
        info!(reason, place = place(message), "dead letter");
        Ok(Outcome::Dead)
    }

    async fn give_up_unreadable(
        &self,
        message: &jetstream::Message,
        unreadable: &Unreadable,
    ) -> Result<Outcome, Unavailable> {
        let reason = sentence(unreadable);
        dead_letters::publish(&self.context, message, &reason).await?;
        info!(reason, place = place(message), "dead letter");
        Ok(Outcome::Dead)
    }
}

/// Writes the delivery's effect and its id in one transaction: both, or neither.
async fn effect(
    mut transaction: Transaction<'static, Sqlite>,
    id: String,
    requeued: String,
    delivery: Delivery,
    room_id_limit: usize,
) -> Result<Outcome, StatisticsError> {
    match claim(&mut transaction, &id, &requeued).await? {
        Known::New => {}
        Known::Done => return Ok(Outcome::Repeated),
        Known::Dead => return Ok(Outcome::Dead),
    }
    let statistics = Statistics::new(transaction, room_id_limit);
    dispatch(&statistics, delivery).await?;
    statistics.commit().await?;
    Ok(Outcome::Done)
}

/// Runs an effect in a task of its own: a handler that panics or hangs is a failed try, and not the worker's end.
async fn bounded(
    limit: Duration,
    effect: impl Future<Output = Result<Outcome, StatisticsError>> + Send + 'static,
) -> Result<Outcome, Failure> {
    let mut task = tokio::spawn(effect);
    match timeout(limit, &mut task).await {
        Ok(Ok(Ok(outcome))) => Ok(outcome),
        Ok(Ok(Err(StatisticsError::Store(error)))) if is_unavailable(&error) => {
            Err(Failure::Unavailable(error))
        }
        Ok(Ok(Err(error))) => Err(Failure::Handler(error)),
        Ok(Err(_)) => Err(Failure::Panicked),
        Err(_) => {
            // Its transaction is rolled back once it is gone.
            task.abort();
            Err(Failure::Late { limit })
        }
    }
}

/// Why a try had no effect.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("database does not answer")]
    Unavailable(#[source] sqlx::Error),
    #[error(transparent)]
    Handler(StatisticsError),
    #[error("handler panicked")]
    Panicked,
    #[error("handler has not returned within {limit:?}")]
    Late { limit: Duration },
}

/// Where a message is: its subject, which ends with the partition, and its number in the stream.
fn place(message: &jetstream::Message) -> String {
    let sequence = message.info().map_or(0, |info| info.stream_sequence);
    format!("{} {sequence}", message.subject)
}

/// What keeps any message from being processed.
#[derive(Debug, thiserror::Error)]
enum Unavailable {
    #[error("database does not answer")]
    Store(#[from] sqlx::Error),
    #[error("no dead letter")]
    DeadLetters(#[from] NotBuried),
}

/// Joins an error with its causes.
pub(crate) fn sentence(error: &(dyn Error + 'static)) -> String {
    let chain = iter::successors(Some(error), |&error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use std::{future, path::Path, time::Duration};

    use async_nats::{
        ConnectOptions, HeaderMap,
        jetstream::{self, Message},
    };
    use trtc_live_webhook::event::room;

    use super::{Failure, Outcome, Processor, bounded};
    use crate::{statistics::StatisticsError, store::Store};

    const LIMIT: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn a_panic_is_a_failed_try() {
        let panic = async { panic!("a handler's") };
        assert!(matches!(bounded(LIMIT, panic).await, Err(Failure::Panicked)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_that_hangs_is_a_failed_try() {
        let failure = bounded(LIMIT, future::pending()).await.unwrap_err();
        assert_eq!(failure.to_string(), "handler has not returned within 1s");
    }

    /// Makes a worker that tries everything once, and has no servers.
    async fn worker(database: &Path) -> Processor {
        let client = ConnectOptions::new().retry_on_initial_connect().connect("127.0.0.1:9").await.unwrap();
        Processor {
            store: Store::open_with(database, Duration::from_millis(50)).await.unwrap(),
            context: jetstream::new(client),
            room_id_limit: 100,
            tries: 1,
            back_off: Duration::ZERO,
            limit: LIMIT,
        }
    }

    /// Makes a message that is delivered for so many times.
    fn delivered(processor: &Processor, times: u32) -> Message {
        let mut headers = HeaderMap::new();
        headers.insert("Live-Id", "a");
        headers.insert("Live-Request", "SdkAppid=7");
        let payload = room::AfterCreateRoom::SAMPLE.json();
        let message = async_nats::Message {
            subject: "live.7.x.0".into(),
            reply: Some(format!("$JS.ACK.LIVE.partition-0.{times}.1.1.1700000000000000000.0").into()),
            payload: payload.into(),
            headers: Some(headers),
            status: None,
            description: None,
            length: payload.len(),
        };
        Message { message, context: processor.context.clone() }
    }

    #[tokio::test]
    async fn what_had_no_database_was_not_tried() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let (processor, other) = (worker(&path).await, Store::open(&path).await.unwrap());
        let another = worker(&path).await;
        let put_back = Outcome::Failed { after: Duration::ZERO };
        let others = other.begin().await.unwrap();
        for times in 1..4 {
            assert_eq!(processor.process(&delivered(&processor, times)).await, put_back);
        }
        drop(others);
        // By whichever worker it is tried.
        assert_eq!(another.process(&delivered(&another, 4)).await, Outcome::Done);
        assert_eq!(processor.process(&delivered(&processor, 5)).await, Outcome::Repeated);
    }

    #[tokio::test]
    async fn the_database_is_told_from_the_handler() {
        assert_eq!(bounded(LIMIT, async { Ok(Outcome::Done) }).await.unwrap(), Outcome::Done);
        let fails = |error| bounded(LIMIT, future::ready(Err(error)));
        let gone = StatisticsError::Store(sqlx::Error::PoolTimedOut);
        assert!(matches!(fails(gone).await, Err(Failure::Unavailable(_))));
        let wrong = StatisticsError::Store(sqlx::Error::RowNotFound);
        assert!(matches!(fails(wrong).await, Err(Failure::Handler(_))));
        let long = StatisticsError::LongId { limit: 1 };
        assert_eq!(fails(long).await.unwrap_err().to_string(), "id of a room has more than 1 bytes");
    }
}
