//! Emoji codes of the kits, such as `[TUIEmoji_Smile]`.

const OPEN: &str = "[TUIEmoji_";

/// Most bytes of a code's name. The kits' own have 12.
const MAX_NAME: usize = 24;

/// Returns the code that the text begins with.
pub(crate) fn code(text: &str) -> Option<&str> {
    let name = text.strip_prefix(OPEN)?;
    let length = name.bytes().take(MAX_NAME + 1).position(|byte| byte == b']')?;
    let is_code = length > 0 && name.bytes().take(length).all(|byte| byte.is_ascii_alphanumeric());
    text.get(..OPEN.len() + length + 1).filter(|_| is_code)
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn a_code_is_a_name_in_brackets() {
        assert_eq!(code("[TUIEmoji_Smile] hi"), Some("[TUIEmoji_Smile]"));
        assert_eq!(code("[TUIEmoji_666]"), Some("[TUIEmoji_666]"));
        let long = format!("[TUIEmoji_{}]", "x".repeat(25));
        for other in
            ["", "[", "[Smile]", "[TUIEmoji_]", "[TUIEmoji_a b]", "[TUIEmoji_a", "x[TUIEmoji_a]", &long]
        {
            assert_eq!(code(other), None, "{other}");
        }
    }
}
