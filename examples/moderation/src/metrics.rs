//! Numbers for Prometheus.

use std::time::{Duration, Instant};

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
use tokio::time::sleep;

use crate::store::Stats;

const DECISIONS: &str = "moderation_decisions_total";
const FAILURES: &str = "moderation_failures_total";
const SECONDS: &str = "moderation_answer_seconds";
const COMMITTED: &str = "moderation_commit_messages";
const MARKS: &str = "moderation_forged_marks_total";
const PENDING: &str = "moderation_pending";
const TOTAL: &str = "moderation_records";
const WORDS: &str = "moderation_words";
const RELOADS: &str = "moderation_word_reloads_total";
const DENIED: &str = "moderation_console_denied_total";
const SWEPT: &str = "moderation_swept_total";

/// Upper ends of the latency histogram's buckets. The backend waits for 2 seconds.
const SECONDS_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0];
const COMMITTED_BUCKETS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Allowed,
    Approved,
    Forbidden,
    Held,
    Replaced,
}

impl Decision {
    pub(crate) const ALL: [Self; 5] =
        [Self::Allowed, Self::Approved, Self::Forbidden, Self::Held, Self::Replaced];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Approved => "approved",
            Self::Forbidden => "forbidden",
            Self::Held => "held",
            Self::Replaced => "replaced",
        }
    }
}

/// Begins to collect. What was counted before is lost.
pub(crate) fn install() -> Result<PrometheusHandle, BuildError> {
    use metrics_exporter_prometheus::Matcher::Full;

    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Full(SECONDS.to_owned()), &SECONDS_BUCKETS)?
        .set_buckets_for_metric(Full(COMMITTED.to_owned()), &COMMITTED_BUCKETS)?
        .install_recorder()?;
    describe_counter!(DECISIONS, "Messages that were decided on");
    describe_counter!(FAILURES, "Requests that were refused or failed, by what went wrong");
    describe_histogram!(
        SECONDS,
        "Time that was spent on a message once it was read, until its answer or the deadline"
    );
    describe_histogram!(COMMITTED, "Messages that were committed together");
    describe_counter!(MARKS, "Messages with a mark that claims an approval, which nobody believes");
    describe_gauge!(PENDING, "Messages that wait for review");
    describe_gauge!(TOTAL, "Messages that are kept, closed ones included");
    describe_gauge!(WORDS, "Words that are looked for");
    describe_counter!(RELOADS, "Readings of a changed file of words");
    describe_counter!(DENIED, "Requests of the console without a right key");
    describe_counter!(SWEPT, "Old records that were archived or deleted");
    // A rate needs a zero to rise from.
    for decision in Decision::ALL {
        counter!(DECISIONS, "decision" => decision.as_str()).absolute(0);
    }
    counter!(MARKS).absolute(0);
    counter!(DENIED).absolute(0);
    Ok(handle)
}

/// Keeps the histograms small, for ever.
pub(crate) async fn upkeep(handle: PrometheusHandle) {
    loop {
        sleep(Duration::from_secs(5)).await;
        handle.run_upkeep();
    }
}

pub(crate) fn decided(decision: Decision) {
    counter!(DECISIONS, "decision" => decision.as_str()).increment(1);
}

/// Begins to count failures at zero.
pub(crate) fn none_failed(failures: &[&'static str]) {
    for failure in failures {
        counter!(FAILURES, "failure" => *failure).absolute(0);
    }
}

pub(crate) fn failed(failure: &'static str) {
    counter!(FAILURES, "failure" => failure).increment(1);
}

/// Measures until it is dropped, by whomever.
#[derive(Debug)]
pub(crate) struct Timed(Instant);

impl Timed {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }
}

impl Drop for Timed {
    fn drop(&mut self) {
        histogram!(SECONDS).record(self.0.elapsed());
    }
}

#[expect(clippy::cast_precision_loss, reason = "a histogram is in floats")]
pub(crate) fn committed(messages: usize) {
    histogram!(COMMITTED).record(messages as f64);
}

pub(crate) fn forged_mark() {
    counter!(MARKS).increment(1);
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
pub(crate) fn stored(stats: &Stats) {
    gauge!(PENDING).set(stats.pending as f64);
    gauge!(TOTAL).set(stats.total as f64);
}

#[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
pub(crate) fn words(words: usize) {
    gauge!(WORDS).set(words as f64);
}

pub(crate) fn reloaded(worked: bool) {
    counter!(RELOADS, "result" => if worked { "replaced" } else { "failed" }).increment(1);
}

pub(crate) fn denied() {
    counter!(DENIED).increment(1);
}

pub(crate) fn swept(records: usize) {
    counter!(SWEPT).increment(records as u64);
}
