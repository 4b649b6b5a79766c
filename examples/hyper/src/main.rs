//! The webhooks of TRTC Live in a hyper service: `TRTC_SDK_APP_ID=1400000000 cargo run -p example-hyper`.
//!
//! What comes from `example_service` is the service's own: its settings, its logs, what it does with deliveries, and
//! the loop around hyper.

use std::{error::Error, process::ExitCode};

use example_service::{LiveRooms, Settings, Stop, exit_code, init_logging, log_delivery, log_failure, serve};
use hyper::{
    Request, StatusCode,
    body::Incoming,
    service::{Service, service_fn},
};
use hyper_util::service::TowerToHyperService;
use trtc_live_webhook::{OnFailure, Reply, Webhook};

async fn run() -> Result<(), Box<dyn Error>> {
    init_logging();
    let settings = Settings::from_env()?;
    let stop = Stop::on_signal()?;
    let webhook = Webhook::new(settings.receiver()?, LiveRooms::new(&settings))
        // What cannot be decided on is not let through.
        .on_failure(OnFailure::Refuse)
        .inspect(|delivery, body| log_delivery(delivery, body))
        .inspect_failure(log_failure);
    let webhook = TowerToHyperService::new(webhook);
    let route = service_fn(move |request: Request<Incoming>| {
        let answer = (request.uri().path() == "/webhook").then(|| webhook.call(request));
        async {
            match answer {
                Some(answer) => answer.await,
                None => Ok(Reply::fail(404, "not found").into_response(StatusCode::NOT_FOUND)),
            }
        }
    });
    serve(settings.listen()?, route, stop).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run().await)
}
