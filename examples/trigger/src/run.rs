//! The two things that the program can do.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use futures_util::{StreamExt, stream};
use tokio::runtime;
use trtc_live_webhook::{Token, samples};

use crate::{cli::SendArgs, failure::Failure, packet::Packet, report::Report, sample, send::Sender};

/// Prints every sample.
pub(crate) fn list() -> Result<ExitCode, Failure> {
    let width = sample::width();
    let mut out = io::stdout().lock();
    for sample in samples::ALL {
        let event = sample.event();
        let page = event.command().documentation().unwrap_or_default();
        writeln!(out, "{:width$}  {:width$}  {page}", sample.name(), event.command().as_str())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Sends what was asked for, and reports on it.
pub(crate) fn send(arguments: SendArgs) -> Result<ExitCode, Failure> {
    let token = arguments.token.map(Token::new).transpose().map_err(Failure::Token)?;
    let samples = if arguments.all { sample::newest().collect() } else { arguments.samples };
    let packets = samples
        .into_iter()
        .map(|sample| Packet::new(sample, &arguments.set))
        .collect::<Result<Vec<_>, _>>()?;
    let sender = Sender::new(arguments.url, arguments.sdk_app_id, token)?;
    let total = packets.len() as u64 * u64::from(arguments.repeat);
    let mut report = Report::new(arguments.json, total);

    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::Client(error.to_string()))?;
    let sent = runtime.block_on(async {
        let mut outcomes = stream::iter((0..arguments.repeat).flat_map(|_| &packets))
            .map(|packet| sender.send(packet))
            .buffer_unordered(arguments.concurrency.into());
        while let Some(outcome) = outcomes.next().await {
            report.add(&outcome?)?;
        }
        Ok(())
    });
    let all_well = report.finish()?;
    sent.map(|()| if all_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
