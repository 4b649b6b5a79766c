//! What ends the program early, and the status that it then exits with.

use std::{
    io::{self, ErrorKind, Write},
    net::SocketAddr,
    path::PathBuf,
};

use trtc_live_webhook::InvalidToken;

use crate::{packet::PacketError, report::RED};

/// Why the program could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Token(InvalidToken),
    #[error(transparent)]
    Packet(#[from] PacketError),
    #[error("{0}")]
    Arguments(String),
    #[error("cannot set up the HTTP client: {0}")]
    Client(String),
    #[error("cannot connect to {origin}: {problem}")]
    Unreachable { origin: String, problem: String },
    #[error("cannot read the folder {}: {source}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// Says on the standard error what went wrong, and returns what the program exits with.
    pub(crate) fn report(&self) -> u8 {
        // A reader that has seen enough, such as `head`, needs no explanation.
        if !matches!(self, Self::Output(error) if error.kind() == ErrorKind::BrokenPipe) {
            // Where this cannot be written, nothing can.
            let _ = writeln!(anstream::stderr(), "{RED}error:{RED:#} {self}");
        }
        match self {
            Self::Token(_) | Self::Packet(_) | Self::Arguments(_) | Self::Folder { .. } => 2,
            Self::Client(_) | Self::Unreachable { .. } | Self::Listen { .. } | Self::Output(_) => 1,
        }
    }
}
