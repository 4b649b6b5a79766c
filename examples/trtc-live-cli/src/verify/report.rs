//! The report: a line for each check.

use std::io::{self, Write};

use crate::{
    checks::CHECKS,
    report::{GREEN, RED, YELLOW},
    text::shown,
    verify::finding::{Finding, Verdict},
};

/// Prints findings as they are made, and sums up.
pub(crate) struct Report {
    json: bool,
    quiet: bool,
    skip: Vec<&'static str>,
    passed: u32,
    failed: u32,
    skipped: u32,
}

impl Report {
    pub(crate) fn new(json: bool, quiet: bool, skip: Vec<&'static str>) -> Self {
        Self { json, quiet, skip, passed: 0, failed: 0, skipped: 0 }
    }

    /// Tells whether anything was found, be it printed or not.
    pub(crate) fn has_begun(&self) -> bool {
        self.passed + self.failed + self.skipped > 0
    }

    /// Tells whether the check is to be made.
    pub(crate) fn wants(&self, check: &str) -> bool {
        !self.skip.contains(&check)
    }

    pub(crate) fn add(&mut self, finding: &Finding) -> io::Result<()> {
        match finding.verdict {
            Verdict::Pass => self.passed += 1,
            Verdict::Fail => self.failed += 1,
            Verdict::Skip => self.skipped += 1,
        }
        if self.quiet && finding.verdict != Verdict::Fail {
            return Ok(());
        }
        if self.json {
            return writeln!(io::stdout(), "{}", serde_json::to_string(finding)?);
        }
        let mut out = anstream::stdout();
        let mark = match finding.verdict {
            Verdict::Pass => format!("{GREEN}ok{GREEN:#}  "),
            Verdict::Fail => format!("{RED}FAIL{RED:#}"),
            Verdict::Skip => format!("{YELLOW}skip{YELLOW:#}"),
        };
        let width = CHECKS.iter().map(|check| check.len()).max().unwrap_or_default();
        let millis = finding.millis.map_or_else(String::new, |millis| format!("{millis} ms"));
        let subject = finding.subject.map_or_else(String::new, |subject| format!("{subject}: "));
        // A text may quote what came back.
        let text = shown(finding.text.as_bytes());
        writeln!(out, "{mark}  {:width$}  {millis:>8}  {subject}{text}", finding.check)?;
        match finding.page {
            Some(page) => writeln!(out, "      {}", page.url()),
            None => Ok(()),
        }
    }

    /// Sums up, and returns whether nothing failed.
    pub(crate) fn finish(self) -> io::Result<bool> {
        let Self { passed, failed, skipped, .. } = self;
        let line = format!(
            "{} checks: {passed} passed, {failed} failed, {skipped} skipped",
            passed + failed + skipped
        );
        if self.json {
            writeln!(anstream::stderr(), "{line}")?;
        } else {
            writeln!(anstream::stdout(), "{line}")?;
        }
        Ok(failed == 0)
    }
}
