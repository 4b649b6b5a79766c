//! What is wrong in a body, and where, said without quoting it.

use std::fmt;

use serde::de::{Expected, Unexpected};

/// What is wrong at the place that an [`EventError`](crate::EventError) names. Never quotes the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct EventProblem {
    text: String,
}

impl EventProblem {
    /// Maximum length of the repeated text of what was expected. The texts of this crate's own types are shorter.
    const MAX_EXPECTED: usize = 200;

    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    /// Says what the parser found and expected, without the value that it found and without the place.
    pub(crate) fn from_json(error: &serde_json::Error) -> Self {
        let message = message(error);
        // Syntax errors are described in the parser's own words.
        if error.is_data() { Self::from_message(&message) } else { Self::new(message) }
    }

    /// Same as [`from_json`](Self::from_json), for a text in one of serde's own wordings (`serde::de::Error`). Only words
    /// that are known to come from the program are repeated.
    pub(crate) fn from_message(message: &str) -> Self {
        for kind in ["invalid type", "invalid value"] {
            let Some(found) = message.strip_prefix(kind).and_then(|rest| rest.strip_prefix(": ")) else {
                continue;
            };
            // What follows the last comma comes from the program; what precedes it may quote the body.
            let Some((found, expected)) = found.rsplit_once(", expected ") else {
                continue;
            };
            let is_known = |noun: &&&str| match found.strip_prefix(**noun) {
                Some(quoted) => quoted.is_empty() || quoted.starts_with(' '),
                None => false,
            };
            let found = FOUND.iter().find(is_known).copied().unwrap_or("another value");
            let expected = Self::bounded(expected);
            return Self::new(format!("{kind}: {found}, expected {expected}"));
        }
        Self::new(if Self::quotes_nothing(message) { message } else { "invalid value" })
    }

    fn bounded(expected: &str) -> &str {
        let fits = |end| expected.get(..end);
        if expected.len() <= Self::MAX_EXPECTED {
            return expected;
        }
        (0..=Self::MAX_EXPECTED).rev().find_map(fits).unwrap_or_default()
    }

    /// Says what a type found and expected.
    pub(crate) fn unexpected(kind: &str, found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match found {
            Unexpected::Unit => "null",
            Unexpected::Bool(_) => "boolean",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) => "integer",
            Unexpected::Float(_) => "floating point",
            Unexpected::Char(_) => "character",
            Unexpected::Str(_) => "string",
            Unexpected::Bytes(_) => "byte array",
            Unexpected::Seq => "sequence",
            Unexpected::Map => "map",
            Unexpected::Other(noun) => FOUND.iter().find(|known| **known == noun).unwrap_or(&"another value"),
            _ => "another value",
        };
        Self::new(format!("{kind}: {found}, expected {}", Self::bounded(&expected.to_string())))
    }

    /// Returns the field that serde found missing or duplicated: its error points to the enclosing object.
    pub(crate) fn field(&self) -> Option<&str> {
        Self::named_field(&self.text)
    }

    fn named_field(message: &str) -> Option<&str> {
        let field = ["missing field `", "duplicate field `"]
            .into_iter()
            .find_map(|wording| message.strip_prefix(wording))?;
        field.strip_suffix('`').filter(|field| field.len() <= Self::MAX_EXPECTED)
    }

    fn quotes_nothing(message: &str) -> bool {
        let is_length = |rest: &str| {
            let (length, expected) = rest.split_once(", expected ")?;
            let all_digits = length.bytes().all(|byte| byte.is_ascii_digit());
            (all_digits && expected.len() <= Self::MAX_EXPECTED).then_some(())
        };
        Self::named_field(message).is_some()
            || message.strip_prefix("invalid length ").and_then(is_length).is_some()
    }
}

/// Place in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line, counting from 1.
    pub line: usize,
    /// Column in bytes, counting from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

/// Nouns by which serde names the values that it finds (`serde::de::Unexpected`). The value itself may follow.
const FOUND: &[&str] = &[
    "null",
    "boolean",
    "integer",
    "floating point",
    "number",
    "character",
    "string",
    "byte array",
    "sequence",
    "map",
];

