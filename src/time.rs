//! Points in time, in the backend's two units, and lengths of time.

use std::{
    cmp::Ordering,
    fmt, hash,
    str::FromStr,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_with::{DeserializeAs, SerializeAs};

/// Unix time in milliseconds, as in `EventTime`.
pub type UnixMillis = UnixTime<1_000_000>;

/// Unix time in seconds, as in `CreateTime`.
pub type UnixSeconds = UnixTime<1_000_000_000>;

/// Instant in time, as the number of units since the Unix epoch; negative before it. A unit is `NANOS` nanoseconds long.
///
/// The backend sends times as JSON integers or as numeric strings, sometimes the same field in both forms. Unless the
/// documentation prints only one form for a field, a time is written in the form in which it arrived. The form is not
/// part of the time's identity: equal times compare equal, hash alike and sort alike.
///
/// Use it as [`UnixMillis`] or [`UnixSeconds`]: a time in one unit cannot be mistaken for one in the other.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use trtc_live_webhook::UnixMillis;
///
/// let at: UnixMillis = serde_json::from_str(r#""1670574414123""#)?;
/// assert_eq!(at, UnixMillis::new(1_670_574_414_123));
/// let epoch = SystemTime::UNIX_EPOCH;
/// assert_eq!(SystemTime::try_from(at)?, epoch + Duration::from_millis(1_670_574_414_123));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct UnixTime<const NANOS: u64> {
    count: i64,
    form: Form,
}

/// How a time is written in JSON.
#[derive(Clone, Copy)]
enum Form {
    Integer,
    Text,
}

impl<const NANOS: u64> UnixTime<NANOS> {
    /// Makes a time from the number of units since the Unix epoch; negative before it.
    #[must_use]
    pub const fn new(count: i64) -> Self {
        const { assert!(NANOS > 0 && 1_000_000_000 % NANOS == 0, "a unit must divide a second") };
        Self { count, form: Form::Integer }
    }

    /// Returns the number of units since the Unix epoch.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.count
    }

    /// Returns the system clock's time, rounded down to a whole unit.
    ///
    /// # Panics
    ///
    /// On platforms without a clock, such as `wasm32-unknown-unknown`: see [`SystemTime::now`].
    #[must_use]
    pub fn now() -> Self {
        Self::try_from(SystemTime::now()).unwrap_or(Self::new(i64::MAX))
    }
}

impl<const NANOS: u64> fmt::Debug for UnixTime<NANOS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.count, f)
    }
}

impl<const NANOS: u64> PartialEq for UnixTime<NANOS> {
    fn eq(&self, other: &Self) -> bool {
        self.count == other.count
    }
}

impl<const NANOS: u64> Eq for UnixTime<NANOS> {}

impl<const NANOS: u64> PartialOrd for UnixTime<NANOS> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const NANOS: u64> Ord for UnixTime<NANOS> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.count.cmp(&other.count)
    }
}

impl<const NANOS: u64> hash::Hash for UnixTime<NANOS> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.count.hash(state);
    }
}

impl<const NANOS: u64> fmt::Display for UnixTime<NANOS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.count, f)
    }
}

impl<const NANOS: u64> FromStr for UnixTime<NANOS> {
    type Err = ParseTimeError;

    /// Reads a decimal integer: an optional minus sign and digits.
    ///
    /// # Errors
    ///
    /// [`ParseTimeError`] for anything else, and for a number that does not fit in 64 bits.
    fn from_str(text: &str) -> Result<Self, ParseTimeError> {
        integer(text).map(Self::new)
    }
}

impl<const NANOS: u64> TryFrom<UnixTime<NANOS>> for SystemTime {
    type Error = TimeOutOfRange;

    /// # Errors
    ///
    /// [`TimeOutOfRange`] if the platform's clock does not reach that far.
    fn try_from(time: UnixTime<NANOS>) -> Result<Self, TimeOutOfRange> {
        let (epoch, count) = (Self::UNIX_EPOCH, time.count.unsigned_abs());
        let per_second = const { 1_000_000_000 / NANOS };
        let distance =
            Duration::from_secs(count / per_second) + Duration::from_nanos(count % per_second * NANOS);
        let time = if time.count < 0 { epoch.checked_sub(distance) } else { epoch.checked_add(distance) };
        time.ok_or(TimeOutOfRange)
    }
}

