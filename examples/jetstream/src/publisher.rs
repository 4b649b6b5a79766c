//! Publication of deliveries: so many at a time, and each either stored, refused or unknown.

use std::{
    future::{self, IntoFuture},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_nats::{
    connection::State,
    jetstream::{Context, context::PublishError, message::PublishMessage, publish::PublishAck},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, timeout},
};
use tracing::warn;

use crate::{
    answer::{Refused, Unstored, is_given, read},
    capacity::{Capacity, Claim},
    message::Outgoing,
    metrics::{self, InFlight},
};

/// How long a publication that the servers do not take is tried again: while the connection or the stream's leader
/// changes. Less than the webhook's deadline.
const RETRY: Duration = Duration::from_secs(1);

/// Pause between the tries.
const PAUSE: Duration = Duration::from_millis(50);

/// How long an acknowledgement may take before the servers count as silent. It takes milliseconds.
const SILENCE: Duration = Duration::from_secs(1);

/// Time between two publications while the servers are silent.
const PROBE: Duration = Duration::from_millis(250);

/// Most of these publications under way: as many as there are until the first one's time is up.
const PROBES: u32 = 20;

/// Publishes to the stream.
#[derive(Debug)]
pub(crate) struct Publisher {
    context: Context,
    capacity: Arc<Capacity>,
    places: Arc<Semaphore>,
    all: u32,
    silent: Arc<AtomicBool>,
    /// Places beside the others: these may all be taken by what nobody answers.
    probes: Arc<Semaphore>,
    turn: Arc<Semaphore>,
}

impl Publisher {
    pub(crate) fn new(context: Context, capacity: Arc<Capacity>, in_flight: u32) -> Self {
        Self {
            context,
            capacity,
            places: Arc::new(Semaphore::new(in_flight as usize)),
            all: in_flight,
            silent: Arc::default(),
            probes: Arc::new(Semaphore::new(PROBES as usize)),
            turn: Arc::new(Semaphore::new(1)),
        }
    }

    /// Returns once a majority of the stream's servers has the message, or once it is certain that it is not stored.
    /// Where neither is known, this does not return: the webhook's deadline says so.
    ///
    /// A publication goes on when its caller is dropped, and keeps its place until its outcome is known or the servers'
    /// time is up. While the servers are silent there is one every [`PROBE`], and all else is refused before it is
    /// published: few outcomes are unknown, and nobody waits in vain. Any answer ends the silence.
    pub(crate) async fn publish(&self, message: Outgoing) -> Result<(), Refused> {
        let admitted = self.admit(&message).await;
        let (place, claim) = admitted.inspect_err(|refused| metrics::refused(refused.reason()))?;
        let publication =
            Publication { message, context: self.context.clone(), silent: Arc::clone(&self.silent) };
        match tokio::spawn(publication.run(place, claim)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(Unstored::Refused(refused))) => Err(refused),
            Ok(Err(Unstored::Unknown)) | Err(_) => future::pending().await,
        }
    }

    async fn admit(&self, message: &Outgoing) -> Result<(OwnedSemaphorePermit, Claim), Refused> {
        let place = if self.silent.load(Ordering::Relaxed) {
            self.probe()?
        } else {
            Arc::clone(&self.places).try_acquire_owned().map_err(|_| Refused::Busy)?
        };
        let claim = self.capacity.claim(message.size()).await.ok_or(Refused::Full)?;
        Ok((place, claim))
    }

    fn probe(&self) -> Result<OwnedSemaphorePermit, Refused> {
        let turn = Arc::clone(&self.turn).try_acquire_owned().map_err(|_| Refused::Silent)?;
        let place = Arc::clone(&self.probes).try_acquire_owned().map_err(|_| Refused::Silent)?;
        tokio::spawn(async move {
            sleep(PROBE).await;
            drop(turn);
        });
        Ok(place)
    }

    /// Waits until none is under way.
    pub(crate) async fn settled(&self) {
        // It is an error if the semaphore is closed, which nobody does.
        let _ = self.places.acquire_many(self.all).await;
        let _ = self.probes.acquire_many(PROBES).await;
    }
}