/// Returns the text of an error, without the place at its end.
pub(crate) fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at {}", Place { line: error.line(), column: error.column() });
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use serde::de::{Error, Unexpected};

    use super::{EventProblem, message};

    #[test]
    fn a_problem_quotes_nothing_of_the_body() {
        let expected = "a `word`, expected or not";
        for (found, text) in [
            (Unexpected::Str("SECRET, expected \"SECRET\" `"), "string"),
            (Unexpected::Unsigned(12345), "integer"),
            (Unexpected::Float(1.5), "floating point"),
            (Unexpected::Char('S'), "character"),
            (Unexpected::Bool(true), "boolean"),
            (Unexpected::Map, "map"),
            (Unexpected::Seq, "sequence"),
            (Unexpected::Signed(-1), "integer"),
            (Unexpected::Bytes(b"SECRET"), "byte array"),
        ] {
            assert_eq!(
                EventProblem::unexpected("invalid type", found, &"a number").to_string(),
                format!("invalid type: {text}, expected a number")
            );
            let error = serde_json::Error::invalid_type(found, &"a number");
            assert_eq!(
                EventProblem::from_json(&error).to_string(),
                format!("invalid type: {text}, expected a number")
            );
            let error = serde_json::Error::invalid_value(found, &expected);
            assert!(!EventProblem::from_json(&error).to_string().contains("SECRET"));
        }
        for (found, text) in [
            (Unexpected::Unit, "null"),
            (Unexpected::Other("string"), "string"),
            (Unexpected::Other("SECRET"), "another value"),
            (Unexpected::Enum, "another value"),
        ] {
            assert_eq!(
                EventProblem::unexpected("invalid value", found, &"a number").to_string(),
                format!("invalid value: {text}, expected a number")
            );
        }
        for error in [
            serde_json::Error::custom("SECRET"),
            serde_json::Error::unknown_variant("SECRET", &["a"]),
            serde_json::Error::custom("invalid type: SECRET"),
            serde_json::Error::custom("missing field `a` SECRET"),
        ] {
            assert_eq!(EventProblem::from_json(&error).to_string(), "invalid value");
        }
    }

    #[test]
    fn a_problem_names_a_missing_or_duplicate_field() {
        let field = |error| EventProblem::from_json(&error).field().map(ToOwned::to_owned);
        assert_eq!(field(Error::missing_field("RoomId")).unwrap(), "RoomId");
        assert_eq!(field(Error::duplicate_field("RoomId")).unwrap(), "RoomId");
        assert_eq!(field(Error::invalid_length(1, &"two")), None);
        let error = serde_json::Error::invalid_length(1, &"two");
        assert_eq!(EventProblem::from_json(&error).to_string(), "invalid length 1, expected two");
    }

    #[test]
    fn a_long_text_of_what_was_expected_is_cut_between_characters() {
        let problem = |expected: &str| {
            let unexpected = EventProblem::unexpected("invalid type", Unexpected::Unit, &expected);
            let error = serde_json::Error::invalid_type(Unexpected::Unit, &expected);
            assert_eq!(EventProblem::from_json(&error), unexpected);
            unexpected.to_string().strip_prefix("invalid type: null, expected ").unwrap().to_owned()
        };
        assert_eq!(problem(&"x".repeat(200)), "x".repeat(200));
        assert_eq!(problem(&"x".repeat(201)), "x".repeat(200));
        assert_eq!(problem(&format!("x{}", "é".repeat(100))), format!("x{}", "é".repeat(99)));
    }

    #[test]
    fn only_a_number_and_a_short_text_are_repeated_of_a_wrong_length() {
        let problem = |text: String| EventProblem::from_json(&serde_json::Error::custom(text)).to_string();
        let short = format!("invalid length 12, expected {}", "x".repeat(200));
        assert_eq!(problem(short.clone()), short);
        assert_eq!(problem(short + "x"), "invalid value");
        assert_eq!(problem("invalid length SECRET, expected two".to_owned()), "invalid value");
    }

    #[test]
    fn the_text_of_an_error_comes_without_its_place() {
        let error = serde_json::from_str::<u8>("\n x").unwrap_err();
        assert_eq!(error.to_string(), "expected value at line 2 column 2");
        assert_eq!(message(&error), "expected value");
        assert_eq!(message(&serde_json::Error::custom("no place")), "no place");
    }
}
