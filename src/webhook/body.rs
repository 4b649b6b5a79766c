//! Reading a body within its limit.

use std::{
    error::Error,
    future::poll_fn,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// Error of any framework's body.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// A body as its framework has it.
pub(crate) trait Pieces {
    /// Some bytes of the body.
    type Piece: Buf;

    /// Length that the request announces, or the least that its body can have.
    fn announced(&self) -> u64;

    /// Polls for the next piece: `None` at the end, and `Some(Ok(None))` for what is no data.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Option<Self::Piece>, BoxError>>>;
}

/// Reads the header `Content-Length`; 0 if it is absent or no length, since it only serves to refuse a body early.
pub(crate) fn content_length(header: Option<&[u8]>) -> u64 {
    header.and_then(|length| std::str::from_utf8(length).ok()?.parse().ok()).unwrap_or_default()
}

/// Why there is no body.
#[derive(Debug)]
pub(super) enum Unread {
    TooLong,
    Lost(BoxError),
}

/// Reads a body of at most `limit` bytes. Nothing is read of one that is announced to be longer, and nothing after
/// the piece that makes it longer.
pub(super) async fn read(mut pieces: impl Pieces, limit: usize) -> Result<Bytes, Unread> {
    if usize::try_from(pieces.announced()).map_or(true, |announced| announced > limit) {
        return Err(Unread::TooLong);
    }
    let mut body = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(piece) = poll_fn(|cx| poll_data(&mut pieces, cx)).await {
        let mut piece = piece.map_err(Unread::Lost)?;
        let length = piece.remaining();
        if length > limit.saturating_sub(body.len().max(joined.len())) {
            return Err(Unread::TooLong);
        }
        if joined.is_empty() && body.is_empty() {
            // Most bodies arrive in one piece, which need not be copied.
            body = piece.copy_to_bytes(length);
        } else {
            if joined.is_empty() {
                joined = BytesMut::from(std::mem::take(&mut body));
            }
            joined.put(piece);
        }
    }
    Ok(if joined.is_empty() { body } else { joined.freeze() })
}

fn poll_data<P: Pieces>(pieces: &mut P, cx: &mut Context<'_>) -> Poll<Option<Result<P::Piece, BoxError>>> {
    match ready!(pieces.poll_piece(cx)) {
        Some(Ok(Some(piece))) if piece.has_remaining() => Poll::Ready(Some(Ok(piece))),
        Some(Ok(_)) => {
            // Nothing limits how many of these there are: others, and the deadline, must have their turn.
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        Some(Err(error)) => Poll::Ready(Some(Err(error))),
        None => Poll::Ready(None),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::VecDeque,
        task::{Context, Poll},
    };

    use bytes::{Buf, Bytes};

    use super::{BoxError, Pieces, Unread, content_length, read};

    /// What a body yields, one after the other. Whoever polls it after its end fails.
    #[derive(Default)]
    struct Script {
        announced: u64,
        steps: VecDeque<Option<Result<Option<Bytes>, &'static str>>>,
    }

    impl Script {
        fn new(pieces: impl IntoIterator<Item = &'static [u8]>) -> Self {
            let pieces = pieces.into_iter().map(|piece| Some(Ok(Some(Bytes::from_static(piece)))));
            Self { announced: 0, steps: pieces.chain([None]).collect() }
        }
    }

    impl Pieces for &mut Script {
        type Piece = Bytes;

        fn announced(&self) -> u64 {
            self.announced
        }

        fn poll_piece(&mut self, _cx: &mut Context<'_>) -> Poll<Option<Result<Option<Bytes>, BoxError>>> {
            let step = self.steps.pop_front().expect("the body has ended");
            Poll::Ready(step.map(|piece| piece.map_err(Into::into)))
        }
    }

    fn read_at_most(limit: usize, script: &mut Script) -> Result<Bytes, Unread> {
        pollster::block_on(read(script, limit))
    }

    #[track_caller]
    fn assert_too_long(limit: usize, mut script: Script, left: usize) {
        assert!(matches!(read_at_most(limit, &mut script), Err(Unread::TooLong)));
        assert_eq!(script.steps.len(), left);
    }

    #[test]
    fn a_body_is_read_up_to_its_limit() {
        for pieces in
            [&[b"abcd".as_slice()][..], &[b"ab", b"cd"], &[b"a", b"b", b"c", b"d"], &[b"", b"abc", b"", b"d"]]
        {
            let script = || Script::new(pieces.iter().copied());
            assert_eq!(read_at_most(4, &mut script()).unwrap(), "abcd");
            assert_eq!(read_at_most(usize::MAX, &mut script()).unwrap(), "abcd");
            assert!(matches!(read_at_most(3, &mut script()), Err(Unread::TooLong)));
        }
        assert_eq!(read_at_most(0, &mut Script::new([])).unwrap(), "");
    }

    #[test]
    fn nothing_is_read_past_the_limit() {
        assert_too_long(3, Script::new([b"abcd".as_slice(), b"e"]), 2);
        assert_too_long(3, Script::new([b"ab".as_slice(), b"cd", b"e"]), 2);
        assert_too_long(0, Script::new([b"a".as_slice()]), 1);
        assert_too_long(3, Script { announced: 4, ..Script::new([b"abc".as_slice()]) }, 2);
        assert_too_long(3, Script { announced: u64::MAX, ..Script::new([b"abc".as_slice()]) }, 2);
    }

    #[test]
    fn a_length_that_is_not_true_changes_nothing() {
        for announced in [0, 1, 4, 5] {
            let mut script = Script { announced, ..Script::new([b"ab".as_slice(), b"cd"]) };
            assert_eq!(read_at_most(5, &mut script).unwrap(), "abcd");
            assert_too_long(5, Script { announced, ..Script::new([b"ab".as_slice(), b"cdef"]) }, 1);
        }
    }

    #[test]
    fn a_body_that_breaks_off_is_no_body() {
        let mut script = Script::new([b"ab".as_slice()]);
        script.steps.insert(1, Some(Err("connection reset")));
        let Err(Unread::Lost(error)) = read_at_most(9, &mut script) else { panic!("the rest is missing") };
        assert_eq!(error.to_string(), "connection reset");
        assert_eq!(script.steps.len(), 1);
    }

    #[test]
    fn one_piece_is_not_copied_and_many_are_kept_as_one() {
        let piece = b"a packet".as_slice();
        let body = read_at_most(64, &mut Script::new([piece])).unwrap();
        assert_eq!(body.as_ptr(), piece.as_ptr());
        // Miri takes a while for each.
        let pieces = if cfg!(miri) { 1 << 6 } else { 1 << 16 };
        let many = std::iter::repeat_n(b"a".as_slice(), pieces);
        let body = read_at_most(1 << 16, &mut Script::new(many)).unwrap();
        assert!(body.len() == pieces && body.iter().all(|byte| *byte == b'a'));
    }

    #[test]
    fn what_is_no_data_takes_turns_with_others() {
        let mut script = Script::new([b"".as_slice(), b"a"]);
        script.steps.push_front(Some(Ok(None)));
        let mut reading = std::pin::pin!(read(&mut script, 9));
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(reading.as_mut().poll(&mut cx).is_pending());
        assert!(reading.as_mut().poll(&mut cx).is_pending());
        assert!(matches!(reading.as_mut().poll(&mut cx), Poll::Ready(Ok(body)) if body == "a"));
    }

    #[test]
    fn pieces_need_not_be_in_one_place() {
        struct Chained(u8);

        impl Pieces for Chained {
            type Piece = bytes::buf::Chain<&'static [u8], &'static [u8]>;

            fn announced(&self) -> u64 {
                0
            }

            fn poll_piece(
                &mut self,
                _cx: &mut Context<'_>,
            ) -> Poll<Option<Result<Option<Self::Piece>, BoxError>>> {
                self.0 += 1;
                Poll::Ready((self.0 < 3).then(|| Ok(Some(b"ab".as_slice().chain(b"cd".as_slice())))))
            }
        }

        assert_eq!(pollster::block_on(read(Chained(0), 8)).unwrap(), "abcdabcd");
        assert_eq!(pollster::block_on(read(Chained(1), 4)).unwrap(), "abcd");
        assert!(matches!(pollster::block_on(read(Chained(0), 7)), Err(Unread::TooLong)));
    }

    #[test]
    fn a_length_is_a_number_or_nothing() {
        for (header, length) in [
            (None, 0),
            (Some("7"), 7),
            (Some("18446744073709551615"), u64::MAX),
            (Some("18446744073709551616"), 0),
            (Some("-1"), 0),
            (Some("7, 7"), 0),
            (Some(""), 0),
        ] {
            assert_eq!(content_length(header.map(str::as_bytes)), length, "{header:?}");
        }
        assert_eq!(content_length(Some(b"\xff")), 0);
    }
}