impl<const NANOS: u64> TryFrom<SystemTime> for UnixTime<NANOS> {
    type Error = TimeOutOfRange;

    /// Rounds down to a whole unit.
    ///
    /// # Errors
    ///
    /// [`TimeOutOfRange`] if the number does not fit into 64 bits.
    fn try_from(time: SystemTime) -> Result<Self, TimeOutOfRange> {
        // A platform's clock counts at most 2^64 seconds in either direction: less than 2^94 nanoseconds.
        let nanos = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => i128::try_from(after.as_nanos()),
            Err(before) => i128::try_from(before.duration().as_nanos()).map(|nanos| -nanos),
        };
        let count = nanos.map_err(|_| TimeOutOfRange)?.div_euclid(NANOS.into());
        i64::try_from(count).map(Self::new).map_err(|_| TimeOutOfRange)
    }
}

impl TryFrom<UnixSeconds> for UnixMillis {
    type Error = TimeOutOfRange;

    /// # Errors
    ///
    /// [`TimeOutOfRange`] if the milliseconds do not fit into 64 bits.
    fn try_from(time: UnixSeconds) -> Result<Self, TimeOutOfRange> {
        time.count.checked_mul(1000).map(Self::new).ok_or(TimeOutOfRange)
    }
}

/// Why a text is not a [`UnixMillis`] or [`UnixSeconds`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("time {problem}")]
pub struct ParseTimeError {
    problem: &'static str,
}

impl ParseTimeError {
    /// For a time that must be written in one way only.
    pub(crate) const LEADING_ZERO: Self = Self { problem: "has a leading zero" };

    const NO_INTEGER: Self = Self { problem: "is not a decimal integer of 64 bits" };
}

/// Why a time cannot be converted: the other type cannot hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("time is out of range")]
#[non_exhaustive]
pub struct TimeOutOfRange;

fn integer(text: &str) -> Result<i64, ParseTimeError> {
    // `i64::from_str` accepts a leading plus sign; there is none on the wire.
    let digits = if text.starts_with('+') { "" } else { text };
    digits.parse().map_err(|_| ParseTimeError::NO_INTEGER)
}

impl<const NANOS: u64> Serialize for UnixTime<NANOS> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.form {
            Form::Integer => serializer.serialize_i64(self.count),
            Form::Text => serializer.collect_str(&self.count),
        }
    }
}

impl<'de, const NANOS: u64> Deserialize<'de> for UnixTime<NANOS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TimeVisitor<const NANOS: u64>;

        impl<const NANOS: u64> de::Visitor<'_> for TimeVisitor<NANOS> {
            type Value = UnixTime<NANOS>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an integer of 64 bits or a numeric string")
            }

            fn visit_i64<E>(self, count: i64) -> Result<Self::Value, E> {
                Ok(UnixTime::new(count))
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Self::Value, E> {
                let time = i64::try_from(count).map(UnixTime::new);
                time.map_err(|_| E::invalid_value(de::Unexpected::Unsigned(count), &self))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                // Not `Unexpected::Str`: the value that it quotes would be discarded.
                let count =
                    integer(text).map_err(|_| E::invalid_value(de::Unexpected::Other("string"), &self))?;
                Ok(UnixTime { count, form: Form::Text })
            }
        }

        deserializer.deserialize_any(TimeVisitor)
    }
}

/// Adapter for lengths of time in whole milliseconds. A negative length, which no [`Duration`] can hold, counts as
/// absent.
pub(crate) struct LengthMillis;

impl<'de> DeserializeAs<'de, Option<Duration>> for LengthMillis {
    fn deserialize_as<D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
        let millis = Option::<i64>::deserialize(deserializer)?;
        Ok(millis.and_then(|millis| u64::try_from(millis).ok()).map(Duration::from_millis))
    }
}

impl SerializeAs<Option<Duration>> for LengthMillis {
    fn serialize_as<S: Serializer>(length: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
        // Saturates at the longest length that fits into 64 bits.
        let millis = length.map(|length| i64::try_from(length.as_millis()).unwrap_or(i64::MAX));
        millis.serialize(serializer)
    }
}
