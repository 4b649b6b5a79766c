//! What the example services share: settings, logs, signals, a server for those that bring none, and a handler with
//! rooms, gifts and messages.
//!
//! The services themselves are in `examples/axum`, `examples/actix-web` and `examples/hyper`, a short file each. To
//! copy into a service of your own, for axum and hyper: [`serve`] with its two modules.

mod connections;
mod counts;
mod listen;
mod log;
mod rooms;
mod serve;
mod settings;
mod stop;
mod tokens;

use std::{error::Error, iter, process::ExitCode};

pub use self::{
    counts::{Counts, RoomError},
    listen::{connection_limit, listen},
    log::{init_logging, log_delivery, log_failure},
    rooms::LiveRooms,
    serve::{SILENCE, serve, serve_at_most},
    settings::{Settings, SettingsError},
    stop::Stop,
};

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
