//! A server of HTTP/1 and HTTP/2 that strangers cannot shut out: what `axum::serve` and a plain loop around hyper lack.
//!
//! | who | is stopped by |
//! |---|---|
//! | connects and is silent, or sends half a head | [`SILENCE`] |
//! | does not read its answers | [`UNREAD`] |
//! | sends long heads | [`HEAD`], with status 431 |
//! | opens many connections | a limit that leaves file descriptors free; beyond it, whoever waited longest goes |
//! | sends half a body, or a long one | the webhook itself |
//!
//! It belongs behind a proxy that speaks TLS, which limits all of this as well.

use std::{error::Error, io, net::TcpListener as StdListener, pin::pin, sync::Arc, time::Duration};

use hyper::{
    Request, Response,
    body::{Body, Incoming},
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;
use tracing::{info, warn};

use crate::{
    Stop,
    connections::{Connections, Place},
    listen::connection_limit,
};

/// How long a client may be silent before a request, and how long it may take to send the head of one.
pub const SILENCE: Duration = Duration::from_secs(5);

/// How long a client may leave unread what was sent to it.
const UNREAD: Duration = Duration::from_secs(5);

/// How many bytes the head of a request may have, the query included. Genuine ones have less than one KiB.
const HEAD: usize = 16 * 1024;

/// How many requests a client of HTTP/2 may have under way.
const STREAMS: u32 = 64;

/// How long a service that is to stop still listens to a client that has said nothing yet.
const LAST_CALL: Duration = Duration::from_secs(1);

/// How many connections are taken from the system's queue at the end, lest somebody keep filling it.
const QUEUE: usize = 4096;

type BoxError = Box<dyn Error + Send + Sync>;

/// Serves until the service is asked to stop, and then answers what has arrived.
///
/// # Errors
///
/// What the system says if it takes the listener away.
pub async fn serve<S, B>(listener: StdListener, service: S, stop: Stop) -> io::Result<()>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S: Service<Request<Incoming>, Error: Into<BoxError>, Future: Send>,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    serve_at_most(connection_limit(), listener, service, stop).await
}

/// Serves as [`serve`] does, with a limit of connections: for a service with several listeners.
///
/// # Errors
///
/// Those of [`serve`].
pub async fn serve_at_most<S, B>(
    limit: usize,
    listener: StdListener,
    service: S,
    stop: Stop,
) -> io::Result<()>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S: Service<Request<Incoming>, Error: Into<BoxError>, Future: Send>,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let listener = TcpListener::from_std(listener)?;
    let connections = Connections::new(limit);
    info!(address = %listener.local_addr()?, "listening");
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.clone().asked() => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let place = connections.admit().await;
                tokio::spawn(connection(stream, service.clone(), place, stop.clone()));
            }
            Err(error) => {
                // Most often too many open files, which something else in the process has opened.
                warn!(%error, "no connection accepted");
                connections.close_longest_waiting();
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
    // What the system has accepted for the service before it is asked to stop accepting. The next client is refused.
    let listener = listener.into_std()?;
    for (stream, _) in std::iter::from_fn(|| listener.accept().ok()).take(QUEUE) {
        stream.set_nonblocking(true)?;
        let place = connections.admit().await;
        tokio::spawn(connection(TcpStream::from_std(stream)?, service.clone(), place, stop.clone()));
    }
    drop(listener);
    tokio::select! {
        () = connections.closed() => {}
        () = stop.overdue() => {}
    }
    info!("stopped");
    Ok(())
}

/// Serves a connection until either side closes it, or its place is wanted.
async fn connection<S, B>(stream: TcpStream, service: S, place: Arc<Place>, stop: Stop)
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S: Service<Request<Incoming>, Error: Into<BoxError>, Future: Send>,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    let owner = Arc::clone(&place);
    tokio::select! {
        () = requests(stream, service, place, stop) => {}
        () = owner.wanted() => {}
    }
}

async fn requests<S, B>(stream: TcpStream, service: S, place: Arc<Place>, stop: Stop)
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S: Service<Request<Incoming>, Error: Into<BoxError>, Future: Send>,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    // A client that says nothing costs no buffer. And a connection that has not begun could not be stopped gently:
    // hyper-util would drop it, with the request that is in it.
    tokio::select! {
        spoken = timeout(SILENCE, stream.readable()) => if !matches!(spoken, Ok(Ok(()))) { return },
        () = async { stop.clone().asked().await; sleep(LAST_CALL).await } => return,
    }
    // An answer is sent at once, however short it is. If that cannot be set, it is sent a little later.
    let _ = stream.set_nodelay(true);
    let mut stream = Box::pin(TimeoutStream::new(stream));
    stream.as_mut().set_read_timeout_pinned(Some(SILENCE));
    stream.as_mut().set_write_timeout_pinned(Some(UNREAD));

    let service = service_fn(move |request| {
        let begun = place.begin();
        let answer = service.call(request);
        async move {
            let answer = answer.await;
            drop(begun);
            answer
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    // Without a timer, hyper waits for ever.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(SILENCE).max_buf_size(HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(16 * 1024)
        .max_concurrent_streams(STREAMS)
        .max_send_buf_size(HEAD);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    // An error is the client's end of the connection, or a time-out: there is nobody to tell.
    tokio::select! {
        // First what has arrived, then the signal.
        biased;
        _ = connection.as_mut() => return,
        () = stop.asked() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
