//! Publication of deliveries: so many at a time, and each either stored, refused or unknown.

use std::{
    error::Error,
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
    jetstream::{
        self, Context,
        context::{PublishError, PublishErrorKind},
        message::PublishMessage,
        publish::PublishAck,
    },
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, timeout},
};
use tracing::warn;

use crate::{message::Outgoing, metrics};

/// How long a publication that the servers do not take is tried again: while the connection or the stream's leader
/// changes. Less than the webhook's deadline.
const RETRY: Duration = Duration::from_secs(1);

/// Pause between the tries.
const PAUSE: Duration = Duration::from_millis(50);

/// How long an acknowledgement may take before the servers count as silent. It takes milliseconds.
const SILENCE: Duration = Duration::from_secs(1);

/// Publishes to the stream.
#[derive(Debug)]
pub(crate) struct Publisher {
    context: Context,
    places: Arc<Semaphore>,
    all: u32,
    silent: Arc<AtomicBool>,
}

impl Publisher {
    pub(crate) fn new(context: Context, in_flight: usize) -> Self {
        let all = in_flight.clamp(1, 4096);
        Self {
            context,
            places: Arc::new(Semaphore::new(all)),
            all: u32::try_from(all).unwrap_or(1),
            silent: Arc::default(),
        }
    }

    /// Returns once a majority of the stream's servers has the message, or once it is certain that it is not stored.
    /// Where neither is known, this does not return: the webhook's deadline says so.
    ///
    /// A publication goes on when its caller is dropped, and keeps its place until its outcome is known or the servers'
    /// time is up. While the servers are silent there is one publication at a time, and all else is refused before it is
    /// published: few outcomes are unknown, and nobody waits in vain.
    pub(crate) async fn publish(&self, message: Outgoing) -> Result<PublishAck, Refused> {
        // One more than is allowed, should two look at the same time, does no harm.
        if self.silent.load(Ordering::Relaxed) && self.places.available_permits() < self.all as usize {
            return Err(Refused::Silent);
        }
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Refused::Full)?;
        metrics::in_flight(1);
        let publication =
            tokio::spawn(publish(self.context.clone(), message, place, Arc::clone(&self.silent)));
        match publication.await {
            Ok(Ok(ack)) => Ok(ack),
            Ok(Err(Unstored::Refused(refused))) => Err(refused),
            Ok(Err(Unstored::Unknown)) | Err(_) => future::pending().await,
        }
    }

    /// Waits until none is under way.
    pub(crate) async fn settled(&self) {
        // It is an error if the semaphore is closed, which nobody does.
        let _ = self.places.acquire_many(self.all).await;
    }
}

/// A message that was not acknowledged.
enum Unstored {
    Refused(Refused),
    Unknown,
}

async fn publish(
    context: Context,
    message: Outgoing,
    place: OwnedSemaphorePermit,
    silent: Arc<AtomicBool>,
) -> Result<PublishAck, Unstored> {
    let until = Instant::now() + RETRY;
    let outcome = loop {
        match publish_once(&context, &message, &silent).await {
            Err(Unstored::Refused(refused)) if refused.may_pass() && Instant::now() + PAUSE < until => {
                sleep(PAUSE).await;
            }
            outcome => break outcome,
        }
    };
    drop(place);
    metrics::in_flight(-1);
    outcome
}

async fn publish_once(
    context: &Context,
    message: &Outgoing,
    silent: &AtomicBool,
) -> Result<PublishAck, Unstored> {
    // What is published while there is no connection would be sent when there is one again.
    if context.client().connection_state() != State::Connected {
        return Err(Unstored::Refused(Refused::Disconnected));
    }
    let publication =
        PublishMessage::build().headers(message.headers.clone()).payload(message.payload.clone());
    let acknowledgement = context
        .send_publish(message.subject.clone(), publication)
        .await
        .map_err(|_| Unstored::Refused(Refused::Disconnected))?;
    let mut answer = pin!(acknowledgement.into_future());
    let answer = if let Ok(answer) = timeout(SILENCE, answer.as_mut()).await {
        answer
    } else {
        silent.store(true, Ordering::Relaxed);
        answer.await
    };
    if answer.is_ok() {
        silent.store(false, Ordering::Relaxed);
    }
    answer.map_err(|error| Unstored::from_error(&error))
}

impl Unstored {
    fn from_error(error: &PublishError) -> Self {
        if error.kind() == PublishErrorKind::StreamNotFound {
            return Self::Refused(Refused::NoLeader);
        }
        // What the stream itself says; anything else is no answer.
        if let Some(said) = error.source().and_then(<dyn Error>::downcast_ref::<jetstream::Error>) {
            return Self::Refused(Refused::Stream { source: said.clone() });
        }
        warn!(%error, "publication not acknowledged");
        Self::Unknown
    }
}

/// Why a delivery was certainly not stored.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("too many publications are under way")]
    Full,
    #[error("servers do not answer")]
    Silent,
    #[error("not connected to a server")]
    Disconnected,
    #[error("stream has no leader")]
    NoLeader,
    #[error("stream refuses the message")]
    Stream { source: jetstream::Error },
}

impl Refused {
    /// Word for metrics.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Silent => "silent",
            Self::Disconnected => "disconnected",
            Self::NoLeader => "no_leader",
            Self::Stream { .. } => "stream",
        }
    }

    /// Tells whether it may be otherwise in a moment.
    const fn may_pass(&self) -> bool {
        matches!(self, Self::Disconnected | Self::NoLeader)
    }
}
