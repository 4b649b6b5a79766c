//! The way of a request: through the webhook, to the service, into the log.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{Response, StatusCode},
    response::IntoResponse,
};
use bytes::Bytes;
use tokio::{sync::OwnedSemaphorePermit, time::sleep};
use tower_service::Service;
use trtc_live_webhook::{Delivery, RawHandler, Reply, UnixMillis, Webhook};

use crate::listen::{
    answers::Choice,
    exchange::{Exchange, Seen},
    forward::forward,
    watch::Watch,
};

/// How long an exchange may take: longer than any delay that can be chosen, and any wait for a service.
const DEADLINE: Duration = Duration::from_secs(30);

/// Longest method and path that are kept.
const SHORT: usize = 256;

/// Takes whatever arrives for a delivery.
pub(crate) fn router(watch: Arc<Watch>) -> Router {
    Router::new().fallback(receive).with_state(watch)
}

/// Answers a request and shows it. Goes on if the client does not wait for the answer, so that this is seen, too.
async fn receive(State(watch): State<Arc<Watch>>, request: Request) -> axum::response::Response {
    // What goes on without a client is bounded here, and not by the connections.
    let Ok(place) = Arc::clone(&watch.places).try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    match tokio::spawn(exchange(watch, request, place)).await {
        Ok(response) => response.map(Into::into),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn exchange(watch: Arc<Watch>, request: Request, place: OwnedSemaphorePermit) -> Response<Bytes> {
    let (at, start) = (UnixMillis::now(), Instant::now());
    let seen = Seen {
        method: short(request.method().as_str()),
        path: short(request.uri().path()),
        query: request.uri().query().unwrap_or_default().to_owned(),
        ..Seen::default()
    };
    let seen = SharedSeen(Arc::new(Mutex::new(seen)));
    let of_failure = seen.clone();
    let mut webhook =
        Webhook::new(watch.receiver.clone(), Live { watch: Arc::clone(&watch), seen: seen.clone() })
            .with_deadline(DEADLINE)
            .inspect_failure(move |failed| {
                let mut seen = of_failure.lock();
                seen.failure = Some(failed.failure.to_string());
                seen.command = failed.command.cloned();
                seen.body = failed.body.cloned();
            });
    let Ok(response) = webhook.call(request).await;
    let response = response.map(Bytes::from);
    let elapsed = start.elapsed();

    // Before the answer, so that what is sent after it is shown and recorded after it.
    let mut seen = seen.lock().clone();
    watch.record(&seen, at);
    let (status, packet) = (response.status().as_u16(), response.body().clone());
    let unread = if seen.delivery.is_none() { seen.body.clone() } else { None };
    match unread {
        // What this program cannot read may still be of interest to the service: who sent it does not wait for that.
        Some(body) if watch.forward.is_some() => {
            tokio::spawn(async move {
                if let Some(sender) = &watch.forward {
                    seen.service = Some(forward(sender, &seen.query, &body).await.0);
                }
                watch.show(Exchange::new(&seen, at, status, &packet, elapsed), seen);
                drop(place);
            });
        }
        _ => watch.show(Exchange::new(&seen, at, status, &packet, elapsed), seen),
    }
    response
}

fn short(text: &str) -> String {
    text.chars().take(SHORT).collect()
}

/// What is learned of a request on its way.
#[derive(Clone, Debug)]
struct SharedSeen(Arc<Mutex<Seen>>);

impl SharedSeen {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        // Nobody panics while holding the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Handler of one request.
struct Live {
    watch: Arc<Watch>,
    seen: SharedSeen,
}

/// Why a delivery is not answered.
#[derive(Clone, Copy, Debug, thiserror::Error)]
enum Unanswered {
    #[error("failing was chosen")]
    Chosen,
    #[error("service gave no valid reply")]
    NoReply,
}

impl RawHandler for Live {
    type Error = Unanswered;

    async fn handle(&self, delivery: Delivery, body: Bytes) -> Result<Reply, Unanswered> {
        let command = delivery.event.command().clone();
        let query = {
            let mut seen = self.seen.lock();
            (seen.delivery, seen.body) = (Some(delivery), Some(body.clone()));
            seen.query.clone()
        };
        let mut of_service = None;
        if let Some(sender) = &self.watch.forward {
            let (service, reply) = forward(sender, &query, &body).await;
            self.seen.lock().service = Some(service);
            of_service = Some(reply.ok_or(Unanswered::NoReply));
        }
        let Some(answer) = self.watch.chosen.to(&command) else {
            return of_service.unwrap_or_else(|| Ok(Reply::ok()));
        };
        sleep(answer.delay()).await;
        match answer.choice {
            Choice::Service => of_service.unwrap_or_else(|| Ok(Reply::ok())),
            _ => answer.reply(&command).ok_or(Unanswered::Chosen),
        }
    }
}
