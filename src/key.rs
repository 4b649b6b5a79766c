//! Keys of deliveries, which tell a repetition from a new delivery.

use std::fmt;

use memchr::memchr2;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::{
    event::Event,
    receiver::Delivery,
    structure::{Mark, Marks},
};

/// Key of a delivery, equal for a repetition of it and different for any other.
///
/// It is a SHA-256 hash: nobody can make two deliveries that share a key. `Display` writes it as 64 hexadecimal digits.
///
/// [`repetitions_and_order`](crate::guide::repetitions_and_order) shows a handler that acts once.
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::{Receiver, SdkAppId};
///
/// let receiver = Receiver::new(SdkAppId::new(7));
/// let body = br#"{
///     "CallbackCommand": "Live.CallbackAfterDestroyRoom",
///     "RoomId": "room-1",
///     "EventType": "DestroyByUser",
///     "EventTime": 1670574414123
/// }"#;
/// let delivery = receiver.receive("SdkAppid=7&OptPlatform=Web", body)?;
/// let repetition = receiver.receive("SdkAppid=7&OptPlatform=Web&RequestTime=1670574420", body)?;
/// assert!(delivery.key(body).is_some());
/// assert_eq!(delivery.key(body), repetition.key(body));
/// # Ok::<(), trtc_live_webhook::ReceiveError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryKey([u8; 32]);

impl DeliveryKey {
    /// Returns the bytes of the hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for DeliveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&base16ct::lower::encode_string(&self.0))
    }
}

impl fmt::Debug for DeliveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeliveryKey({self})")
    }
}

impl Serialize for DeliveryKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Delivery {
    /// Returns a key that is equal for a repetition of the delivery and different for any other.
    ///
    /// With retrying switched on in the console, the backend repeats an `After…` delivery whose answer came too late
    /// (<https://trtc.io/document/34354>). A repetition has the same packet with another `Sign` and `RequestTime` and, for
    /// a recording, with another `CallbackTs`.
    /// [`repetitions_and_order`](crate::guide::repetitions_and_order) shows how to use the key.
    ///
    /// `body` is the body that the delivery was received with. The key is made of it, byte for byte but for that
    /// `CallbackTs`, and of the SDKAppID.
    ///
    /// `None` where two equal packets may be two different things: for gifts and messages to come, for unrecognized
    /// events, and for an event that has neither a time nor an id of its own.
    #[must_use]
    pub fn key(&self, body: &[u8]) -> Option<DeliveryKey> {
        if !self.event.is_distinct() {
            return None;
        }
        let whole = (body, &[][..]);
        let (before, after) = match self.event {
            Event::AfterCloudRecordingChanged(_) => without_callback_ts(body).unwrap_or(whole),
            _ => whole,
        };
        let hash = Sha256::new().chain_update(self.request.sdk_app_id.get().to_be_bytes());
        Some(DeliveryKey(hash.chain_update(before).chain_update(after).finalize().into()))
    }
}

/// Returns what stands before and after the value of the packet's `CallbackTs`. The value is a number or a numeric
/// string: the packet was read.
fn without_callback_ts(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut depth = 0_usize;
    for (offset, mark) in Marks::of(body) {
        match mark {
            Mark::Open => depth += 1,
            Mark::Close => depth = depth.saturating_sub(1),
            Mark::Text(name) if depth == 1 && name == b"CallbackTs" => {
                let rest = body.get(offset + name.len() + 2..)?;
                let Some(value) = rest.trim_ascii_start().strip_prefix(b":") else { continue };
                let length = memchr2(b',', b'}', value)?;
                let (before, value) = body.split_at_checked(body.len() - value.len())?;
                return Some((before, value.get(length..)?));
            }
            Mark::Text(_) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::without_callback_ts;

    #[test]
    fn the_callback_ts_of_the_packet_itself_is_cut_out() {
        let cut = |body: &'static str| {
            without_callback_ts(body.as_bytes()).map(|(before, after)| {
                (std::str::from_utf8(before).unwrap(), std::str::from_utf8(after).unwrap())
            })
        };
        assert_eq!(cut(r#"{"CallbackTs":1,"A":2}"#), Some((r#"{"CallbackTs":"#, r#","A":2}"#)));
        assert_eq!(cut(r#"{"A":"CallbackTs", "CallbackTs" : "1" }"#).unwrap().1, "}");
        assert_eq!(cut(r#"{"A":{"CallbackTs":1},"B":[{"CallbackTs":1}]}"#), None);
        assert_eq!(cut(r#"{"A":"\"CallbackTs\":1","CallbackTs":null}"#).unwrap().1, "}");
        for body in
            ["", "{", "\"", r#"{"CallbackTs"#, r#"{"CallbackTs":"#, r#"{"CallbackTs":1"#, "]]]", "\"\\"]
        {
            assert_eq!(cut(body), None, "{body}");
        }
    }
}
