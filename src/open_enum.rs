//! Open enums: values that the backend sends beyond the documented ones are kept, and marked as such.

use std::{fmt, marker::PhantomData};

use serde::{Serialize, Serializer};

/// Newtype name under which an unrecognized value is serialized, so that a serializer can tell it apart. JSON shows
/// the value alone. No identifier starts with `$`, so no other type has such a name.
pub(crate) const UNRECOGNIZED: &str = "$trtc_live_webhook::Unrecognized";

/// Newtype name under which a field that is kept but not modelled is serialized.
pub(crate) const UNMODELLED: &str = "$trtc_live_webhook::Unmodelled";

/// Newtype name under which a value is serialized that is modelled as a whole, whatever it contains.
pub(crate) const KEPT: &str = "$trtc_live_webhook::Kept";

/// Value of the enum `Of` that this version of the crate does not know.
///
/// Only this crate can make one, and only from a value for which the enum has no variant: there is no unrecognized
/// `"Live"` beside a recognized one.
pub struct Unrecognized<Of, Value = Box<str>> {
    value: Value,
    of: PhantomData<fn() -> Of>,
}

impl<Of, Value> Unrecognized<Of, Value> {
    pub(crate) fn new(value: Value) -> Self {
        Self { value, of: PhantomData }
    }
}

impl<Of> Unrecognized<Of> {
    /// Returns the text as it arrived.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.value
    }
}

impl<Of> Unrecognized<Of, i64> {
    /// Returns the number as it arrived.
    #[must_use]
    pub const fn get(&self) -> i64 {
        self.value
    }
}

impl<Of, Value: Clone> Clone for Unrecognized<Of, Value> {
    fn clone(&self) -> Self {
        Self::new(self.value.clone())
    }
}

impl<Of, Value: Copy> Copy for Unrecognized<Of, Value> {}

impl<Of, Value: fmt::Debug> fmt::Debug for Unrecognized<Of, Value> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<Of, Value: PartialEq> PartialEq for Unrecognized<Of, Value> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<Of, Value: Eq> Eq for Unrecognized<Of, Value> {}

impl<Of, Value: std::hash::Hash> std::hash::Hash for Unrecognized<Of, Value> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl<Of, Value: Serialize> Serialize for Unrecognized<Of, Value> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(UNRECOGNIZED, &self.value)
    }
}

/// Makes an open enum of wire words or, if its name is followed by `: i64`, of wire numbers.
///
/// Words: one `Variant = "word"` per line, with `| "alias"` if the backend spells a word in more than one
/// way. The first is the one that is written. Numbers: one `Variant = number` per line.
macro_rules! open_enum {
    (
        $(#[$attribute:meta])*
        pub enum $name:ident: i64 {
            $(
                $(#[$variant_attribute:meta])*
                $variant:ident = $number:literal,
            )+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$variant_attribute])*
                #[doc = ""]
                #[doc = concat!("On the wire: `", $number, "`.")]
                $variant,
            )+
            /// A number that this version of the crate does not know, kept as it arrived.
            Unrecognized($crate::open_enum::Unrecognized<Self, i64>),
        }

        impl $name {
            /// Every value that this version of the crate knows.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the number on the wire.
            #[must_use]
            pub const fn get(self) -> i64 {
                match self {
                    $(Self::$variant => $number,)+
                    Self::Unrecognized(number) => number.get(),
                }
            }

            /// Tells whether this version of the crate knows the value.
            #[must_use]
            pub const fn is_recognized(self) -> bool {
                !matches!(self, Self::Unrecognized(_))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.get(), f)
            }
        }

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                match number {
                    $($number => Self::$variant,)+
                    _ => Self::Unrecognized($crate::open_enum::Unrecognized::new(number)),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    Self::Unrecognized(number) => number.serialize(serializer),
                    recognized => serializer.serialize_i64(recognized.get()),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                i64::deserialize(deserializer).map(Self::from)
            }
        }
    };
    (
        $(#[$attribute:meta])*
        pub enum $name:ident {
            $(
                $(#[$variant_attribute:meta])*
                $variant:ident = $word:literal $(| $alias:literal)*,
            )+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[$variant_attribute])*
                #[doc = ""]
                #[doc = concat!("On the wire: `", $word, "`", $(", also `", $alias, "`",)* ".")]
                $variant,
            )+
            /// A value that this version of the crate does not know, kept as it arrived.
            Unrecognized($crate::open_enum::Unrecognized<Self>),
        }

        impl $name {
            /// Every value that this version of the crate knows.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub(crate) fn recognize(word: &str) -> Option<Self> {
                match word {
                    $($word $(| $alias)* => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// Returns the wire word; for an unrecognized value, the text as it arrived.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unrecognized(value) => value.as_str(),
                }
            }

            /// Tells whether this version of the crate knows the value.
            #[must_use]
            pub fn is_recognized(&self) -> bool {
                !matches!(self, Self::Unrecognized(_))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self.as_str(), f)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                Self::recognize(word)
                    .unwrap_or_else(|| Self::Unrecognized($crate::open_enum::Unrecognized::new(word.into())))
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                Self::recognize(&word)
                    .unwrap_or_else(|| Self::Unrecognized($crate::open_enum::Unrecognized::new(word.into())))
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl PartialEq<$name> for &$name {
            fn eq(&self, other: &$name) -> bool {
                *self == other
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    Self::Unrecognized(value) => value.serialize(serializer),
                    recognized => serializer.serialize_str(recognized.as_str()),
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct WordVisitor;

                impl serde::de::Visitor<'_> for WordVisitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a string")
                    }

                    fn visit_str<E>(self, word: &str) -> Result<$name, E> {
                        Ok(word.into())
                    }

                    fn visit_string<E>(self, word: String) -> Result<$name, E> {
                        Ok(word.into())
                    }
                }

                deserializer.deserialize_str(WordVisitor)
            }
        }
    };
}

pub(crate) use open_enum;
