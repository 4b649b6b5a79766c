//! What the example services share and no framework has a part in: settings, logs, signals, and a handler with rooms,
//! gifts and messages.
//!
//! The services themselves are in `examples/axum`, `examples/actix-web` and `examples/hyper`, a file each.

mod directory;
mod log;
mod rooms;
mod settings;
mod stop;

use std::{error::Error, iter, process::ExitCode, time::Duration};

pub use self::{
    directory::{Directory, DirectoryFull, Room},
    log::{init_logging, log_delivery, log_error},
    rooms::LiveRooms,
    settings::{Settings, SettingsError},
    stop::Stop,
};

/// How many bytes a body may have. Documented packets have less than 2 KiB.
pub const MAX_BODY: usize = 64 * 1024;

/// How long an answer may take, the reading of the body included. The backend waits for 2 seconds.
pub const LIMIT: Duration = Duration::from_millis(1500);

/// Returns what the process exits with, and says on stderr in one sentence why it failed, if it did.
#[must_use]
pub fn exit_code(outcome: Result<(), Box<dyn Error>>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", sentence(&*error));
            ExitCode::FAILURE
        }
    }
}

/// Joins an error with its causes.
fn sentence(error: &(dyn Error + 'static)) -> String {
    let chain = iter::successors(Some(error), |&error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
