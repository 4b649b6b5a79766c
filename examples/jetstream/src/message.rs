//! A delivery as a message of the stream.
//!
//! The payload is the body as it came, so that a worker of any later version reads all of it. What the URL said, without
//! its signature, is in a header.

use async_nats::{
    HeaderMap, Message,
    header::{NATS_EXPECTED_STREAM, NATS_MESSAGE_ID},
};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use trtc_live_webhook::{Delivery, EventError, RequestError, RequestInfo};
use uuid::Uuid;

use crate::stream::{DELIVERIES, SUBJECT};

/// Query of the delivery's URL.
const REQUEST: &str = "Live-Request";

/// Command, for people: the body decides.
const COMMAND: &str = "Live-Command";

/// What tells the delivery from any other. Unlike `Nats-Msg-Id`, it stays the same when a dead letter is put back.
pub(crate) const ID: &str = "Live-Id";

/// Which dead letter this was, if it was one.
pub(crate) const REQUEUED: &str = "Live-Requeued";

/// Longest word of a subject that is made of a command. Documented commands have 41 characters at most.
const MAX_WORD: usize = 64;

/// What is published.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) subject: String,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Bytes,
}

impl Outgoing {
    /// Makes a message of a delivery and the body that it was read from.
    pub(crate) fn new(delivery: &Delivery, body: Bytes, partitions: u32) -> Self {
        let id = id(delivery, &body);
        let command = word(delivery.event.command().as_str());
        let app = delivery.request.sdk_app_id;
        let partition = partition(delivery, &body, partitions);
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, id.as_str());
        headers.insert(NATS_EXPECTED_STREAM, DELIVERIES);
        headers.insert(ID, id.as_str());
        headers.insert(REQUEST, delivery.request.to_query().as_str());
        headers.insert(COMMAND, line(delivery.event.command().as_str()).as_str());
        Self { subject: format!("{SUBJECT}.{app}.{command}.{partition}"), headers, payload: body }
    }

    /// Bytes of the message as it is published.
    pub(crate) fn size(&self) -> usize {
        self.subject.len() + size(&self.headers) + self.payload.len()
    }
}

/// A delivery that has waited.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) id: String,
    pub(crate) requeued: String,
    pub(crate) delivery: Delivery,
}

impl Incoming {
    /// Reads a message. Whoever may publish to the stream is trusted, as the front door is: it has checked the delivery.
    pub(crate) fn read(message: &Message) -> Result<Self, Unreadable> {
        let header = |name| {
            let value = message.headers.as_ref().and_then(|headers| headers.get(name));
            value.map(|value| value.as_str().to_owned())
        };
        let id = header(ID).ok_or(Unreadable::Header { name: ID })?;
        let query = header(REQUEST).ok_or(Unreadable::Header { name: REQUEST })?;
        let request = RequestInfo::from_query(&query).map_err(Unreadable::Request)?;
        let delivery = Delivery::from_trusted(request, &message.payload).map_err(Unreadable::Event)?;
        Ok(Self { id, requeued: header(REQUEUED).unwrap_or_default(), delivery })
    }
}

/// Why a message is no delivery. Trying again does not help.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("no header {name}")]
    Header { name: &'static str },
    #[error("unreadable request")]
    Request(#[source] RequestError),
    #[error("unreadable packet")]
    Event(#[source] EventError),
}

/// Bytes of headers as they are published: each with a colon, a space and the end of its line.
pub(crate) fn size(headers: &HeaderMap) -> usize {
    let lines = headers.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
    lines.map(|(name, value)| AsRef::<str>::as_ref(name).len() + value.as_str().len() + 4).sum()
}

/// Returns what tells the delivery from any other.
///
/// Where the protocol cannot tell a repetition from a second event, each delivery gets an id of its own: a repetition
/// then takes effect again. A hash in its place would make one of two gifts that are equal, and lose what was accepted.
fn id(delivery: &Delivery, body: &[u8]) -> String {
    match delivery.key(body) {
        Some(key) => key.to_string(),
        None => format!("once-{}", Uuid::new_v4().simple()),
    }
}

/// Returns the partition: of the room, so that what happens in it stays in order; of the body, for what is about no room
/// or not known to be.
///
/// A room is one within its application only. The hash is the same in every version and on every machine.
fn partition(delivery: &Delivery, body: &[u8], partitions: u32) -> u32 {
    let hash = Sha256::new().chain_update(delivery.request.sdk_app_id.get().to_be_bytes());
    let hash = match delivery.event.room_id() {
        Some(room) => hash.chain_update(room.as_str()),
        None => hash.chain_update(body),
    };
    let first = hash.finalize().iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte));
    first % partitions.max(1)
}

/// Makes one word of a subject of a command, in which a stranger may have written dots, asterisks and line breaks.
fn word(command: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let word: String = command.chars().take(MAX_WORD).map(plain).collect();
    if word.is_empty() { "_".to_owned() } else { word }
}

