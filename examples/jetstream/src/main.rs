//! The webhooks of TRTC Live with a queue behind them: what a front door has accepted is not lost, and workers process
//! it afterwards. See `README.md`.
//!
//! | to copy | is in |
//! |---|---|
//! | the handler that publishes deliveries, and answers once they are stored | `front_door.rs`, `publisher.rs`, `answer.rs` |
//! | the measure of what the stream may still take | `capacity.rs` |
//! | a delivery as a message, and back | `message.rs` |
//! | the stream and its consumers, one per partition | `stream.rs`, `consumers.rs` |
//! | the loop that processes messages | `worker.rs`, `process.rs` |
//! | the transaction that an effect and its delivery share | `store.rs`, `statistics.rs` |

mod answer;
mod backlog;
mod capacity;
mod cli;
mod connect;
mod consumers;
mod dead_letters;
mod front_door;
mod lag;
mod message;
mod metrics;
mod process;
mod publisher;
mod purge;
mod requeue;
mod statistics;
mod store;
mod stream;
mod worker;

use std::{error::Error, process::ExitCode};

use clap::Parser;
use example_service::{exit_code, init_logging};

use crate::cli::{Arguments, Task};

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let Arguments { nats, task } = arguments;
    match task {
        Task::Create(shape) => stream::create(&nats, &shape).await,
        Task::FrontDoor(options) => {
            init_logging();
            front_door::run(&nats, &options).await
        }
        Task::Worker(options) => {
            init_logging();
            worker::run(&nats, &options).await
        }
        Task::Lag => lag::print(&nats).await,
        Task::Requeue(selection) => requeue::run(&nats, &selection).await,
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run(Arguments::parse()).await)
}
