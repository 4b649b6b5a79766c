//! What the user is told of the deliveries.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};
use trtc_live_webhook::Command;

use crate::{
    latency::Latency,
    outcome::{LIMIT, Outcome},
    text::shown,
};

pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default().bold();

/// Tells of each delivery as it is done, and sums up.
pub(crate) struct Report {
    json: bool,
    bar: ProgressBar,
    deliveries: u64,
    valid: u64,
    late: u64,
    good: u64,
    latency: Latency,
    /// Of the longest name, for columns.
    width: usize,
}

impl Report {
    /// Makes a report for so many deliveries of packets with these names. The bar shows itself on terminals only.
    pub(crate) fn new<'a>(json: bool, total: u64, names: impl Iterator<Item = &'a str>) -> Self {
        let width = names.map(|name| shown(name.as_bytes()).chars().count()).max().unwrap_or_default();
        let (bar, latency) = (ProgressBar::new(total), Latency::default());
        Self { json, bar, deliveries: 0, valid: 0, late: 0, good: 0, latency, width }
    }

    pub(crate) fn add(&mut self, outcome: &Outcome) -> io::Result<()> {
        self.deliveries += 1;
        self.valid += u64::from(outcome.reply.is_ok());
        self.late += u64::from(outcome.is_late());
        self.good += u64::from(outcome.is_good());
        self.latency.add(outcome.elapsed);
        self.bar.inc(1);
        self.bar.suspend(|| {
            if self.json {
                writeln!(io::stdout(), "{}", serde_json::to_string(&Line::new(outcome))?)
            } else {
                writeln!(anstream::stdout(), "{}", text(outcome, self.width))
            }
        })
    }

    /// Sums up, unless nothing could be delivered, and returns whether all went well.
    pub(crate) fn finish(self) -> io::Result<bool> {
        self.bar.finish_and_clear();
        match (self.deliveries, self.json) {
            (0, _) => {}
            (_, true) => writeln!(anstream::stderr(), "{}", self.summary())?,
            (_, false) => {
                if self.deliveries > 1 {
                    write!(anstream::stdout(), "\n{}\n", self.latency.bars())?;
                }
                writeln!(anstream::stdout(), "{}", self.summary())?;
            }
        }
        Ok(self.good == self.deliveries)
    }

    fn summary(&self) -> String {
        let deliveries = if self.deliveries == 1 { "delivery" } else { "deliveries" };
        let replies = if self.valid == 1 { "reply" } else { "replies" };
        let late = if self.late == 0 { String::new() } else { format!("{} late, ", self.late) };
        format!(
            "{} {deliveries}, {} valid {replies}, {late}{}",
            self.deliveries,
            self.valid,
            self.latency.summary()
        )
    }
}

fn text(outcome: &Outcome, width: usize) -> String {
    let mark = if outcome.is_good() { format!("{GREEN}ok{GREEN:#}  ") } else { format!("{RED}FAIL{RED:#}") };
    let verdict = match (&outcome.reply, outcome.problem()) {
        (Ok(_), None) => "valid reply".to_owned(),
        (Ok(_), Some(problem)) => format!("valid reply, but {problem}"),
        (Err(_), problem) => format!("no valid reply: {}", problem.unwrap_or_default()),
    };
    let mut parts = vec![
        mark,
        format!("{:width$}", shown(outcome.name.as_bytes())),
        format!("{:>4} of {} ms", outcome.millis(), LIMIT.as_millis()),
        verdict,
    ];
    parts.extend(outcome.decision().map(|decision| format!("decision: {decision}")));
    parts.push(shown(&outcome.body));
    let line = parts.join("  ");
    line.trim_end().to_owned()
}

/// A delivery as JSON.
#[derive(Serialize)]
struct Line<'a> {
    /// Name of the sample or of the file.
    sample: &'a str,
    command: Option<&'a str>,
    status: Option<u16>,
    valid: bool,
    late: bool,
    millis: u128,
    decision: Option<String>,
    problem: Option<String>,
    /// What came back: as it is if it is JSON, as text otherwise.
    reply: Option<Box<RawValue>>,
}

impl<'a> Line<'a> {
    fn new(outcome: &'a Outcome) -> Self {
        Self {
            sample: &outcome.name,
            command: outcome.command.as_ref().map(Command::as_str),
            status: outcome.status,
            valid: outcome.reply.is_ok(),
            late: outcome.is_late(),
            millis: outcome.millis(),
            decision: outcome.decision(),
            problem: outcome.problem(),
            reply: json(&outcome.body),
        }
    }
}

fn json(body: &[u8]) -> Option<Box<RawValue>> {
    if body.is_empty() {
        return None;
    }
    // A line break in JSON is space between its parts; in its texts, it is escaped.
    let line = String::from_utf8_lossy(body).replace(['\n', '\r'], " ");
    // A raw value alone may be nested too deeply for others to read, or hold half a character.
    let json = serde_json::from_str::<Value>(&line).and_then(|_| RawValue::from_string(line));
    json.or_else(|_| to_raw_value(&shown(body))).ok()
}
