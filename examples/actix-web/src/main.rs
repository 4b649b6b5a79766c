//! The webhooks of TRTC Live in an actix-web service: `TRTC_SDK_APP_ID=1400000000 cargo run -p example-actix-web`.
//!
//! What comes from `example_service` is the service's own: its settings, its logs, and what it does with deliveries.
//! What actix-web's server has to be told, and what it cannot be told, is in `server`.

mod server;

use std::{error::Error, process::ExitCode, thread};

use actix_web::{App, HttpServer, guard::fn_guard, middleware::from_fn, web};
use example_service::{
    LiveRooms, Settings, Stop, connection_limit, exit_code, init_logging, log_delivery, log_failure,
};
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
    let stopping = web::Data::new(stop.clone());
    let app = move || {
        let webhook = web::resource("/webhook").guard(fn_guard(server::is_plain)).to(webhook.clone());
        App::new().app_data(stopping.clone()).wrap(from_fn(server::close_in_time)).service(webhook)
    };

    let listener = settings.listen()?;
    let workers = thread::available_parallelism()?.get();
    let server = HttpServer::new(app)
        .disable_signals()
        .workers(workers)
        .max_connections((connection_limit() / workers).max(1))
        .client_request_timeout(server::HEAD)
        .keep_alive(server::SILENCE)
        .client_disconnect_timeout(server::UNREAD)
        .listen(listener.try_clone()?)?
        .run();
    server::serve(server, &listener, stop).await?;
    Ok(())
}

#[actix_web::main]
async fn main() -> ExitCode {
    exit_code(run().await)
}
