//! What actix-web's server has to be told so that strangers cannot shut it out, and so that it stops well.
//!
//! What it cannot be told, and a proxy before it has to see to:
//!
//! - At its limit of connections it accepts no other, and does not say so. Clients that are silent keep a delivery
//!   waiting until [`HEAD`] is over for them, in rounds of as many as there is room for.
//! - It has no time-out for a client that does not read its answers. On Linux, the listening socket has one.
//! - It reads requests, and answers them, however many answers are unread: up to that time-out, a client can have it
//!   work, and fill some hundred KiB of memory with each connection.
//! - It sends `100 Continue` to whoever asks for it, before the query is checked. The webhook does not read the body,
//!   though.
//! - A body that ends before its length is taken for a whole one, if it is a packet nonetheless.

use std::{
    io,
    net::{Shutdown, TcpListener},
    time::Duration,
};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{Server, ServiceRequest, ServiceResponse},
    guard::GuardContext,
    http::ConnectionType,
    middleware::Next,
    rt::time::sleep,
    web,
};
use example_service::Stop;
use socket2::SockRef;
use tracing::info;

/// How long a client may take for the head of a request.
pub(crate) const HEAD: Duration = Duration::from_secs(5);

/// How long a client may be silent between two requests.
pub(crate) const SILENCE: Duration = Duration::from_secs(5);

/// How long a client may leave the last answer unread.
pub(crate) const UNREAD: Duration = Duration::from_secs(2);

/// How long a service that is to stop takes what the system has accepted for it.
const LAST_CALL: Duration = Duration::from_millis(200);

/// How long the server may take to look away from its listener.
const PAUSE: Duration = Duration::from_millis(10);

/// How long the service then waits for answers: as long as the backend does.
const DRAIN: Duration = Duration::from_secs(2);

/// Closes the connection after an answer if the service is about to go, or if the request was none to be accepted: who has
/// no token need not keep a connection.
pub(crate) async fn close_in_time(
    stop: web::Data<Stop>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut answer = next.call(request).await?;
    if stop.is_asked() || !answer.status().is_success() {
        answer.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(answer)
}

/// Tells a path that is written as it is. Routes are matched decoded: `/%77ebhook` would be `/webhook`, too.
pub(crate) fn is_plain(context: &GuardContext<'_>) -> bool {
    !context.head().uri.path().contains('%')
}

/// Runs the server until it is asked to stop and has answered.
///
/// In place of actix-web's own graceful stop: before actix-server 2.10, which needs Rust 1.89, that may drop connections
/// whose requests are not answered yet, and may not end (<https://github.com/actix/actix-net/pull/945>). And it refuses
/// nobody: the system would accept connections until the end, and then reset them.
pub(crate) async fn serve(server: Server, listener: &TcpListener, stop: Stop) -> io::Result<()> {
    info!(address = %listener.local_addr()?, "listening");
    let handle = server.handle();
    let answered = async {
        stop.asked().await;
        sleep(LAST_CALL).await;
        handle.pause().await;
        sleep(PAUSE).await;
        // On Linux, a listener that is shut down refuses who comes next, and resets who came since the pause. Elsewhere,
        // nothing can be done.
        let _ = SockRef::from(listener).shutdown(Shutdown::Read);
        sleep(DRAIN).await;
    };
    tokio::select! {
        outcome = server => outcome?,
        () = answered => {}
    }
    info!("stopped");
    Ok(())
}
