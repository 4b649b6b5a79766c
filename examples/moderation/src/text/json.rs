//! Strings in JSON, and in JSON that is itself a string in JSON.

use serde::de::IgnoredAny;

/// Shows each string value of a JSON text to the function, and puts what that returns in its place. A string that is itself JSON
/// is looked into, so many levels deep.
///
/// Returns the changed text; `None` if nothing was changed, and an `Err` if it is no JSON object or array. All but the strings that
/// are changed stays as it was, to the byte: the order of names, spaces, digits of numbers.
pub(crate) fn rewrite(
    json: &str,
    levels: u8,
    edit: &mut dyn FnMut(&str) -> Option<String>,
) -> Result<Option<String>, NotJson> {
    if !json.trim_start().starts_with(['{', '[']) || serde_json::from_str::<IgnoredAny>(json).is_err() {
        return Err(NotJson);
    }
    let mut changed = String::new();
    let mut kept_to = 0;
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
        let edited = match levels.checked_sub(1).map(|levels| rewrite(&value, levels, edit)) {
            Some(Ok(edited)) => edited,
            _ => edit(&value),
        };
        if let Some(edited) = edited {
            changed.push_str(json.get(kept_to..start).ok_or(NotJson)?);
            changed.push_str(&serde_json::to_string(&edited).map_err(|_| NotJson)?);
            kept_to = end;
        }
    }
    if kept_to == 0 {
        return Ok(None);
    }
    changed.push_str(json.get(kept_to..).ok_or(NotJson)?);
    Ok(Some(changed))
}

/// Tells whether there are strings in a JSON text that [`rewrite`] does not show for what they say, because they are in JSON that is a
/// string, one level too many.
pub(crate) fn is_deeper(json: &str, levels: u8) -> bool {
    let mut is_deeper = false;
    // What is no JSON has none.
    let _ = rewrite(json, levels, &mut |text| {
        is_deeper |= text.contains('"') && rewrite(text, 0, &mut |_| None).is_ok();
        None
    });
    is_deeper
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
    use super::{NotJson, rewrite};

    fn strings(json: &str) -> Vec<String> {
        let mut seen = Vec::new();
        let unchanged = rewrite(json, 1, &mut |text| {
            seen.push(text.to_owned());
            None
        });
        assert_eq!(unchanged, Ok(None));
        seen
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
        let changed =
            rewrite(json, 1, &mut |text| text.starts_with("damn").then(|| text.replace("damn", "***")));
        let expected = r#"{ "z":1.50, "big": 12345678901234567890123, "a":"b\u00e9", "t":"*** \"x\"" }"#;
        assert_eq!(changed, Ok(Some(expected.to_owned())));

        let nested = r#"{"Data":"{\"text\": \"damn\"}"}"#;
        let changed = rewrite(nested, 1, &mut |text| (text == "damn").then(|| "***".to_owned()));
        assert_eq!(changed, Ok(Some(r#"{"Data":"{\"text\": \"***\"}"}"#.to_owned())));
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
