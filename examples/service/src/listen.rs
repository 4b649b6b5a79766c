//! The socket that a service listens on, and how many connections it has file descriptors for.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use socket2::{Domain, Socket, Type};

/// Connections that the system accepts for the service while it is busy.
const BACKLOG: i32 = 1024;

/// What the system keeps for a client that does not read. An answer has some hundred bytes.
const SEND_BUFFER: usize = 4 * 1024;

/// Most connections at a time: at some 16 KiB each, they take 64 MiB when all have unfinished headers.
const MOST_CONNECTIONS: usize = 4096;

/// File descriptors that are left to all else: the runtime, logs, a database.
const OTHER_DESCRIPTORS: usize = 48;

/// Returns how many connections may be open at a time, so that the process never runs out of file descriptors.
#[must_use]
pub fn connection_limit() -> usize {
    let descriptors = usize::try_from(descriptors()).unwrap_or(usize::MAX);
    descriptors.saturating_sub(OTHER_DESCRIPTORS).clamp(1, MOST_CONNECTIONS)
}

#[cfg(unix)]
fn descriptors() -> u64 {
    // If the system does not tell, POSIX still promises 20.
    rlimit::getrlimit(rlimit::Resource::NOFILE).map_or(20, |(soft, _hard)| soft)
}

#[cfg(not(unix))]
fn descriptors() -> u64 {
    u64::MAX
}

/// Listens on the address. What is set here holds for each connection that is accepted, too.
///
/// # Errors
///
/// What the system says if it does not give the address to the service.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A service that starts again need not wait for the connections of its predecessor to be forgotten.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_send_buffer_size(SEND_BUFFER)?;
    // Linux closes a connection whose client reads nothing for so long. Elsewhere, that is left to the server.
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(std::time::Duration::from_secs(5)))?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
