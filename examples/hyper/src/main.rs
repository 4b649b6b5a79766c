//! The webhooks of TRTC Live in a hyper service: `TRTC_SDK_APP_ID=1400000000 cargo run -p example-hyper`.
//!
//! To copy: [`webhook`] and [`route`]. What comes from `example_service` is the service's own: its settings, its logs,
//! and what it does with deliveries.

use std::{convert::Infallible, error::Error, process::ExitCode, sync::Arc, time::Duration};

use example_service::{
    LIMIT, LiveRooms, MAX_BODY, Settings, Stop, exit_code, init_logging, log_delivery, log_error,
};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{ALLOW, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};
use tracing::{info, warn};
use trtc_live_webhook::{Receiver, Reply, dispatch};

type Answer = Response<Full<Bytes>>;

/// What all requests share.
struct Service {
    receiver: Receiver,
    rooms: LiveRooms,
}

/// Answers a delivery. With the crate's feature `http`, replies and errors are responses, and `?` makes them so.
async fn webhook(service: &Service, request: Request<Incoming>) -> Result<Answer, Answer> {
    // The query first: who is not let in need not send a body.
    let query = request.uri().query().unwrap_or_default();
    let checked = service.receiver.check(query).inspect_err(log_error)?;
    let body = Limited::new(request.into_body(), MAX_BODY).collect().await;
    let body = match body.inspect_err(|error| warn!(%error, "body not read")) {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(fail(StatusCode::PAYLOAD_TOO_LARGE)),
        Err(_) => return Err(fail(StatusCode::BAD_REQUEST)),
    };
    let delivery = checked.read(&body).inspect_err(log_error)?;
    log_delivery(&delivery, &body);
    match dispatch(&service.rooms, delivery).await.inspect_err(log_error) {
        Ok(reply) => Ok(reply.into()),
        Err(_) => Err(fail(StatusCode::SERVICE_UNAVAILABLE)),
    }
}

/// Answers any request: deliveries in time, others with what they should have been.
async fn route(service: Arc<Service>, request: Request<Incoming>) -> Result<Answer, Infallible> {
    Ok(match (request.uri().path(), request.method()) {
        ("/webhook", &Method::POST) => match timeout(LIMIT, webhook(&service, request)).await {
            Ok(Ok(answer) | Err(answer)) => answer,
            // Most of all for a body that does not arrive.
            Err(error) => {
                log_error(&error);
                fail(StatusCode::REQUEST_TIMEOUT)
            }
        },
        ("/webhook", _) => {
            let mut answer = fail(StatusCode::METHOD_NOT_ALLOWED);
            answer.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            answer
        }
        _ => fail(StatusCode::NOT_FOUND),
    })
}

fn fail(status: StatusCode) -> Answer {
    Reply::fail(status.as_u16().into(), status.canonical_reason().unwrap_or_default()).into_response(status)
}

async fn run() -> Result<(), Box<dyn Error>> {
    init_logging();
    let settings = Settings::from_env()?;
    let service = Arc::new(Service { receiver: settings.receiver(), rooms: LiveRooms::new(&settings) });
    let stop = Stop::on_signal()?;

    let listener = TcpListener::bind(settings.listen).await.map_err(|error| settings.cannot_listen(error))?;
    info!(address = %listener.local_addr()?, "listening");
    let connections = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Most often too many open files: others have to close first.
                    warn!(%error, "no connection accepted");
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = stop.clone().asked() => break,
        };
        let service = Arc::clone(&service);
        let connection = http1::Builder::new()
            // Without a timer, hyper waits for headers for ever.
            .timer(TokioTimer::new())
            .serve_connection(
                TokioIo::new(stream),
                service_fn(move |request| route(Arc::clone(&service), request)),
            );
        // An error is the client's end of the connection; there is nobody to tell.
        tokio::spawn(connections.watch(connection));
    }
    drop(listener);
    tokio::select! {
        () = connections.shutdown() => {}
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
