//! The webhooks of TRTC Live in an axum service: `TRTC_SDK_APP_ID=1400000000 cargo run -p example-axum`.
//!
//! What comes from `example_service` is the service's own: its settings, its logs, what it does with deliveries, and a
//! server, because `axum::serve` waits for headers for ever and takes connections without limit.

use std::{error::Error, process::ExitCode};

use axum::Router;
use example_service::{LiveRooms, Settings, Stop, exit_code, init_logging, log_delivery, log_failure, serve};
use hyper_util::service::TowerToHyperService;
use trtc_live_webhook::{OnFailure, Webhook};

async fn run() -> Result<(), Box<dyn Error>> {
    init_logging();
    let settings = Settings::from_env()?;
    let stop = Stop::on_signal()?;
    let webhook = Webhook::new(settings.receiver()?, LiveRooms::new(&settings))
        // What cannot be decided on is not let through.
        .on_failure(OnFailure::Refuse)
        .inspect(|delivery, body| log_delivery(delivery, body))
        .inspect_failure(log_failure);
    let router = Router::new().route_service("/webhook", webhook);
    serve(settings.listen()?, TowerToHyperService::new(router), stop).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run().await)
}
