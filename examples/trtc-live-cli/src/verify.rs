//! Judging an endpoint, as the backend would meet it and as an attacker would.

mod bodies;
mod decisions;
mod finding;
mod load;
mod packets;
mod repetitions;
mod report;
mod strangers;

use crate::{
    cli::VerifyArgs,
    failure::Failure,
    send::{runtime, token},
    sender::Sender,
    verify::{
        finding::{Finding, Page},
        report::Report,
    },
};

/// Runs every check that is not to be skipped, and returns whether none failed.
pub(crate) fn verify(arguments: VerifyArgs) -> Result<bool, Failure> {
    let token = token(&arguments.app)?;
    let sender = Sender::new(arguments.url, arguments.app.sdk_app_id, token)?;
    let mut report = Report::new(arguments.json, arguments.quiet, arguments.skip);
    let checked = runtime()?.block_on(async {
        let accepts = packets::check(&sender, &mut report).await?;
        strangers::check(&sender, accepts, &mut report).await?;
        bodies::check(&sender, accepts, &mut report).await?;
        repetitions::check(&sender, &mut report).await?;
        decisions::check(&sender, accepts, &mut report).await?;
        load::check(&sender, arguments.concurrency, &mut report).await
    });
    match checked {
        Ok(()) => {}
        // It was there before.
        Err(failure @ Failure::Unreachable { .. }) if report.has_begun() => {
            report.add(&Finding::new("survival", Err(failure.to_string()), Page::Mounting))?;
        }
        Err(failure) => return Err(failure),
    }
    report.finish().map_err(Failure::Output)
}
