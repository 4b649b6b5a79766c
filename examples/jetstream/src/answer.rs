//! What the servers answer to a publication, and what is certain after it.

use std::error::Error;

use async_nats::jetstream::{
    self, ErrorCode,
    context::{PublishError, PublishErrorKind},
    publish::PublishAck,
};

/// A message that was not acknowledged.
#[derive(Debug)]
pub(crate) enum Unstored {
    Refused(Refused),
    Unknown,
}

/// Why a delivery was certainly not stored.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Refused {
    #[error("too many publications are under way")]
    Busy,
    #[error("stream is full")]
    Full,
    #[error("servers do not answer")]
    Silent,
    #[error("not connected to a server")]
    Disconnected,
    #[error("stream has no leader")]
    NoLeader,
    #[error("stream refuses the message")]
    Stream { source: jetstream::Error },
}

impl Refused {
    /// Word for metrics.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Full => "full",
            Self::Silent => "silent",
            Self::Disconnected => "disconnected",
            Self::NoLeader => "no_leader",
            Self::Stream { .. } => "stream",
        }
    }

    /// Tells whether it may be otherwise in a moment.
    pub(crate) const fn may_pass(&self) -> bool {
        matches!(self, Self::Disconnected | Self::NoLeader)
    }
}

/// Errors that depend on the message alone, so that no replica stores it: it is for another stream, it is too long, or
/// its headers are.
///
/// Others are not certain. A leader that finds no room for a message (10023, 10077) may say so after the others have
/// agreed to store it; one whose account has used up what it may (10002), after it has stored it.
const CERTAIN: [ErrorCode; 3] = [
    ErrorCode::STREAM_NOT_MATCH,
    ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM,
    ErrorCode::STREAM_HEADER_EXCEEDS_MAXIMUM,
];

/// Reads the answer to a publication.
pub(crate) fn read(answer: Result<PublishAck, PublishError>) -> Result<PublishAck, Unstored> {
    let error = match answer {
        // Some servers acknowledge a repetition of what they have not stored yet, without the number that it will have.
        Ok(ack) if ack.sequence == 0 => return Err(Unstored::Unknown),
        Ok(ack) => return Ok(ack),
        Err(error) => error,
    };
    if error.kind() == PublishErrorKind::StreamNotFound {
        return Err(Unstored::Refused(Refused::NoLeader));
    }
    match said(&error) {
        Some(said) if CERTAIN.contains(&said.error_code()) => {
            Err(Unstored::Refused(Refused::Stream { source: said.clone() }))
        }
        _ => Err(Unstored::Unknown),
    }
}

/// Tells whether the servers have said anything. An error is an answer, too.
pub(crate) fn is_given(answer: &Result<PublishAck, PublishError>) -> bool {
    match answer {
        Ok(_) => true,
        Err(error) => error.kind() == PublishErrorKind::StreamNotFound || said(error).is_some(),
    }
}

/// Returns what the stream itself has said.
fn said(error: &PublishError) -> Option<&jetstream::Error> {
    error.source().and_then(<dyn Error>::downcast_ref)
}

#[cfg(test)]
mod tests {
    use async_nats::jetstream::{
        self,
        context::{PublishError, PublishErrorKind},
        publish::PublishAck,
    };

    use super::{Refused, Unstored, is_given, read};

    fn ack(sequence: u64, duplicate: bool) -> PublishAck {
        PublishAck { sequence, duplicate, ..PublishAck::default() }
    }

    fn said(code: u64) -> PublishError {
        let error = serde_json::json!({"code": 503, "err_code": code, "description": "said"});
        let error: jetstream::Error = serde_json::from_value(error).unwrap();
        PublishError::with_source(PublishErrorKind::Other, error)
    }

    #[test]
    fn what_has_a_number_is_stored() {
        assert!(matches!(read(Ok(ack(1, false))), Ok(ack) if !ack.duplicate));
        assert!(matches!(read(Ok(ack(1, true))), Ok(ack) if ack.duplicate));
    }

    #[test]
    fn a_repetition_of_what_is_not_stored_yet_is_unknown() {
        assert!(matches!(read(Ok(ack(0, true))), Err(Unstored::Unknown)));
        // A repetition while the first one is under way, as later servers say it.
        assert!(matches!(read(Err(said(10158))), Err(Unstored::Unknown)));
    }

    #[test]
    fn only_what_no_replica_can_store_is_refused() {
        for code in [10054, 10060, 10097] {
            assert!(
                matches!(read(Err(said(code))), Err(Unstored::Refused(Refused::Stream { .. }))),
                "{code}"
            );
        }
        // Without a leader, nobody has received it.
        let nobody = PublishError::new(PublishErrorKind::StreamNotFound);
        assert!(matches!(read(Err(nobody)), Err(Unstored::Refused(Refused::NoLeader))));
        for code in [10002, 10008, 10023, 10077, 99999] {
            assert!(matches!(read(Err(said(code))), Err(Unstored::Unknown)), "{code}");
        }
        for kind in [PublishErrorKind::TimedOut, PublishErrorKind::BrokenPipe, PublishErrorKind::Other] {
            assert!(matches!(read(Err(PublishError::new(kind))), Err(Unstored::Unknown)), "{kind}");
        }
    }

    #[test]
    fn an_error_is_an_answer() {
        assert!(is_given(&Ok(ack(1, false))));
        assert!(is_given(&Err(said(10077))));
        assert!(is_given(&Err(PublishError::new(PublishErrorKind::StreamNotFound))));
        assert!(!is_given(&Err(PublishError::new(PublishErrorKind::TimedOut))));
        assert!(!is_given(&Err(PublishError::new(PublishErrorKind::BrokenPipe))));
    }
}
