//! Strings in JSON, and in JSON that is itself a string in JSON.

use serde::de::IgnoredAny;

/// Shows each string value of a JSON text to the function, and puts what that returns in its place. A string that is itself JSON
/// is looked into, so many levels deep.
///
/// Returns an `Err` if it is no JSON object or array. All but the strings that are changed stays as it was, to the byte: the order of
/// names, spaces, digits of numbers.
pub(crate) fn rewrite(
    json: &str,
    levels: u8,
    edit: &mut dyn FnMut(&str) -> Option<String>,
) -> Result<Rewritten, NotJson> {
    if !is_json(json) {
        return Err(NotJson);
    }
    let mut changed = String::new();
    let mut kept_to = 0;
    let mut hides = false;
    let mut at = 0;
    while let Some(start) = find_quote(json, at) {
        let end = end_of_string(json, start).ok_or(NotJson)?;
        at = end;
        if json.get(end..).is_some_and(|rest| rest.trim_start().starts_with(':')) {
            // A name.
            continue;
        }
        let literal = json.get(start..end).ok_or(NotJson)?;
        let value: String = serde_json::from_str(literal).map_err(|_| NotJson)?;
        let inner = levels.checked_sub(1).and_then(|levels| rewrite(&value, levels, edit).ok());
        let edited = if let Some(inner) = inner {
            hides |= inner.hides;
            inner.changed
        } else {
            hides |= is_escaped(&value) || (value.contains('"') && is_json(&value));
            edit(&value)
        };
        if let Some(edited) = edited {
            changed.push_str(json.get(kept_to..start).ok_or(NotJson)?);
            changed.push_str(&serde_json::to_string(&edited).map_err(|_| NotJson)?);
            kept_to = end;
        }
    }
    if kept_to == 0 {
        return Ok(Rewritten { changed: None, hides });
    }
    changed.push_str(json.get(kept_to..).ok_or(NotJson)?);
    Ok(Rewritten { changed: Some(changed), hides })
}

/// What became of a JSON text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rewritten {
    /// `None` if nothing was changed.
    pub(crate) changed: Option<String>,
    /// It has strings that were not shown for what they say: in JSON that is a string, one level too many, or that is broken.
    pub(crate) hides: bool,
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Tells whether a text that is no JSON object or array may have escaped letters, for a reader less strict than this one.
pub(crate) fn is_escaped(text: &str) -> bool {
    let start = text.trim_start_matches(|first: char| first.is_whitespace() || first == '\u{FEFF}');
    start.starts_with(['{', '[', '"']) && text.contains('\\') && !is_json(text)
}

/// A text that is no JSON object or array.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotJson;

fn find_quote(json: &str, from: usize) -> Option<usize> {
    Some(from + json.get(from..)?.find('"')?)
}

/// Returns the place after the quote that ends the string.
fn end_of_string(json: &str, start: usize) -> Option<usize> {
    let mut bytes = json.bytes().enumerate().skip(start + 1);
    loop {
        match bytes.next()? {
            (at, b'"') => return Some(at + 1),
            (_, b'\\') => drop(bytes.next()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{NotJson, Rewritten, is_escaped, rewrite};

    fn strings(json: &str) -> Vec<String> {
        let mut seen = Vec::new();
        let rewritten = rewrite(json, 1, &mut |text| {
            seen.push(text.to_owned());
            None
        });
        assert_eq!(rewritten.unwrap().changed, None);
        seen
    }

    #[track_caller]
    fn assert_changed(json: &str, edit: fn(&str) -> Option<String>, expected: &str) {
        let changed = Some(expected.to_owned());
        assert_eq!(rewrite(json, 1, &mut |text| edit(text)), Ok(Rewritten { changed, hides: false }));
    }

    #[test]
    fn values_are_seen_and_names_are_not() {
        assert_eq!(strings(r#"{"a" : "b", "c":["d", 1, null, {"e":"f"}]}"#), ["b", "d", "f"]);
        assert_eq!(strings(r#"["\u0064amn", "a\"b\\", ""]"#), ["damn", "a\"b\\", ""]);
    }

    #[test]
    fn one_level_of_json_in_json_is_looked_into() {
        let inner = r#"{"text":"damn","more":"{\"deep\":\"er\"}"}"#;
        let outer = serde_json::json!({ "BusinessId": "card", "Data": inner }).to_string();
        assert_eq!(strings(&outer), ["card", "damn", r#"{"deep":"er"}"#]);
    }

    #[test]
    fn all_else_stays_as_it_was() {
        let json = r#"{ "z":1.50, "big": 12345678901234567890123, "a":"b\u00e9", "t":"damn \"x\"" }"#;
        let edit = |text: &str| text.starts_with("damn").then(|| text.replace("damn", "***"));
        let expected = r#"{ "z":1.50, "big": 12345678901234567890123, "a":"b\u00e9", "t":"*** \"x\"" }"#;
        assert_changed(json, edit, expected);
        let nested = r#"{"Data":"{\"text\": \"damn\"}"}"#;
        assert_changed(nested, edit, r#"{"Data":"{\"text\": \"***\"}"}"#);
    }

    #[test]
    fn what_is_not_shown_is_said_to_be() {
        let hides = |json: &str| rewrite(json, 1, &mut |_| None).unwrap().hides;
        let within = |text: &str| serde_json::json!([text]).to_string();
        for shown in [r#"{"a":"b"}"#.to_owned(), within(r#"["b"]"#), within(&within("[1]")), within("a\\b")] {
            assert!(!hides(&shown), "{shown}");
        }
        let broken = r#"{"a":"\u0063asino",}"#;
        for hidden in [within(&within(r#"["b"]"#)), within(broken), within(&within(broken))] {
            assert!(hides(&hidden), "{hidden}");
        }
        for escaped in [broken, " {'a':'\\x63asino'}", "\"\\u0063asino\"", "\u{FEFF}[\"\\u0063asino\"]"] {
            assert!(is_escaped(escaped), "{escaped}");
        }
        for plain in [r#"{"a":"\u0063asino"}"#, "{casino}", r"C:\casino", "[smile] hi"] {
            assert!(!is_escaped(plain), "{plain}");
        }
    }

    #[test]
    fn what_is_not_json_is_said_to_be() {
        for text in ["", "plain", "\"a\"", "{", "{\"a\":}", "[1] x", "1"] {
            assert_eq!(rewrite(text, 1, &mut |_| None), Err(NotJson), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(rewrite(&deep, 1, &mut |_| None), Err(NotJson));
    }
}
