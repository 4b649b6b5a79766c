//! The webhooks of TRTC Live in an actix-web service: `TRTC_SDK_APP_ID=1400000000 cargo run -p example-actix-web`.
//!
//! To copy: [`webhook`], [`answer`] and [`refuse`], and the lines of [`run`] that make the route. What comes from
//! `example_service` is the service's own: its settings, its logs, and what it does with deliveries.

use std::{error::Error, process::ExitCode, time::Duration};

use actix_web::{
    App, FromRequest, HttpRequest, HttpResponse, HttpServer,
    http::{ConnectionType, StatusCode},
    rt::time::{sleep, timeout},
    web,
};
use example_service::{
    LIMIT, LiveRooms, MAX_BODY, Settings, Stop, exit_code, init_logging, log_delivery, log_error,
};
use tracing::info;
use trtc_live_webhook::{ReceiveError, Receiver, Reply, dispatch};

/// How long the service waits for the answers to what it has accepted: as long as the backend does.
const DRAIN: Duration = Duration::from_secs(2);

/// What all requests share.
struct Service {
    receiver: Receiver,
    rooms: LiveRooms,
    stop: Stop,
}

/// Answers a delivery in time.
async fn webhook(
    service: web::Data<Service>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    let mut response = match timeout(LIMIT, answer(&service, &request, payload)).await {
        Ok(answer) => answer?,
        // Most of all for a body that does not arrive.
        Err(error) => {
            log_error(&error);
            HttpResponse::RequestTimeout().json(Reply::fail(408, "too slow"))
        }
    };
    // Its connection takes no other request: the service is about to go.
    if service.stop.is_asked() {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// Answers a delivery.
async fn answer(
    service: &Service,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    // The query first: who is not let in need not send a body.
    let checked = match service.receiver.check(request.query_string()) {
        Ok(checked) => checked,
        Err(error) => return Ok(refuse(error.into())),
    };
    let body = web::Bytes::from_request(request, &mut payload.into_inner()).await.inspect_err(log_error)?;
    let delivery = match checked.read(&body) {
        Ok(delivery) => delivery,
        Err(error) => return Ok(refuse(error.into())),
    };
    log_delivery(&delivery, &body);
    Ok(match dispatch(&service.rooms, delivery).await.inspect_err(log_error) {
        Ok(reply) => HttpResponse::Ok().json(reply),
        Err(_) => HttpResponse::ServiceUnavailable().json(Reply::fail(1, "try again")),
    })
}

/// Says what is wrong with a delivery.
fn refuse(error: ReceiveError) -> HttpResponse {
    log_error(&error);
    let status = StatusCode::from_u16(error.status_code()).unwrap_or(StatusCode::BAD_REQUEST);
    HttpResponse::build(status).json(Reply::from(error))
}

async fn run() -> Result<(), Box<dyn Error>> {
    init_logging();
    let settings = Settings::from_env()?;
    let stop = Stop::on_signal()?;
    let (receiver, rooms) = (settings.receiver(), LiveRooms::new(&settings));
    let service = web::Data::new(Service { receiver, rooms, stop: stop.clone() });

    let app = move || {
        App::new()
            .app_data(service.clone())
            // A longer body gets 413, with and without a `Content-Length`.
            .app_data(web::PayloadConfig::new(MAX_BODY))
            // Any method but POST gets 405.
            .service(web::resource("/webhook").route(web::post().to(webhook)))
    };

    let server = HttpServer::new(app)
        .disable_signals()
        .bind(settings.listen)
        .map_err(|error| settings.cannot_listen(error))?;
    for address in server.addrs() {
        info!(%address, "listening");
    }
    let server = server.run();
    let handle = server.handle();
    // In place of actix-web's own graceful stop: before actix-server 2.10, which needs Rust 1.89, that may drop
    // connections whose requests are not answered yet, and may not end (https://github.com/actix/actix-net/pull/945).
    let answered = async {
        stop.asked().await;
        handle.pause().await;
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