/// A message on its way.
struct Publication {
    context: Context,
    message: Outgoing,
    silent: Arc<AtomicBool>,
}

impl Publication {
    /// Publishes the message and counts the outcome, whoever still waits for it.
    async fn run(self, place: OwnedSemaphorePermit, claim: Claim) -> Result<PublishAck, Unstored> {
        let (in_flight, began) = (InFlight::begin(), Instant::now());
        let outcome = loop {
            match self.try_once().await {
                Err(Unstored::Refused(refused)) if refused.may_pass() && began.elapsed() + PAUSE < RETRY => {
                    sleep(PAUSE).await;
                }
                outcome => break outcome,
            }
        };
        match &outcome {
            Ok(ack) => {
                metrics::acknowledged(began.elapsed());
                metrics::delivery(if ack.duplicate { "repeated" } else { "accepted" });
            }
            Err(Unstored::Refused(refused)) => metrics::refused(refused.reason()),
            Err(Unstored::Unknown) => metrics::delivery("unknown"),
        }
        drop((place, claim, in_flight));
        outcome
    }

    async fn try_once(&self) -> Result<PublishAck, Unstored> {
        // What is published while there is no connection would be sent when there is one again.
        if self.context.client().connection_state() != State::Connected {
            return Err(Unstored::Refused(Refused::Disconnected));
        }
        let publication = PublishMessage::build()
            .headers(self.message.headers.clone())
            .payload(self.message.payload.clone());
        let acknowledgement = self
            .context
            .send_publish(self.message.subject.clone(), publication)
            .await
            .map_err(|_| Unstored::Refused(Refused::Disconnected))?;
        let answer = listen(&self.silent, acknowledgement.into_future()).await;
        if let Err(error) = &answer {
            warn!(%error, "publication not acknowledged");
        }
        read(answer)
    }
}

/// Waits for the answer, and notes whether the servers are silent.
async fn listen(
    silent: &AtomicBool,
    answer: impl Future<Output = Result<PublishAck, PublishError>>,
) -> Result<PublishAck, PublishError> {
    let mut answer = pin!(answer);
    let answer = if let Ok(answer) = timeout(SILENCE, answer.as_mut()).await {
        answer
    } else {
        silent.store(true, Ordering::Relaxed);
        answer.await
    };
    if is_given(&answer) {
        silent.store(false, Ordering::Relaxed);
    }
    answer
}

#[cfg(test)]
mod tests {
    use std::{
        future,
        sync::atomic::{AtomicBool, Ordering},
    };

    use async_nats::jetstream::{
        context::{PublishError, PublishErrorKind},
        publish::PublishAck,
    };
    use tokio::time::{sleep, timeout};

    use super::{SILENCE, listen};

    #[tokio::test(start_paused = true)]
    async fn servers_are_silent_until_the_first_answer() {
        let silent = AtomicBool::new(false);
        let never = listen(&silent, future::pending());
        assert!(timeout(SILENCE * 9 / 10, never).await.is_err());
        assert!(!silent.load(Ordering::Relaxed));
        let never = listen(&silent, future::pending());
        assert!(timeout(SILENCE * 11 / 10, never).await.is_err());
        assert!(silent.load(Ordering::Relaxed));

        // Nobody has said anything.
        let gone = PublishError::new(PublishErrorKind::TimedOut);
        assert!(listen(&silent, future::ready(Err(gone))).await.is_err());
        assert!(silent.load(Ordering::Relaxed));
        let late = async {
            sleep(2 * SILENCE).await;
            Ok(PublishAck { sequence: 1, ..PublishAck::default() })
        };
        assert!(listen(&silent, late).await.is_ok());
        assert!(!silent.load(Ordering::Relaxed));
    }
}
