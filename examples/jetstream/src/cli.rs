//! The command line.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand};

use crate::capacity::LEAST;

/// The webhooks of TRTC Live with a queue behind them, on NATS JetStream.
#[derive(Debug, Parser)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) nats: Nats,
    #[command(subcommand)]
    pub(crate) task: Task,
}

/// How to reach the servers.
#[derive(Debug, Args)]
pub(crate) struct Nats {
    /// URLs of the servers, with commas between them.
    #[arg(long, env = "NATS_URL", hide_env_values = true, default_value = "nats://127.0.0.1:4222")]
    pub(crate) nats_url: String,
    /// File with the credentials of a user.
    #[arg(long, env = "NATS_CREDENTIALS", hide_env_values = true)]
    pub(crate) nats_credentials: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Create the streams and the consumers. What is there already must be the same.
    Create(Shape),
    /// Receive deliveries, and publish them. Further settings are the variables that
    /// `examples/service/src/settings.rs` names, `TRTC_SDK_APP_ID` first.
    FrontDoor(FrontDoor),
    /// Process what was published.
    Worker(Worker),
    /// Show what waits in each partition.
    Lag,
    /// Put dead letters back at the end of the queue.
    Requeue(Selection),
}

/// Shape of the streams.
#[derive(Debug, Args)]
pub(crate) struct Shape {
    /// Servers that keep each message.
    #[arg(long, default_value_t = 3)]
    pub(crate) replicas: usize,
    /// Partitions, each of which is processed in order.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) partitions: u32,
    /// Bytes of each of the two streams. When four fifths of them are used, what comes is refused.
    #[arg(long, default_value_t = 1 << 30, value_parser = clap::value_parser!(i64).range(LEAST..))]
    pub(crate) max_bytes: i64,
    /// Seconds in which the servers recognize a repetition.
    #[arg(long, default_value = "120", value_parser = seconds)]
    pub(crate) duplicate_window: Duration,
    /// Seconds after which a message goes to another worker if the one that has it says nothing.
    #[arg(long, default_value = "30", value_parser = ack_wait)]
    pub(crate) ack_wait: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct FrontDoor {
    /// Publications that may be under way. What comes beyond them is refused at once.
    #[arg(long, env = "IN_FLIGHT", default_value_t = 512, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) in_flight: u32,
    /// Address at which metrics are read.
    #[arg(long, env = "METRICS_LISTEN")]
    pub(crate) metrics_listen: Option<SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct Worker {
    /// Database file, shared by all workers of this machine.
    #[arg(long, env = "DATABASE", default_value = "statistics.db")]
    pub(crate) database: PathBuf,
    /// Tries after which a message that cannot be processed becomes a dead letter.
    #[arg(long, env = "TRIES", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) tries: u32,
    /// Milliseconds before the second try; each further one waits twice as long.
    #[arg(long, env = "BACK_OFF", default_value = "500", value_parser = milliseconds)]
    pub(crate) back_off: Duration,
    /// Most bytes of a room's id. Documented ones have 48 at most.
    #[arg(long, env = "ROOM_ID_LIMIT", default_value_t = 128)]
    pub(crate) room_id_limit: usize,
    /// Days for which a repetition is recognized.
    #[arg(long, env = "KEEP_DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) keep_days: u32,
    /// Address at which metrics are read.
    #[arg(long, env = "METRICS_LISTEN")]
    pub(crate) metrics_listen: Option<SocketAddr>,
}

/// Which dead letters are meant.
#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// Show them, and leave them where they are.
    #[arg(long)]
    pub(crate) list: bool,
    /// Only those whose reason has this text in it.
    #[arg(long)]
    pub(crate) reason: Option<String>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds @ 1..) => Ok(Duration::from_secs(seconds)),
        _ => Err("not a number of seconds".to_owned()),
    }
}

/// Short ones would pass while a healthy worker waits for the disk.
fn ack_wait(text: &str) -> Result<Duration, String> {
    match seconds(text)? {
        wait if wait >= Duration::from_secs(2) => Ok(wait),
        _ => Err("less than 2 seconds".to_owned()),
    }
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    text.parse().map(Duration::from_millis).map_err(|_| "not a number of milliseconds".to_owned())
}
