//! Ids: the application's SDKAppID, and those that arrive as a JSON string or as a JSON integer.

use std::{borrow::Borrow, cmp::Ordering, fmt, hash, marker::PhantomData, num::ParseIntError, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Id of a room. At most 48 bytes on the wire; the length is not checked.
pub type RoomId = Id<Room>;

/// Id of a user, in what the documentation calls an "account" field. At most 32 bytes on the wire; the length
/// is not checked.
pub type UserId = Id<User>;

/// Id of a battle between the owners of two or more rooms.
pub type BattleId = Id<Battle>;

/// Marks the id of a room.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Room;

/// Marks the id of a user.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct User;

/// Marks the id of a battle.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Battle;

/// An id that the backend sends as a JSON string or as a JSON integer, whatever the documentation's table
/// says.
///
/// An integer keeps every digit and is written back as an integer. The form is not part of the id's identity:
/// two ids with the same text are equal, hash alike and sort alike.
///
/// Use it as [`RoomId`], [`UserId`] or [`BattleId`]; an id of one kind cannot be mistaken for one of another.
///
/// An id has no longest length but the body's: the documented ones are the backend's, and may change. Log it with a
/// precision, which shortens it: `{id:.64}`.
///
/// # Examples
///
/// ```
/// use trtc_live_webhook::UserId;
///
/// let id: UserId = serde_json::from_str("144115216631667826")?;
/// assert_eq!(id, "144115216631667826");
/// assert_eq!(id, UserId::from("144115216631667826"));
/// assert_eq!(serde_json::to_string(&id)?, "144115216631667826");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub struct Id<Of> {
    text: String,
    form: Form,
    of: PhantomData<fn() -> Of>,
}

/// How an id is written in JSON.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Integer,
}

impl<Of> Id<Of> {
    /// Makes an id that is written as a JSON string. For one that is written as a JSON integer, use
    /// `From<i64>`.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), form: Form::Text, of: PhantomData }
    }

    fn integer(digits: String) -> Self {
        Self { text: digits, form: Form::Integer, of: PhantomData }
    }

    /// Returns the id's text; for an id that arrived as an integer, its decimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<Of> Clone for Id<Of> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), ..*self }
    }
}

impl<Of> fmt::Debug for Id<Of> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<Of> fmt::Display for Id<Of> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl<Of> PartialEq for Id<Of> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<Of> Eq for Id<Of> {}

impl<Of> PartialOrd for Id<Of> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<Of> Ord for Id<Of> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl<Of> hash::Hash for Id<Of> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<Of> PartialEq<str> for Id<Of> {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl<Of> PartialEq<&str> for Id<Of> {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

impl<Of> PartialEq<String> for Id<Of> {
    fn eq(&self, other: &String) -> bool {
        self.text == *other
    }
}

impl<Of> PartialEq<Id<Of>> for str {
    fn eq(&self, other: &Id<Of>) -> bool {
        self == other.text
    }
}

impl<Of> PartialEq<Id<Of>> for &str {
    fn eq(&self, other: &Id<Of>) -> bool {
        *self == other.text
    }
}

impl<Of> AsRef<str> for Id<Of> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// Lets a map keyed by ids be searched by `&str`.
impl<Of> Borrow<str> for Id<Of> {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl<Of> From<&str> for Id<Of> {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<Of> From<String> for Id<Of> {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// Makes an id that is written as a JSON integer.
impl<Of> From<i64> for Id<Of> {
    fn from(number: i64) -> Self {
        Self::integer(number.to_string())
    }
}

impl<Of> From<Id<Of>> for String {
    fn from(id: Id<Of>) -> Self {
        id.text
    }
}

impl<Of> Serialize for Id<Of> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Form::Integer = self.form {
            if let Ok(number) = self.text.parse() {
                return serializer.serialize_i64(number);
            }
            if let Ok(number) = self.text.parse() {
                return serializer.serialize_u64(number);
            }
        }
        serializer.serialize_str(&self.text)
    }
}

impl<'de, Of> Deserialize<'de> for Id<Of> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor<Of>(PhantomData<fn() -> Of>);

        impl<Of> de::Visitor<'_> for IdVisitor<Of> {
            type Value = Id<Of>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an integer")
            }

            fn visit_str<E>(self, text: &str) -> Result<Id<Of>, E> {
                Ok(text.into())
            }

            fn visit_string<E>(self, text: String) -> Result<Id<Of>, E> {
                Ok(text.into())
            }

            fn visit_i64<E>(self, number: i64) -> Result<Id<Of>, E> {
                Ok(number.into())
            }

            fn visit_u64<E>(self, number: u64) -> Result<Id<Of>, E> {
                Ok(Id::integer(number.to_string()))
            }
        }

        deserializer.deserialize_any(IdVisitor(PhantomData))
    }
}

/// Number that the console assigns to an application.
///
/// It is public: every client of the application knows it. Comparing it checks the address of a delivery,
/// never the identity of its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SdkAppId(u64);

impl SdkAppId {
    /// Makes an SDKAppID from its number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for SdkAppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl From<u64> for SdkAppId {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl From<SdkAppId> for u64 {
    fn from(id: SdkAppId) -> Self {
        id.0
    }
}

impl FromStr for SdkAppId {
    type Err = ParseSdkAppIdError;

    /// Reads decimal digits: no sign, no space.
    ///
    /// # Errors
    ///
    /// [`ParseSdkAppIdError`] for anything else, and for a number above [`u64::MAX`].
    fn from_str(text: &str) -> Result<Self, ParseSdkAppIdError> {
        // `u64::from_str` accepts a leading plus sign; there is none on the wire.
        let digits = if text.starts_with('+') { "" } else { text };
        digits.parse().map(Self).map_err(ParseSdkAppIdError)
    }
}

/// Why a text is not an [`SdkAppId`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("SDKAppID is not a decimal number of 64 bits")]
pub struct ParseSdkAppIdError(#[source] ParseIntError);
