//! The webhooks of TRTC Live in an actix-web service: `TRTC_SDK_APP_ID=1400000000 cargo run -p example-actix-web`.
//!
//! What comes from `example_service` is the service's own: its settings, its logs, and what it does with deliveries.
//!
//! What actix-web's server cannot be told, and a proxy before it has to see to:
//!
//! - At its limit of connections it accepts no other, and does not say so. Clients that are silent keep a delivery
//!   waiting until [`HEAD`] is over for them, in rounds of as many as there is room for.
//! - It has no time-out for a client that does not read. On Linux, the listening socket has one.
//! - It sends `100 Continue` to whoever asks for it, before the query is checked. The body is not read, though.

use std::{error::Error, net::Shutdown, process::ExitCode, thread, time::Duration};

use actix_web::{
    App, HttpServer, dev::Service as _, guard::fn_guard, http::ConnectionType, rt::time::sleep, web,
};
use example_service::{
    LiveRooms, Settings, Stop, connection_limit, exit_code, init_logging, log_delivery, log_failure,
};
use socket2::SockRef;
use tracing::info;
use trtc_live_webhook::{OnFailure, Webhook};

/// How long a client may take for the head of a request: as long as the backend waits for an answer.
const HEAD: Duration = Duration::from_secs(2);

/// How long a client may be silent between two requests.
const SILENCE: Duration = Duration::from_secs(5);

/// How long a service that is to stop takes what the system has accepted for it.
const LAST_CALL: Duration = Duration::from_millis(200);

/// How long it waits for the answers to that: as long as the backend does.
const DRAIN: Duration = Duration::from_secs(2);

async fn run() -> Result<(), Box<dyn Error>> {
    init_logging();
    let settings = Settings::from_env()?;
    let stop = Stop::on_signal()?;
    let webhook = Webhook::new(settings.receiver()?, LiveRooms::new(&settings))
        // What cannot be decided on is not let through.
        .on_failure(OnFailure::Refuse)
        .inspect(|delivery, body| log_delivery(delivery, body))
        .inspect_failure(log_failure);

    let stopping = stop.clone();
    let app = move || {
        let stopping = stopping.clone();
        let webhook = web::resource("/webhook")
            // Routes are matched decoded: `/%77ebhook` would be one, too.
            .guard(fn_guard(|context| context.head().uri.path() == "/webhook"))
            .to(webhook.clone());
        App::new().service(webhook).wrap_fn(move |request, next| {
            let (answer, stopping) = (next.call(request), stopping.clone());
            async move {
                let mut answer = answer.await?;
                // Its connection takes no other request: the service is about to go.
                if stopping.is_asked() {
                    answer.response_mut().head_mut().set_connection_type(ConnectionType::Close);
                }
                Ok(answer)
            }
        })
    };

    let workers = thread::available_parallelism()?.get();
    let listener = settings.listen()?;
    let address = listener.local_addr()?;
    let queue = listener.try_clone()?;
    let server = HttpServer::new(app)
        .disable_signals()
        .workers(workers)
        .max_connections((connection_limit() / workers).max(1))
        .client_request_timeout(HEAD)
        .keep_alive(SILENCE)
        .listen(listener)?
        .run();
    info!(%address, "listening");
    let handle = server.handle();
    // In place of actix-web's own graceful stop: before actix-server 2.10, which needs Rust 1.89, that may drop
    // connections whose requests are not answered yet, and may not end (https://github.com/actix/actix-net/pull/945).
    // And it never refuses a connection: those that come too late would be accepted by the system, and reset.
    let answered = async {
        stop.asked().await;
        sleep(LAST_CALL).await;
        handle.pause().await;
        // On Linux, a listener that is shut down refuses who comes next. Elsewhere, nothing can be done.
        let _ = SockRef::from(&queue).shutdown(Shutdown::Read);
        sleep(DRAIN).await;
    };
    tokio::select! {
        outcome = server => outcome?,
        () = answered => {}
    }
    info!("stopped");
    Ok(())
}

#[actix_web::main]
async fn main() -> ExitCode {
    exit_code(run().await)
}
