//! What ends the program early, and the status that it then exits with.

use std::{
    io::{self, ErrorKind, Write},
    process::ExitCode,
};

use trtc_live_webhook::InvalidToken;

use crate::{packet::SetError, report::RED};

/// Why the program could not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Token(InvalidToken),
    #[error(transparent)]
    Set(#[from] SetError),
    #[error("cannot set up the HTTP client: {0}")]
    Client(String),
    #[error("cannot connect to {origin}: {problem}")]
    Unreachable { origin: String, problem: String },
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// Says on the standard error what went wrong.
    pub(crate) fn report(&self) -> ExitCode {
        // A reader that has seen enough, such as `head`, needs no explanation.
        if !matches!(self, Self::Output(error) if error.kind() == ErrorKind::BrokenPipe) {
            // Where this cannot be written, nothing can.
            let _ = writeln!(anstream::stderr(), "{RED}error:{RED:#} {self}");
        }
        ExitCode::from(match self {
            Self::Token(_) | Self::Set(_) => 2,
            Self::Client(_) | Self::Unreachable { .. } | Self::Output(_) => 1,
        })
    }
}
