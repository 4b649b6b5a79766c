//! Text from elsewhere, made fit for a terminal.

/// So much is shown of a text that has no end of its own.
const SHOWN: usize = 1000;

/// Returns the text, short and unable to steer a terminal.
pub(crate) fn shown(text: &[u8]) -> String {
    shortened(text, SHOWN)
}

/// Returns at most so many characters of the text, unable to steer a terminal.
pub(crate) fn shortened(text: &[u8], most: usize) -> String {
    // A character has four bytes at most. What is not UTF-8 takes as many characters as bytes.
    let seen = text.get(..most.saturating_add(1).saturating_mul(4)).unwrap_or(text);
    let text = String::from_utf8_lossy(seen);
    let mut shown: String = text.chars().map(tame).take(most).collect();
    if text.chars().nth(most).is_some() {
        shown.push('…');
    }
    shown
}

/// Replaces what moves the cursor or the direction of writing: a name could hide what follows it.
fn tame(c: char) -> char {
    match c {
        '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => ' ',
        c if c.is_control() => ' ',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::{shortened, shown};

    #[test]
    fn what_steers_a_terminal_becomes_space() {
        assert_eq!(shown("a\u{1b}[2Jb\r\n\u{9b}c\u{202e}d\u{2028}e\u{61c}f".as_bytes()), "a [2Jb   c d e f");
        assert_eq!(shown("直播 💐 é".as_bytes()), "直播 💐 é");
        assert_eq!(shown(b"\xff\x00"), "\u{fffd} ");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(shortened("直播间".as_bytes(), 2), "直播…");
        assert_eq!(shortened("直播间".as_bytes(), 3), "直播间");
        assert_eq!(shortened(&[0xff; 9], 2), "\u{fffd}\u{fffd}…");
        assert_eq!(shown(&vec![b'a'; 1 << 20]).chars().count(), 1001);
    }
}
