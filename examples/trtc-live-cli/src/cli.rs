//! The command line.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, value_parser};
use reqwest::Url;
use trtc_live_webhook::{SdkAppId, samples::Sample};

use crate::{
    checks::check_name,
    packet::Assignment,
    sample,
    speed::{Speed, speed},
};

/// Watches, records, replays, sends and verifies the server webhooks of TRTC Live.
#[derive(Parser)]
#[command(name = "trtc-live", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) action: Action,
}

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Print every sample: its name, its command, and the page that documents it.
    List,
    /// Send samples or files to a URL and judge the replies.
    ///
    /// Exits with 0 if every reply was valid and came within the 2 seconds that the backend waits, with 1 if one was
    /// not or did not, and with 2 if the arguments are wrong.
    Send(SendArgs),
    /// Judge an endpoint as the backend would meet it, and as an attacker would.
    ///
    /// Sends every documented packet and many that must be refused: not to be used on a service in production. Exits
    /// with 0 if no check failed, with 1 if one did, and with 2 if the arguments are wrong.
    Verify(VerifyArgs),
    /// Receive deliveries, and show them here and on a page.
    ///
    /// Point the console's webhook at it before a line of code is written: it answers everything as documented, and
    /// says of each delivery what it holds, and what of it is not documented. Ctrl-c stops it.
    Listen(ListenArgs),
    /// Send the packets of a folder, in the order and at the pace in which they arrived.
    ///
    /// Exits as `send` does.
    Replay(ReplayArgs),
}

/// Application that deliveries are for. No `Debug`: it would show the token.
#[derive(Args)]
pub(crate) struct AppArgs {
    /// Application to send for.
    #[arg(long, value_name = "NUMBER", default_value = "1400000000", env = "TRTC_SDK_APP_ID")]
    pub(crate) sdk_app_id: SdkAppId,

    /// Token to sign with; without one, nothing is signed. Other users of the machine can see arguments, so set the
    /// environment variable instead.
    // Any text, because clap would quote what it cannot take.
    #[arg(long, env = "TRTC_TOKEN", hide_env_values = true, allow_hyphen_values = true)]
    pub(crate) token: Option<String>,
}

#[derive(Args)]
pub(crate) struct SendArgs {
    /// Samples to send, by name or by the part of it behind `Callback`, in any case: `AfterCreateRoom`.
    #[arg(
        value_name = "COMMAND",
        value_parser = sample::find,
        required_unless_present_any = ["all", "file"],
        conflicts_with = "all"
    )]
    pub(crate) samples: Vec<&'static Sample>,

    /// Send the newest sample of every command.
    #[arg(long)]
    pub(crate) all: bool,

    /// Send what is in a file: a recorded packet, or anything else. Can be given several times.
    #[arg(long, value_name = "PATH")]
    pub(crate) file: Vec<PathBuf>,

    /// Where to send to. The backend's parameters are added to its query.
    #[arg(long, value_parser = url)]
    pub(crate) url: Url,

    #[command(flatten)]
    pub(crate) app: AppArgs,

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

    /// How many deliveries may be under way at a time. Without it, one; with a rate, as many as that takes.
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..))]
    pub(crate) concurrency: Option<u16>,

    /// How many deliveries to send per second, at regular intervals. Without it, as fast as the service answers. Each
    /// answer is timed from when its delivery is really sent, which is later if too many are under way.
    #[arg(long, value_name = "N", value_parser = rate)]
    pub(crate) rate: Option<f64>,

    /// Print one JSON object per delivery, and the summary to the standard error.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct VerifyArgs {
    /// Endpoint to judge.
    #[arg(value_parser = url)]
    pub(crate) url: Url,

    #[command(flatten)]
    pub(crate) app: AppArgs,

    /// Leave out a check, by its name in the report. Can be given several times.
    #[arg(long, value_name = "CHECK", value_parser = check_name)]
    pub(crate) skip: Vec<&'static str>,

    /// How many deliveries are under way at a time in the last check.
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = value_parser!(u16).range(1..=1000))]
    pub(crate) concurrency: u16,

    /// Print one JSON object per check, and the summary to the standard error.
    #[arg(long)]
    pub(crate) json: bool,

    /// Print failures and the summary only.
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// No `Debug`: it would show the tokens and the password.
#[derive(Args)]
pub(crate) struct ListenArgs {
    /// Address and port of the webhook. This is what a tunnel leads to: it only takes deliveries.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3000")]
    pub(crate) bind: SocketAddr,

