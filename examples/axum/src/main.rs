//! The webhooks of TRTC Live in an axum service: `TRTC_SDK_APP_ID=1400000000 cargo run -p example-axum`.
//!
//! To copy: [`webhook`], and the three lines of [`run`] that make its route. What comes from `example_service` is the
//! service's own: its settings, its logs, and what it does with deliveries.

use std::{error::Error, process::ExitCode, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, RawQuery, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use example_service::{
    LIMIT, LiveRooms, MAX_BODY, Settings, Stop, exit_code, init_logging, log_delivery, log_error,
};
use tokio::net::TcpListener;
use tower_http::timeout::TimeoutLayer;
use tracing::info;
use trtc_live_webhook::{Receiver, Reply, dispatch};

/// What all requests share.
struct Service {
    receiver: Receiver,
    rooms: LiveRooms,
}

/// Answers a delivery. With the crate's feature `http`, replies and errors are responses, and `?` makes them so.
async fn webhook(
    State(service): State<Arc<Service>>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Response> {
    // The query first: who is not let in need not send a body.
    let checked = service.receiver.check(&query.unwrap_or_default()).inspect_err(log_error)?;
    let body = Bytes::from_request(request, &())
        .await
        .inspect_err(log_error)
        .map_err(IntoResponse::into_response)?;
    let delivery = checked.read(&body).inspect_err(log_error)?;
    log_delivery(&delivery, &body);
    match dispatch(&service.rooms, delivery).await.inspect_err(log_error) {
        Ok(reply) => Ok(reply.into()),
        Err(_) => Err(Reply::fail(1, "try again").into_response(StatusCode::SERVICE_UNAVAILABLE)),
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    init_logging();
    let settings = Settings::from_env()?;
    let service = Arc::new(Service { receiver: settings.receiver(), rooms: LiveRooms::new(&settings) });
    let stop = Stop::on_signal()?;

    let router = Router::new()
        // Any method but POST gets 405.
        .route("/webhook", post(webhook))
        // A longer body gets 413, with and without a `Content-Length`.
        .layer(DefaultBodyLimit::max(MAX_BODY))
        // What takes longer gets 408, most of all a body that does not arrive.
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, LIMIT))
        .with_state(service);

    let listener = TcpListener::bind(settings.listen).await.map_err(|error| settings.cannot_listen(error))?;
    info!(address = %listener.local_addr()?, "listening");
    let server = axum::serve(listener, router).with_graceful_shutdown(stop.clone().asked());
    tokio::select! {
        outcome = server => outcome?,
        // Somebody keeps a connection open and sends nothing.
        () = stop.overdue() => {}
    }
    info!("stopped");
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run().await)
}