/// Makes a header's value of a command.
fn line(command: &str) -> String {
    command.chars().take(MAX_WORD).map(|c| if c.is_ascii_graphic() { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use async_nats::Message;
    use bytes::Bytes;
    use trtc_live_webhook::{Delivery, RequestInfo, SdkAppId, event::member, samples};

    use super::{Incoming, Outgoing, Unreadable, line, word};

    fn delivery(query: &str, body: &str) -> Delivery {
        Delivery::from_trusted(RequestInfo::from_query(query).unwrap(), body.as_bytes()).unwrap()
    }

    fn as_received(outgoing: Outgoing) -> Message {
        Message {
            subject: outgoing.subject.into(),
            reply: None,
            length: outgoing.payload.len(),
            payload: outgoing.payload,
            headers: Some(outgoing.headers),
            status: None,
            description: None,
        }
    }

    #[test]
    fn a_delivery_comes_out_as_it_went_in() {
        let query = "tenant=%0A7&SdkAppid=7&CallbackCommand=x&contenttype=json&ClientIP=::1&OptPlatform=Web";
        for sample in samples::ALL {
            let delivery = delivery(query, sample.json());
            let outgoing = Outgoing::new(&delivery, Bytes::from_static(sample.json().as_bytes()), 16);
            assert_eq!(outgoing.payload, sample.json());
            let incoming = Incoming::read(&as_received(outgoing)).unwrap();
            assert_eq!(incoming.delivery, delivery, "{}", sample.name());
            if let Some(key) = delivery.key(sample.json().as_bytes()) {
                assert_eq!(incoming.id, key.to_string());
            }
        }
    }

    #[test]
    fn a_subject_names_the_application_the_command_and_the_partition() {
        let sample = member::AfterMemberStateChanged::SAMPLE.json();
        let outgoing =
            Outgoing::new(&delivery("SdkAppid=7", sample), Bytes::from_static(sample.as_bytes()), 1);
        assert_eq!(outgoing.subject, "live.7.Live_CallbackAfterMemberStateChanged.0");
    }

    #[test]
    fn the_partition_is_that_of_the_room_in_its_application() {
        let partition = |app: u64, room: &str, at: u64| {
            let body = format!(
                r#"{{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":{room},"EventType":"DestroyByUser","EventTime":{at}}}"#
            );
            let delivery = Delivery::from_trusted(RequestInfo::new(SdkAppId::new(app)), body.as_bytes());
            let subject = Outgoing::new(&delivery.unwrap(), body.into(), 16).subject;
            subject.rsplit_once('.').unwrap().1.parse::<u32>().unwrap()
        };
        // A version that changes this puts a room's events in two partitions while both versions run.
        assert_eq!(["\"a\"", "\"b\"", "\"c\""].map(|room| partition(7, room, 1)), [11, 2, 3]);
        assert_eq!(partition(7, "12", 1), partition(7, "\"12\"", 2));
        assert!((0..9).any(|app| partition(app, "\"a\"", 1) != partition(7, "\"a\"", 1)));
        let used: HashSet<_> = (0..200).map(|room| partition(7, &room.to_string(), 1)).collect();
        assert_eq!(used.len(), 16);
    }

    #[test]
    fn what_cannot_be_told_apart_is_never_taken_for_a_repetition() {
        let body = r#"{"CallbackCommand":"Room.CallbackAfterX","EventTime":1}"#;
        let id = || {
            let outgoing =
                Outgoing::new(&delivery("SdkAppid=7", body), Bytes::from_static(body.as_bytes()), 16);
            Incoming::read(&as_received(outgoing)).unwrap().id
        };
        assert_ne!(id(), id());
    }

    #[test]
    fn a_command_is_one_line() {
        assert_eq!(line("Live.CallbackAfterCreateRoom"), "Live.CallbackAfterCreateRoom");
        assert_eq!(line("*.>\r\nNats-Rollup: all\u{e9}"), "*.>__Nats-Rollup:_all_");
        assert_eq!(line(&"x".repeat(1000)).len(), 64);
    }

    #[test]
    fn a_command_is_one_word() {
        assert_eq!(word("Live.CallbackAfterCreateRoom"), "Live_CallbackAfterCreateRoom");
        assert_eq!(word("*.>\r\nNats-Rollup: all\u{e9}"), "_____Nats-Rollup__all_");
        assert_eq!(word(""), "_");
        assert_eq!(word(&"x".repeat(1000)).len(), 64);
    }

    #[test]
    fn what_is_no_delivery_says_why() {
        let body = samples::ALL[0].json();
        let outgoing =
            || Outgoing::new(&delivery("SdkAppid=7", body), Bytes::from_static(body.as_bytes()), 16);
        let mut no_headers = as_received(outgoing());
        no_headers.headers = None;
        assert!(matches!(Incoming::read(&no_headers), Err(Unreadable::Header { name: "Live-Id" })));
        let mut no_packet = as_received(outgoing());
        no_packet.payload = Bytes::from_static(b"{");
        assert!(matches!(Incoming::read(&no_packet), Err(Unreadable::Event(_))));
    }
}
