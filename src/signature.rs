//! Signatures of deliveries: hashes over a token that only the backend and the service know.
//!
//! Documentation: <https://trtc.io/document/64412>

use std::{
    fmt,
    hint::black_box,
    str::FromStr,
    time::{Duration, SystemTime},
};

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::{
    error::RequestError,
    time::{ParseTimeError, UnixSeconds},
};

/// Secret that an operator sets for an application and that the backend uses to sign its deliveries.
///
/// Its `Debug` output does not show the text, and it has no `Display` and cannot be serialized.
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::{Token, UnixSeconds};
///
/// let token = Token::new("xxxxyyyy")?;
/// assert_eq!(
///     token.sign(UnixSeconds::new(1_669_872_112)),
///     "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061"
/// );
/// assert_eq!(format!("{token:?}"), "Token(..)");
/// # Ok::<(), trtc_live_webhook::InvalidToken>(())
/// ```
///
/// ```compile_fail,E0277
/// # let token = trtc_live_webhook::Token::new("xxxxyyyy").unwrap();
/// println!("{token}");
/// ```
///
/// ```compile_fail,E0277
/// # let token = trtc_live_webhook::Token::new("xxxxyyyy").unwrap();
/// let json = serde_json::to_string(&token);
/// ```
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Maximum number of characters in a token (<https://trtc.io/document/69528>).
    const MAX_CHARS: usize = 128;

    /// Makes a token from its text. White space is part of the token, including a line break at the end of the file
    /// that the text was read from.
    ///
    /// # Errors
    ///
    /// [`InvalidToken::Empty`], and [`InvalidToken::TooLong`] above 128 characters.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidToken> {
        let text = text.into();
        match text.chars().count() {
            0 => Err(InvalidToken::Empty),
            1..=Self::MAX_CHARS => Ok(Self(text)),
            _ => Err(InvalidToken::TooLong),
        }
    }

    /// Returns the `Sign` that goes with a `RequestTime`, in lower-case hex: for programs that send deliveries, and for
    /// tests.
    #[must_use]
    pub fn sign(&self, request_time: UnixSeconds) -> String {
        self.hex(&request_time.to_string()).map(char::from).iter().collect()
    }

    fn hex(&self, request_time: &str) -> Hex {
        let hash = Sha256::new().chain_update(&self.0).chain_update(request_time).finalize();
        let mut hex = [0; 64];
        // Fails for a buffer that is too short only, and the zeros would be no signature.
        let _ = base16ct::lower::encode(&hash, &mut hex);
        hex
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl FromStr for Token {
    type Err = InvalidToken;

    /// Same as [`Token::new`].
    ///
    /// # Errors
    ///
    /// Those of [`Token::new`].
    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        Self::new(text)
    }
}

/// Why a text is not a valid [`Token`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidToken {
    /// No characters.
    #[error("token is empty")]
    Empty,
    /// More than 128 characters.
    #[error("token is longer than 128 characters")]
    TooLong,
}

/// Verifies `Sign` and `RequestTime` as they appeared in the query.
///
/// The time is compared only if the signature is right, so that a stranger learns nothing about the clock.
pub(crate) fn verify(
    tokens: &[Token],
    sign: Option<&str>,
    request_time: Option<&str>,
    now: impl FnOnce() -> SystemTime,
    tolerance: Duration,
) -> Result<(), RequestError> {
    let sign = sign.ok_or(RequestError::MissingSign)?;
    let request_time = request_time.ok_or(RequestError::MissingRequestTime)?;
    let sign = in_lower_case(sign).ok_or(RequestError::MalformedSign)?;
    // Longer than any 64-bit number: not worth hashing, whoever signed it.
    if request_time.len() > MAX_REQUEST_TIME {
        return Err(RequestError::WrongSign);
    }
    // The time this takes must not reveal how much of a hash is right, or for which token.
    let right =
        tokens.iter().fold(Choice::from(0), |right, token| right | equal(&token.hex(request_time), &sign));
    if !bool::from(right) {
        return Err(RequestError::WrongSign);
    }
    let sent = canonical(request_time).map_err(RequestError::InvalidRequestTime)?;
    let age = SystemTime::try_from(sent)
        .map(|sent| now().duration_since(sent).unwrap_or_else(|ahead| ahead.duration()));
    match age {
        Ok(age) if age <= tolerance => Ok(()),
        _ => Err(RequestError::StaleRequestTime),
    }
}

/// Length of [`i64::MIN`] in decimal.
const MAX_REQUEST_TIME: usize = 20;

/// Reads a time, in its canonical form only. The hash is over a plain concatenation: if leading zeros, or
/// anything after the digits, were allowed, a signature made with one token could be passed off as one made
/// with a token that is a prefix of it, and a hash could be extended.
fn canonical(request_time: &str) -> Result<UnixSeconds, ParseTimeError> {
    let digits = request_time.strip_prefix('-').unwrap_or(request_time);
    if digits.starts_with('0') && request_time != "0" {
        return Err(ParseTimeError::LEADING_ZERO);
    }
    request_time.parse()
}

/// SHA-256 in lower-case hex.
type Hex = [u8; 64];

/// Reads a hash in upper- or lower-case hex.
fn in_lower_case(sign: &str) -> Option<Hex> {
    let mut hex: Hex = sign.as_bytes().try_into().ok()?;
    hex.make_ascii_lowercase();
    // Without an early end, which compilers vectorize.
    hex.iter().fold(true, |all, digit| all & digit.is_ascii_hexdigit()).then_some(hex)
}

/// Compares all digits in a time that does not tell how many are right. The differences of all are put together before
/// they are looked at, and the compiler is kept from looking earlier: once, because `subtle` does it for each digit, which
/// takes half as long as the hash.
fn equal(a: &Hex, b: &Hex) -> Choice {
    let differences = a.iter().zip(b).fold(0, |differences, (a, b)| differences | (a ^ b));
    black_box(differences).ct_eq(&0)
}
