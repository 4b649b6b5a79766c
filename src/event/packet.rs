//! Common parts of the structs of all commands.

use std::{borrow::Cow, fmt, hash, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    command::Command,
    id::{RoomId, UserId},
    time::UnixMillis,
};

/// Key that says of what kind an element of a message is.
pub(super) const MSG_TYPE: &str = "MsgType";

/// Key that says which event a packet is.
pub(super) const COMMAND: &str = "CallbackCommand";

/// A struct that represents the packet of one command.
pub(super) trait Packet {
    /// Command.
    const COMMAND: &'static Command;

    /// Returns the values of the accessors shared by all events.
    fn about(&self) -> About<'_>;
}

/// Values of the accessors shared by all events.
pub(super) struct About<'a> {
    pub(super) command: &'a Command,
    pub(super) room_id: Option<&'a RoomId>,
    pub(super) operator_account: Option<&'a UserId>,
    pub(super) event_time: Option<UnixMillis>,
    /// Whether another event with an equal packet is the same event.
    pub(super) is_distinct: bool,
}

impl<'a> About<'a> {
    pub(super) fn new(command: &'a Command) -> Self {
        Self { command, room_id: None, operator_account: None, event_time: None, is_distinct: false }
    }

    pub(super) fn room(self, room_id: impl Into<Option<&'a RoomId>>) -> Self {
        Self { room_id: room_id.into(), ..self }
    }

    pub(super) fn operator(self, operator_account: Option<&'a UserId>) -> Self {
        Self { operator_account, ..self }
    }

    pub(super) fn time(self, event_time: Option<UnixMillis>) -> Self {
        // Zero stands for a time that is not known.
        let is_known = event_time.is_some_and(|time| time.get() != 0);
        Self { event_time, ..self.distinct(is_known) }
    }

    /// Says whether something else than the time tells equal packets apart.
    pub(super) fn distinct(self, is_distinct: bool) -> Self {
        Self { is_distinct: self.is_distinct || is_distinct, ..self }
    }
}

/// Zero-sized `CallbackCommand` of the packet `P`. Writes the command's word, and reads only that word and its aliases, so
/// that a struct stands for the complete packet and accepts no other.
pub(super) struct Tag<P>(PhantomData<fn() -> P>);

impl<P> Clone for Tag<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Tag<P> {}

impl<P: Packet> fmt::Debug for Tag<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(P::COMMAND, f)
    }
}

impl<P> PartialEq for Tag<P> {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl<P> Eq for Tag<P> {}

impl<P> Default for Tag<P> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<P> hash::Hash for Tag<P> {
    fn hash<H: hash::Hasher>(&self, _state: &mut H) {}
}

impl<P: Packet> Serialize for Tag<P> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        P::COMMAND.serialize(serializer)
    }
}

impl<'de, P: Packet> Deserialize<'de> for Tag<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordVisitor<P>(PhantomData<fn() -> P>);

        impl<P: Packet> de::Visitor<'_> for WordVisitor<P> {
            type Value = Tag<P>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "`{}`", P::COMMAND)
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Tag<P>, E> {
                if word == P::COMMAND.as_str() || Command::recognize(word).as_ref() == Some(P::COMMAND) {
                    Ok(Tag(PhantomData))
                } else {
                    Err(E::invalid_value(de::Unexpected::Other("string"), &self))
                }
            }
        }

        deserializer.deserialize_str(WordVisitor(PhantomData))
    }
}

/// Name of a field, borrowed where possible.
pub(super) struct Name<'de>(pub(super) Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl<'de> de::Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }

            #[inline]
            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            #[inline]
            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_identifier(NameVisitor)
    }
}
