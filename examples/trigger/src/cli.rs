//! The command line.

use clap::{Args, Parser, Subcommand, value_parser};
use reqwest::Url;
use trtc_live_webhook::{SdkAppId, samples::Sample};

use crate::{packet::Assignment, sample};

/// Sends sample deliveries to a service, as the Live backend would.
#[derive(Parser)]
#[command(name = "trigger", arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) action: Action,
}

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Print every sample: its name, its command, and the page that documents it.
    List,
    /// Send samples to a URL and judge the replies.
    ///
    /// Exits with 0 if every reply was valid and came within the 2 seconds that the backend waits, with 1 if one was
    /// not or did not, and with 2 if the arguments are wrong.
    Send(SendArgs),
}

// No `Debug`: it would show the token.
#[derive(Args)]
pub(crate) struct SendArgs {
    /// Samples to send, by name or by the part of it behind `Callback`, in any case: `AfterCreateRoom`.
    #[arg(
        value_name = "COMMAND",
        value_parser = sample::find,
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    pub(crate) samples: Vec<&'static Sample>,

    /// Send the newest sample of every command.
    #[arg(long)]
    pub(crate) all: bool,

    /// Where to send to. The backend's parameters are added to its query.
    #[arg(long, value_parser = url)]
    pub(crate) url: Url,

    /// Application to send for.
    #[arg(long, value_name = "NUMBER", default_value = "1400000000")]
    pub(crate) sdk_app_id: SdkAppId,

    /// Token to sign with; without one, nothing is signed. Other users of the machine can see arguments, so set the
    /// environment variable instead.
    // Any text, because clap would quote what it cannot take.
    #[arg(long, env = "TRTC_TOKEN", hide_env_values = true, allow_hyphen_values = true)]
    pub(crate) token: Option<String>,

    /// Change a field of each packet, as in `RoomInfo.RoomId=my-room` or `MsgBody.0.MsgContent.Text=hello`.
    ///
    /// The value is JSON if it can be read as JSON, and text otherwise; `'RoomId="1"'` is the text and not the number.
    /// The last part of the path may be new; in a list, the number of its elements adds one. Can be given several
    /// times.
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) set: Vec<Assignment>,

    /// How many times to send each sample.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u32).range(1..))]
    pub(crate) repeat: u32,

    /// How many deliveries may be under way at a time.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u16).range(1..))]
    pub(crate) concurrency: u16,

    /// Print one JSON object per delivery, and the summary to the standard error.
    #[arg(long)]
    pub(crate) json: bool,
}

fn url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("not a URL: {error}"))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        _ => Err("only http and https are supported".to_owned()),
    }
}
