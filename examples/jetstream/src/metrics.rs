//! What is counted, for Prometheus.

use std::{
    error::Error,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use axum::{Router, routing::get};
use example_service::{Stop, serve};
use hyper_util::service::TowerToHyperService;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder};
use tokio::time::sleep;
use tracing::error;

const DELIVERIES: &str = "front_door_deliveries_total";
const REFUSED: &str = "front_door_refused_total";
const LATE: &str = "front_door_late_total";
const WAITING: &str = "queue_waiting_messages";
const OLDEST: &str = "queue_oldest_seconds";
const STORED: &str = "queue_stored_bytes";
const IN_FLIGHT: &str = "front_door_publications_in_flight";
const ACKNOWLEDGED: &str = "front_door_acknowledgement_seconds";
const PROCESSED: &str = "worker_messages_total";
const PROCESSING: &str = "worker_processing_seconds";
const WAITED: &str = "worker_waited_seconds";
const FETCH_FAILURES: &str = "worker_fetch_failures_total";

/// Bounds of the times' buckets, in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 60.0];

/// Answers `GET /metrics` at an address of its own, which only the operator should reach.
pub(crate) fn listen(address: Option<SocketAddr>, stop: &Stop) -> Result<(), Box<dyn Error>> {
    let Some(address) = address else { return Ok(()) };
    let handle = recorder()?;
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let upkeep = handle.clone();
    tokio::spawn(async move {
        loop {
            sleep(Duration::from_secs(5)).await;
            upkeep.run_upkeep();
        }
    });
    let router = Router::new().route("/metrics", get(async move || handle.render()));
    let served = serve(listener, TowerToHyperService::new(router), stop.clone());
    tokio::spawn(async move {
        if let Err(error) = served.await {
            error!(%error, "metrics cannot be read");
        }
    });
    Ok(())
}

fn recorder() -> Result<metrics_exporter_prometheus::PrometheusHandle, BuildError> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)?
        .install_recorder()?;
    describe_counter!(DELIVERIES, "Deliveries by outcome; `unknown` is one that was never acknowledged.");
    describe_counter!(REFUSED, "Deliveries that were certainly not stored, by reason.");
    describe_counter!(LATE, "Deliveries whose outcome was not known in time; each has one all the same.");
    describe_gauge!(WAITING, "Messages that wait or are in work, by partition.");
    describe_gauge!(OLDEST, Unit::Seconds, "Since the publication of the oldest message that waits.");
    describe_gauge!(STORED, Unit::Bytes, "Bytes of the messages that are kept.");
    describe_gauge!(IN_FLIGHT, "Publications whose outcome is not known yet.");
    describe_histogram!(ACKNOWLEDGED, Unit::Seconds, "From the publication to its acknowledgement.");
    describe_counter!(PROCESSED, "Messages by outcome.");
    describe_histogram!(PROCESSING, Unit::Seconds, "From a message's arrival to the end of its transaction.");
    describe_histogram!(WAITED, Unit::Seconds, "From the publication of a message to its arrival.");
    describe_counter!(FETCH_FAILURES, "Times that a worker could not ask for a message.");
    Ok(builder)
}

pub(crate) fn delivery(outcome: &'static str) {
    counter!(DELIVERIES, "outcome" => outcome).increment(1);
}

pub(crate) fn refused(reason: &'static str) {
    counter!(REFUSED, "reason" => reason).increment(1);
}

pub(crate) fn acknowledged(after: Duration) {
    histogram!(ACKNOWLEDGED).record(after);
}

pub(crate) fn late() {
    counter!(LATE).increment(1);
}

pub(crate) fn waiting(partition: u32, messages: u64) {
    gauge!(WAITING, "partition" => partition.to_string()).set(number(messages));
}

pub(crate) fn stored(bytes: u64, oldest: Duration) {
    gauge!(STORED).set(number(bytes));
    gauge!(OLDEST).set(oldest);
}

#[allow(clippy::cast_precision_loss, reason = "a gauge is no more precise")]
const fn number(number: u64) -> f64 {
    number as f64
}

/// A publication that is under way, however it ends.
#[derive(Debug)]
pub(crate) struct InFlight(());

impl InFlight {
    pub(crate) fn begin() -> Self {
        gauge!(IN_FLIGHT).increment(1);
        Self(())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT).decrement(1);
    }
}

pub(crate) fn processed(outcome: &'static str, waited: Duration, took: Duration) {
    counter!(PROCESSED, "outcome" => outcome).increment(1);
    histogram!(WAITED).record(waited);
    histogram!(PROCESSING).record(took);
}

pub(crate) fn fetch_failed() {
    counter!(FETCH_FAILURES).increment(1);
}
