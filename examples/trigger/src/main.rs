//! A command-line client that sends sample deliveries to a service, as the Live backend would.
//!
//! ```text
//! trigger list
//! trigger send AfterCreateRoom BeforeSendGift --url http://localhost:8080/webhook
//! trigger send AfterCreateRoom --set RoomInfo.RoomId=my-room --url http://localhost:8080/webhook
//! TRTC_TOKEN=xxxxyyyy trigger send --all --repeat 100 --concurrency 8 --url https://www.example.com/webhook
//! ```

mod cli;
mod failure;
mod outcome;
mod packet;
mod report;
mod run;
mod sample;
mod send;

use std::process::ExitCode;

use clap::Parser;

use self::cli::{Action, Cli};

fn main() -> ExitCode {
    let done = match Cli::parse().action {
        Action::List => run::list(),
        Action::Send(arguments) => run::send(arguments),
    };
    done.unwrap_or_else(|failure| failure.report())
}