    /// Address and port of the page. Others than this machine can connect to one that is not of the loopback device,
    /// which needs a password.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:3001")]
    pub(crate) page: SocketAddr,

    /// Application whose deliveries are taken.
    #[arg(long, value_name = "NUMBER", env = "TRTC_SDK_APP_ID")]
    pub(crate) sdk_app_id: SdkAppId,

    /// Token that deliveries are signed with; without one, signatures are not verified. Can be given several times, for
    /// Chat's besides, or hold several, separated by white space: the first signs what is replayed. Other users of the machine can see arguments, so set the
    /// environment variable instead.
    #[arg(long, env = "TRTC_TOKEN", hide_env_values = true, allow_hyphen_values = true)]
    pub(crate) token: Vec<String>,

    /// Pass each delivery on to the service under development, and show its answer. What the page does not decide, that
    /// answer decides.
    #[arg(long, value_name = "URL", value_parser = url)]
    pub(crate) forward: Option<Url>,

    /// Where the page replays a delivery to, if not to where it is passed on.
    #[arg(long, value_name = "URL", value_parser = url)]
    pub(crate) replay_to: Option<Url>,

    /// Write each new kind of packet into a folder, with ids, names, texts and URLs replaced.
    #[arg(long, value_name = "DIR")]
    pub(crate) record: Option<PathBuf>,

    /// How many deliveries are kept for the page.
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = value_parser!(u16).range(1..=10_000))]
    pub(crate) keep: u16,

    /// Password of the page, for any user name. Set the environment variable, rather.
    #[arg(long, env = "TRTC_LISTEN_PASSWORD", hide_env_values = true, allow_hyphen_values = true)]
    pub(crate) password: Option<String>,

    /// Print one line per delivery.
    #[arg(long, conflicts_with = "json")]
    pub(crate) short: bool,

    /// Print one JSON object per delivery, and all else to the standard error: also how many were left out because
    /// nobody read fast enough.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct ReplayArgs {
    /// Folder with packets in files `*.json`, such as one that was recorded.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,

    /// Where to send to. The backend's parameters are added to its query.
    #[arg(long, value_parser = url)]
    pub(crate) url: Url,

    #[command(flatten)]
    pub(crate) app: AppArgs,

    /// How many times as fast as it was, or `max` for no pauses.
    #[arg(long, value_name = "N", default_value = "1", value_parser = speed)]
    pub(crate) speed: Speed,

    /// Longest pause in seconds, which is what a longer one becomes, before it is divided by the speed.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    pub(crate) max_gap: Duration,

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

fn rate(text: &str) -> Result<f64, &'static str> {
    let rate = text.parse().ok().filter(|rate| (0.001..=100_000.0).contains(rate));
    rate.ok_or("expected a number between 0.001 and 100000")
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.ok_or("expected a number of seconds")
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn what_the_documents_say_is_accepted() {
        let documents = [include_str!("../README.md"), include_str!("lib.rs")];
        let mut count = 0;
        for line in documents.into_iter().flat_map(str::lines) {
            let line = line.trim_start_matches("//! ").trim_start_matches("$ ");
            let words: Vec<_> = line.split(' ').skip_while(|word| word.starts_with("TRTC_")).collect();
            if words.first() == Some(&"trtc-live") {
                let app = if words[1] == "listen" { &["--sdk-app-id=1"][..] } else { &[] };
                let app = app.iter().filter(|_| !line.contains("--sdk-app-id")).copied();
                if let Err(error) = Cli::try_parse_from(words.into_iter().chain(app)) {
                    panic!("{line}: {error}");
                }
                count += 1;
            }
        }
        assert!(count > 10, "{count}");
    }
}
