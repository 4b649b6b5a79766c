//! The program `trtc-live`, with which the server webhooks of TRTC Live are integrated.
//!
//! ```text
//! trtc-live listen --sdk-app-id 1400000000 --forward http://localhost:8080/webhook
//! trtc-live listen --sdk-app-id 1400000000 --record packets
//! trtc-live replay packets --url http://localhost:8080/webhook
//! trtc-live list
//! trtc-live send AfterCreateRoom BeforeSendGift --url http://localhost:8080/webhook
//! TRTC_TOKEN=xxxxyyyy trtc-live send --all --repeat 100 --rate 50 --url https://www.example.com/webhook
//! TRTC_TOKEN=xxxxyyyy trtc-live verify http://localhost:8080/webhook
//! ```
//!
//! The package is a program. Its library is one function, for tests that verify a service without installing it.

mod checks;
mod cli;
mod failure;
mod latency;
mod listen;
mod outcome;
mod packet;
mod record;
mod replay;
mod report;
mod sample;
mod send;
mod sender;
mod speed;
mod text;
mod verify;

use std::ffi::OsString;

use clap::Parser;

use self::cli::{Action, Cli};

/// Runs the program with these arguments, of which the first is its name, and returns what it exits with: 0 if all is
/// well, 1 if something is not, 2 if the arguments are wrong.
///
/// Reads the environment and writes to the standard output, as the program does.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Where this cannot be written, nothing can.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    let done = match cli.action {
        Action::List => sample::list(),
        Action::Send(arguments) => send::send(arguments),
        Action::Listen(arguments) => listen::listen(arguments),
        Action::Replay(arguments) => replay::replay(arguments),
        Action::Verify(arguments) => verify::verify(arguments),
    };
    done.map_or_else(|failure| failure.report(), |all_well| u8::from(!all_well))
}
