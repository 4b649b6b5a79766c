//! The moderation server that TUILiveKit Manager asks its customers to write: `cargo run -p example-moderation`.

mod approval;
mod check;
mod console;
mod decide;
mod log;
mod metrics;
mod rules;
mod run;
mod settings;
mod store;
mod text;
mod toggles;

use std::{error::Error, path::PathBuf, process::ExitCode};

use clap::Parser;
use example_service::exit_code;

use self::{check::check, rules::WordFile, settings::Settings, store::Pool};

/// Moderation server for TUILiveKit Manager.
#[derive(Debug, Parser)]
struct Arguments {
    /// File of settings, in TOML. Also read from `MODERATION_SETTINGS`.
    #[arg(long)]
    settings: Option<PathBuf>,
    /// Says what is wrong with the settings, the file of words and the database, and exits.
    #[arg(long)]
    check: bool,
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let file = arguments.settings.or_else(|| std::env::var_os("MODERATION_SETTINGS").map(PathBuf::from));
    let settings = match Settings::load(file.as_deref()) {
        Ok(settings) => settings,
        Err(unreadable) => return report(unreadable.into_iter().map(Into::into).collect()),
    };
    let checked = check(&settings);
    if arguments.check {
        let mut problems: Vec<Box<dyn Error>> = Vec::new();
        problems.extend(checked.err().into_iter().flatten().map(Into::into));
        problems.extend(WordFile::open(settings.words.as_deref()).err().map(Into::into));
        if problems.is_empty() {
            problems
                .extend(Pool::check(&settings).await.err().map(|error| format!("database: {error}").into()));
        }
        return report(problems);
    }
    match checked {
        Ok(checked) => {
            log::init(&settings);
            run::run(settings, checked).await
        }
        Err(problems) => report(problems.into_iter().map(Into::into).collect()),
    }
}

fn report(mut problems: Vec<Box<dyn Error>>) -> Result<(), Box<dyn Error>> {
    let Some(last) = problems.pop() else {
        println!("settings are fine");
        return Ok(());
    };
    for problem in problems {
        // In one sentence each, as the last one.
        let _ = exit_code(Err(problem));
    }
    Err(last)
}

#[tokio::main]
async fn main() -> ExitCode {
    exit_code(run(Arguments::parse()).await)
}
