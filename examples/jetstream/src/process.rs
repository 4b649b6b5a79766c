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
    /// How long a try may take. Less than the servers wait for an acknowledgement.
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
            warn!(error = sentence(&unavailable), "message put back");
            Outcome::Failed { after: self.back_off }
        })
    }

    async fn process_delivery(
        &self,
        message: &jetstream::Message,
        incoming: Incoming,
    ) -> Result<Outcome, Unavailable> {
        let Incoming { id, requeued, delivery } = incoming;
        let delivered = message.info().map_or(1, |info| info.delivered);
        let (tries, earlier) =
            if delivered > 1 { self.store.begin_again(&id).await? } else { (1, String::new()) };
        if tries > self.tries {
            return self.give_up(message, &id, &requeued, &earlier).await;
        }
        let command = delivery.event.command().clone();
        // It is not the delivery's fault if others have the database for long.
        let transaction = self.store.begin().await?;
        let effect = self.effect(transaction, &id, &requeued, delivery);
        let failure = match timeout(self.limit, effect).await {
            Ok(Ok(outcome)) => return Ok(outcome),
            Ok(Err(StatisticsError::Store(error))) if is_unavailable(&error) => return Err(error.into()),
            Ok(Err(failure)) => sentence(&failure),
            Err(_) => format!("handler has not returned within {:?}", self.limit),
        };
        warn!(command = format!("{command:.64}"), tries, failure, "message not processed");
        if tries >= self.tries {
            return self.give_up(message, &id, &requeued, &failure).await;
        }
        self.store.note_failure(&id, &failure).await?;
        let doubled = self.back_off.saturating_mul(1 << (tries - 1).min(16));
        Ok(Outcome::Failed { after: doubled.min(MAX_BACK_OFF) })
    }

    /// Writes the delivery's effect and its id in one transaction: both, or neither.
    async fn effect(
        &self,
        mut transaction: Transaction<'static, Sqlite>,
        id: &str,
        requeued: &str,
        delivery: Delivery,
    ) -> Result<Outcome, StatisticsError> {
        match claim(&mut transaction, id, requeued).await? {
            Known::New => {}
            Known::Done => return Ok(Outcome::Repeated),
            Known::Dead => return Ok(Outcome::Dead),
        }
        let statistics = Statistics::new(transaction, self.room_id_limit);
        dispatch(&statistics, delivery).await?;
        statistics.commit().await?;
        Ok(Outcome::Done)
    }

    async fn give_up(
        &self,
        message: &jetstream::Message,
        id: &str,
        requeued: &str,
        reason: &str,
    ) -> Result<Outcome, Unavailable> {
        // First there, then gone: a crash in between leaves a second dead letter, which takes effect no second time.
        dead_letters::publish(&self.context, message, reason).await?;
        if self.store.bury(id, requeued).await? == Known::Done {
            return Ok(Outcome::Repeated);
        }
        info!(reason, "dead letter");
        Ok(Outcome::Dead)
    }

    async fn give_up_unreadable(
        &self,
        message: &jetstream::Message,
        unreadable: &Unreadable,
    ) -> Result<Outcome, Unavailable> {
        let reason = sentence(unreadable);
        dead_letters::publish(&self.context, message, &reason).await?;
        info!(reason, "dead letter");
        Ok(Outcome::Dead)
    }
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
fn sentence(error: &(dyn Error + 'static)) -> String {
    let chain = iter::successors(Some(error), |&error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
