//! What the user is told of the deliveries.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use crate::{
    outcome::{LIMIT, Outcome},
    sample,
};

pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

/// So much is shown of what came back, where that has no end of its own.
const SHOWN: usize = 1000;

/// Tells of each delivery as it is done, and sums up.
pub(crate) struct Report {
    json: bool,
    bar: ProgressBar,
    deliveries: u64,
    valid: u64,
    late: u64,
    good: u64,
    slowest: u128,
}

impl Report {
    /// Makes a report for so many deliveries. The bar shows itself on terminals only.
    pub(crate) fn new(json: bool, total: u64) -> Self {
        Self { json, bar: ProgressBar::new(total), deliveries: 0, valid: 0, late: 0, good: 0, slowest: 0 }
    }

    pub(crate) fn add(&mut self, outcome: &Outcome) -> io::Result<()> {
        self.deliveries += 1;
        self.valid += u64::from(outcome.reply.is_ok());
        self.late += u64::from(outcome.is_late());
        self.good += u64::from(outcome.is_good());
        self.slowest = self.slowest.max(outcome.millis());
        self.bar.inc(1);
        self.bar.suspend(|| {
            if self.json {
                writeln!(io::stdout(), "{}", serde_json::to_string(&Line::new(outcome))?)
            } else {
                writeln!(anstream::stdout(), "{}", text(outcome))
            }
        })
    }

    /// Sums up, unless nothing could be delivered, and returns whether all went well.
    pub(crate) fn finish(self) -> io::Result<bool> {
        self.bar.finish_and_clear();
        match (self.deliveries, self.json) {
            (0, _) => {}
            (_, true) => writeln!(anstream::stderr(), "{}", self.summary())?,
            (_, false) => writeln!(anstream::stdout(), "{}", self.summary())?,
        }
        Ok(self.good == self.deliveries)
    }

    fn summary(&self) -> String {
        let deliveries = if self.deliveries == 1 { "delivery" } else { "deliveries" };
        let replies = if self.valid == 1 { "reply" } else { "replies" };
        let late = if self.late == 0 { String::new() } else { format!("{} late, ", self.late) };
        format!(
            "{} {deliveries}, {} valid {replies}, {late}slowest {} ms",
            self.deliveries, self.valid, self.slowest
        )
    }
}

fn text(outcome: &Outcome) -> String {
    let mark = if outcome.is_good() { format!("{GREEN}ok{GREEN:#}  ") } else { format!("{RED}FAIL{RED:#}") };
    let verdict = match (&outcome.reply, outcome.problem()) {
        (Ok(_), None) => "valid reply".to_owned(),
        (Ok(_), Some(problem)) => format!("valid reply, but {problem}"),
        (Err(_), problem) => format!("no valid reply: {}", problem.unwrap_or_default()),
    };
    let mut parts = vec![
        mark,
        format!("{:width$}", outcome.sample, width = sample::width()),
        format!("{:>4} of {} ms", outcome.millis(), LIMIT.as_millis()),
        verdict,
    ];
    parts.extend(outcome.decision().map(|decision| format!("decision: {decision}")));
    parts.push(shown(&outcome.body));
    let line = parts.join("  ");
    line.trim_end().to_owned()
}

/// Returns what came back, short and fit for a terminal.
fn shown(body: &[u8]) -> String {
    let body = String::from_utf8_lossy(body);
    let mut shown: String = body.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN).collect();
    if body.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// A delivery as JSON.
#[derive(Serialize)]
struct Line<'a> {
    sample: &'a str,
    command: &'a str,
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
            sample: outcome.sample,
            command: outcome.command.as_str(),
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
