//! What is shown of a request and its answer.

use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use trtc_live_webhook::{Command, Delivery, Event, RequestInfo, UnixMillis, drift};

use crate::{listen::query::blanked, outcome::LIMIT};

/// So many characters of an id are shown.
const ID: usize = 64;

/// A request, and what came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Exchange {
    /// Counts up from 1.
    pub(crate) id: u64,
    /// When it arrived.
    pub(crate) at: UnixMillis,
    pub(crate) method: String,
    pub(crate) path: String,
    /// With the signature blanked.
    pub(crate) query: String,
    /// The body's command, or else the URL's.
    pub(crate) command: Option<String>,
    pub(crate) room: Option<String>,
    pub(crate) operator: Option<String>,
    /// `None` if it was not read.
    pub(crate) packet: Option<String>,
    pub(crate) drift: Vec<String>,
    pub(crate) answer: Answered,
    /// What the service said that it was passed on to.
    pub(crate) service: Option<FromService>,
}

/// How the request was answered.
#[derive(Debug, Serialize)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) packet: String,
    pub(crate) millis: u64,
    /// After the 2 seconds that the backend waits.
    pub(crate) late: bool,
    /// Why it was refused or failed.
    pub(crate) failure: Option<String>,
}

/// Answer of the service under development.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FromService {
    pub(crate) status: Option<u16>,
    pub(crate) packet: String,
    pub(crate) millis: u64,
    pub(crate) late: bool,
    pub(crate) decision: Option<String>,
    /// Why it is no valid reply.
    pub(crate) problem: Option<String>,
}

/// What is kept of a request to make an exchange of, or to send it again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    /// As it came, signature included.
    pub(crate) query: String,
    pub(crate) delivery: Option<Delivery>,
    pub(crate) command: Option<Command>,
    pub(crate) body: Option<Bytes>,
    pub(crate) failure: Option<String>,
    pub(crate) service: Option<FromService>,
}

impl Exchange {
    pub(crate) fn new(seen: &Seen, at: UnixMillis, status: u16, packet: &Bytes, elapsed: Duration) -> Self {
        let event = seen.delivery.as_ref().map(|delivery| &delivery.event);
        let command = event.map(Event::command).or(seen.command.as_ref());
        let of_url = || RequestInfo::from_query(&seen.query).ok()?.command;
        let drift = match (&seen.delivery, &seen.body) {
            (Some(delivery), Some(body)) => drift::report(delivery, body),
            _ => Vec::new(),
        };
        Self {
            id: 0,
            at,
            method: seen.method.clone(),
            path: seen.path.clone(),
            query: blanked(&seen.query),
            command: command.cloned().or_else(of_url).map(|command| command.as_str().to_owned()),
            room: event.and_then(Event::room_id).map(|id| format!("{id:.ID$}")),
            operator: event.and_then(Event::operator_account).map(|id| format!("{id:.ID$}")),
            packet: seen.body.as_deref().map(|body| String::from_utf8_lossy(body).into_owned()),
            drift: drift.iter().map(ToString::to_string).collect(),
            answer: Answered {
                status,
                packet: String::from_utf8_lossy(packet).into_owned(),
                millis: millis(elapsed),
                late: elapsed > LIMIT,
                failure: seen.failure.clone(),
            },
            service: seen.service.clone(),
        }
    }

    /// Returns how many bytes its texts take.
    pub(crate) fn bytes(&self) -> usize {
        let answer = &self.answer;
        let mut texts = vec![&self.method, &self.path, &self.query, &answer.packet];
        texts.extend(
            [&self.command, &self.room, &self.operator, &self.packet, &answer.failure].into_iter().flatten(),
        );
        if let Some(service) = &self.service {
            texts.push(&service.packet);
            texts.extend([&service.decision, &service.problem].into_iter().flatten());
        }
        let drift = self.drift.iter().map(|finding| size_of::<String>() + finding.len());
        texts.into_iter().map(String::len).chain(drift).sum()
    }

    /// Tells whether its body was not even read: it came from a stranger, or broke off.
    pub(crate) fn is_refused(&self) -> bool {
        self.packet.is_none()
    }
}

/// Rounded up, so that what is late shows it.
pub(crate) fn millis(elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}
