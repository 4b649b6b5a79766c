//! Error codes that the backend passes through to a client.

/// Error code from `FIRST` to `LAST`, which the backend passes through to a client.
///
/// Use it as [`gift::Code`](super::gift::Code) or [`message::Code`](super::message::Code).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code<const FIRST: i64, const LAST: i64>(i64);

impl<const FIRST: i64, const LAST: i64> Code<FIRST, LAST> {
    /// Makes a code; `None` outside the range. In a `const`, the range is checked at compile time.
    ///
    /// # Examples
    ///
    /// ```
    /// use trtc_live_webhook::event::gift;
    ///
    /// const BROKE: gift::Code = gift::Code::new(102_100).unwrap();
    /// assert_eq!(BROKE.get(), 102_100);
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use trtc_live_webhook::event::gift;
    /// const OUT_OF_RANGE: gift::Code = gift::Code::new(1).unwrap();
    /// # let _ = OUT_OF_RANGE;
    /// ```
    #[must_use]
    pub const fn new(code: i64) -> Option<Self> {
        if FIRST <= code && code <= LAST { Some(Self(code)) } else { None }
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl<const FIRST: i64, const LAST: i64> TryFrom<i64> for Code<FIRST, LAST> {
    type Error = CodeOutOfRange;

    /// # Errors
    ///
    /// [`CodeOutOfRange`] outside the range.
    fn try_from(code: i64) -> Result<Self, CodeOutOfRange> {
        Self::new(code).ok_or(CodeOutOfRange { code, first: FIRST, last: LAST })
    }
}

impl<const FIRST: i64, const LAST: i64> From<Code<FIRST, LAST>> for i64 {
    fn from(code: Code<FIRST, LAST>) -> Self {
        code.0
    }
}

/// Why a number is not a [`Code`]: the backend does not pass it through to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error code {code} is not within {first}..={last}")]
pub struct CodeOutOfRange {
    code: i64,
    first: i64,
    last: i64,
}
