//! What the terminal shows.

use std::{
    io::{self, Write},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread,
};

use anstyle::{AnsiColor, Style};
use jiff::{Timestamp, tz::TimeZone};
use tokio::sync::oneshot;

use crate::{
    listen::{exchange::Exchange, log::Entry},
    report::{GREEN, RED, YELLOW},
    text::{shortened, shown},
};

const DIM: Style = AnsiColor::BrightBlack.on_default();
const BOLD: Style = Style::new().bold();

/// So many exchanges wait for a terminal that does not scroll. Further ones are on the page only, and counted.
const WAITING: usize = 64;

/// How much is told of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    Long,
    Short,
    Json,
}

/// Prints exchanges on a thread of its own, because a terminal can stop for as long as it likes.
#[derive(Debug)]
pub(crate) struct Terminal {
    /// `None` once it is closed.
    sender: Mutex<Option<SyncSender<Arc<Entry>>>>,
    /// How many were not shown and are not told of yet.
    missed: Arc<AtomicU64>,
}

impl Terminal {
    /// Starts to print. What is returned besides is the error that ends it. It is closed after the last is printed.
    pub(crate) fn start(style: Detail) -> (Self, oneshot::Receiver<io::Error>) {
        let (sender, receiver) = sync_channel(WAITING);
        let (failed, failure) = oneshot::channel();
        let missed = Arc::new(AtomicU64::new(0));
        let of_thread = Arc::clone(&missed);
        thread::spawn(move || {
            if let Err(error) = print(&receiver, &of_thread, style) {
                let _ = failed.send(error);
            }
        });
        (Self { sender: Mutex::new(Some(sender)), missed }, failure)
    }

    pub(crate) fn show(&self, entry: Arc<Entry>) {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Err(TrySendError::Full(_))) = sender.as_ref().map(|sender| sender.try_send(entry)) {
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Prints what waits, and then ends.
    pub(crate) fn close(&self) {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

fn print(entries: &Receiver<Arc<Entry>>, missed: &AtomicU64, style: Detail) -> io::Result<()> {
    let zone = TimeZone::system();
    for entry in entries {
        match style {
            Detail::Json => writeln!(io::stdout(), "{}", entry.json)?,
            Detail::Short => write!(anstream::stdout(), "{}", line(&entry.exchange, &zone))?,
            Detail::Long => {
                let text = line(&entry.exchange, &zone) + &details(&entry.exchange);
                write!(anstream::stdout(), "{text}")?;
            }
        }
        anstream::stdout().flush()?;
        match missed.swap(0, Ordering::Relaxed) {
            0 => {}
            missed if style == Detail::Json => writeln!(anstream::stderr(), "{missed} not shown")?,
            missed => writeln!(anstream::stdout(), "{YELLOW}{missed} not shown{YELLOW:#}")?,
        }
    }
    Ok(())
}

/// Time, command, room and operator, and how it was answered.
fn line(exchange: &Exchange, zone: &TimeZone) -> String {
    let at = Timestamp::from_millisecond(exchange.at.get()).unwrap_or_default();
    let time = at.to_zoned(zone.clone()).strftime("%H:%M:%S%.3f");
    let answer = &exchange.answer;
    let color = match (answer.status, answer.late) {
        (200, false) => GREEN,
        (200, true) => YELLOW,
        _ => RED,
    };
    let what = exchange
        .command
        .as_deref()
        .map_or_else(|| format!("{} {}", exchange.method, exchange.path), ToOwned::to_owned);
    let mut parts = vec![
        format!("{DIM}{time}{DIM:#}"),
        format!("{color}{}{color:#}", answer.status),
        format!("{BOLD}{}{BOLD:#}", shortened(what.as_bytes(), 100)),
    ];
    for (name, value) in [("room", &exchange.room), ("by", &exchange.operator)] {
        parts.extend(value.as_ref().map(|value| format!("{name} {}", shown(value.as_bytes()))));
    }
    parts.push(format!("{} ms{}", answer.millis, if answer.late { ", late" } else { "" }));
    parts.extend(answer.failure.as_ref().map(|failure| format!("{RED}{}{RED:#}", shown(failure.as_bytes()))));
    parts.join("  ") + "\n"
}

/// Query, packet, drift, answer, and what the service says.
fn details(exchange: &Exchange) -> String {
    let mut lines = vec![format!("{DIM}?{}{DIM:#}", shown(exchange.query.as_bytes()))];
    lines.extend(exchange.packet.as_ref().map(|packet| shown(compact(packet).as_bytes())));
    for finding in &exchange.drift {
        lines.push(format!("{YELLOW}drift{YELLOW:#}    {}", shown(finding.as_bytes())));
    }
    lines.push(format!("{DIM}answer{DIM:#}   {}", shown(exchange.answer.packet.as_bytes())));
    if let Some(service) = &exchange.service {
        let status = service.status.map_or_else(|| "no status".to_owned(), |status| status.to_string());
        let problem =
            service.problem.as_ref().map(|problem| format!("{RED}{}{RED:#}", shown(problem.as_bytes())));
        let late = if service.late { ", late" } else { "" };
        let mut parts =
            vec![format!("{DIM}service{DIM:#}  {status}"), format!("{} ms{late}", service.millis)];
        parts.extend(service.decision.as_ref().map(|decision| format!("decision: {decision}")));
        parts.extend(problem);
        parts.push(shown(service.packet.as_bytes()));
        lines.push(parts.join("  ").trim_end().to_owned());
    }
    lines.into_iter().fold(String::new(), |text, line| text + "    " + &line + "\n")
}

/// Leaves out the white space between the parts of JSON.
fn compact(json: &str) -> String {
    let (mut in_text, mut escaped) = (false, false);
    let is_part = |c: &char| {
        let is_part = in_text || !c.is_ascii_whitespace();
        in_text ^= *c == '"' && !escaped;
        escaped = in_text && *c == '\\' && !escaped;
        is_part
    };
    json.chars().filter(is_part).collect()
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn only_space_between_parts_is_left_out() {
        for (json, shown) in [
            ("{ \"a b\" :\n [ 1, 2 ] }", r#"{"a b":[1,2]}"#),
            (r#"{"a \" b" : "c \\" , "d e" : 1}"#, r#"{"a \" b":"c \\","d e":1}"#),
            ("not json", "notjson"),
        ] {
            assert_eq!(compact(json), shown);
        }
    }
}
