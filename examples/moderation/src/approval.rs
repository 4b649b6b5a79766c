//! Repetitions of held-back messages, which the console sends through REST once a moderator has approved them.

use memchr::memmem;
use trtc_live_webhook::{OptPlatform, RequestInfo};

/// What the console would send again of a record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Repetition<'m> {
    pub(crate) room: &'m str,
    pub(crate) account: &'m str,
    pub(crate) content: &'m str,
    pub(crate) random: i64,
}

/// Returns the number that the console puts into `Random` when it sends a record again: computed from each UTF-16 unit of
/// the record's `ContentId`, in 32 bits.
pub(crate) fn random(content_id: &str) -> i64 {
    let step = |hash: i32, unit: u16| (hash << 5).wrapping_sub(hash).wrapping_add(unit.into());
    i64::from(content_id.encode_utf16().fold(0, step)).abs()
}

/// Tells whether a delivery comes from a call to REST. Whoever can write a query could say so, if that is not signed.
pub(crate) fn is_rest(request: &RequestInfo, is_signed: bool) -> bool {
    is_signed && request.opt_platform == Some(OptPlatform::RestApi)
}

/// Tells whether a body has the mark by which the prototype knows an approved message, and which anybody can write.
pub(crate) fn has_mark(body: &[u8]) -> bool {
    memmem::find(body, b"moderation_approved_resend").is_some()
}

#[cfg(test)]
mod tests {
    use trtc_live_webhook::{OptPlatform, RequestInfo, SdkAppId};

    use super::{is_rest, random};

    #[test]
    fn the_number_is_the_consoles() {
        assert_eq!(random("msg_001"), 1_344_006_259);
        assert_eq!(random(""), 0);
        // 32 bits that have no positive counterpart: Math.abs makes 2147483648 of them.
        assert_eq!(random("polygenelubricants"), 2_147_483_648);
        assert_eq!(random("é𝄞"), i64::from(((0xE9 * 31) + 0xD834) * 31 + 0xDD1E));
    }

    #[test]
    fn rest_is_believed_if_signed() {
        let mut request = RequestInfo::new(SdkAppId::new(7));
        assert!(!is_rest(&request, true));
        request.opt_platform = Some(OptPlatform::RestApi);
        assert!(is_rest(&request, true));
        assert!(!is_rest(&request, false));
        request.opt_platform = Some(OptPlatform::Web);
        assert!(!is_rest(&request, true));
    }
}
