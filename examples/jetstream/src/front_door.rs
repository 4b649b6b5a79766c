//! The front door: decides what waits for a decision, publishes the rest, and answers when it is stored.

use std::{error::Error, net::TcpListener, sync::Arc, time::Duration};

use axum::Router;
use bytes::Bytes;
use example_service::{LiveRooms, RoomError, Settings, Stop, log_failure, serve};
use hyper_util::service::TowerToHyperService;
use tokio::time::timeout;
use tracing::info;
use trtc_live_webhook::{
    Command, Delivery, Failed, Failure, Handler, OnFailure, RawHandler, Reply, Webhook, dispatch,
};

use crate::{
    answer::Refused,
    backlog,
    capacity::Capacity,
    cli,
    connect::{PATIENCE, connect},
    message::Outgoing,
    metrics,
    publisher::Publisher,
    stream,
};

/// Decides and publishes. Clones share everything.
#[derive(Clone, Debug)]
pub(crate) struct FrontDoor<H> {
    decisions: H,
    publisher: Arc<Publisher>,
    partitions: u32,
}

impl<H: Handler> RawHandler for FrontDoor<H> {
    type Error = NotAccepted<H::Error>;

    async fn handle(&self, delivery: Delivery, body: Bytes) -> Result<Reply, Self::Error> {
        if asks(delivery.event.command()) {
            let reply = dispatch(&self.decisions, delivery).await.map_err(NotAccepted::Undecided)?;
            metrics::delivery("decided");
            return Ok(reply);
        }
        self.publisher.publish(Outgoing::new(&delivery, body, self.partitions)).await?;
        Ok(Reply::ok())
    }
}

/// Tells whether the backend waits for a decision, which no queue makes in time: any `Before…`, also one of a sibling
/// product.
fn asks(command: &Command) -> bool {
    Reply::refusal(command).is_some() || command.as_str().contains(".CallbackBefore")
}

/// Why a delivery was certainly not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotAccepted<E> {
    #[error("not decided on")]
    Undecided(#[source] E),
    #[error("not published")]
    Unpublished(#[from] Refused),
}

/// Receives deliveries until the process is asked to stop.
pub(crate) async fn run(nats: &cli::Nats, options: &cli::FrontDoor) -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_env()?;
    let stop = Stop::on_signal()?;
    let context = connect(nats, "front door").await?;
    let stream = stream::open(&context).await?;
    metrics::listen(options.metrics_listen, &stop)?;

    let info = stream.cached_info();
    let capacity = Arc::new(Capacity::new(&info.config, info.state.bytes));
    tokio::spawn(Arc::clone(&capacity).watch(stream.clone()));
    tokio::spawn(backlog::watch(stream.clone()));
    let publisher = Arc::new(Publisher::new(context, capacity, options.in_flight));
    let front_door = FrontDoor {
        decisions: Arc::new(LiveRooms::new(&settings)),
        publisher: Arc::clone(&publisher),
        partitions: stream::partitions(&stream),
    };
    let webhook = Webhook::new(settings.receiver()?, front_door)
        // What cannot be decided on is not let through.
        .on_failure(OnFailure::Refuse)
        .inspect_failure(failed);
    let router = Router::new().route_service("/webhook", webhook);
    let listener: TcpListener = settings.listen()?;
    info!(partitions = stream::partitions(&stream), in_flight = options.in_flight, "publishing");
    serve(listener, TowerToHyperService::new(router), stop).await?;
    // What was answered is settled; what was not may still be.
    let _ = timeout(PATIENCE + Duration::from_secs(1), publisher.settled()).await;
    Ok(())
}

fn failed(failed: &Failed<'_, NotAccepted<RoomError>>) {
    match failed.failure {
        // Counted where it is published, which a client that leaves does not end.
        Failure::Handler(NotAccepted::Unpublished(_)) => {}
        Failure::HandlerLate => metrics::late(),
        _ => metrics::delivery("rejected"),
    }
    log_failure(failed);
}

#[cfg(test)]
mod tests {
    use trtc_live_webhook::Command;

    use super::asks;

    #[test]
    fn whatever_asks_for_a_decision_is_not_queued() {
        for command in Command::ALL {
            assert_eq!(asks(command), command.as_str().contains("Before"), "{command}");
        }
        for (command, expected) in [
            ("C2C.CallbackBeforeSendMsg", true),
            ("Room.CallbackBeforeX", true),
            ("Room.CallbackAfterBeforeX", false),
            ("", false),
        ] {
            assert_eq!(asks(&Command::from(command)), expected, "{command}");
        }
    }
}
