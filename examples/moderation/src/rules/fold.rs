//! Texts with case and width folded, and the way back to what was folded.

use std::ops::Range;

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

use crate::text::emoji;

/// Stands for an emoji code: no word has it.
const CODE: char = '\u{FFFC}';

/// A text in which letters that differ in case, width or composition are the same, and which character of the original each byte
/// of it stands for.
#[derive(Debug)]
pub(crate) struct Folded {
    text: String,
    /// For each byte, its character in the original; `None` where that has the same place.
    places: Option<Vec<Range<usize>>>,
}

impl Folded {
    pub(crate) fn new(original: &str) -> Self {
        if original.is_ascii() && !original.contains('[') {
            return Self { text: original.to_ascii_lowercase(), places: None };
        }
        let mut text = String::with_capacity(original.len());
        let mut places = Vec::with_capacity(original.len());
        let mut at = 0;
        while let Some(character) = original.get(at..).and_then(|rest| rest.chars().next()) {
            let code = emoji::code(original.get(at..).unwrap_or_default());
            let end = at + code.map_or(character.len_utf8(), str::len);
            if code.is_some() {
                text.push(CODE);
            } else if !is_invisible(character) {
                text.extend(fold(character));
            }
            places.resize(text.len(), at..end);
            at = end;
        }
        Self { text, places: Some(places) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns where in the original a part of the text comes from.
    pub(crate) fn place(&self, part: Range<usize>) -> Range<usize> {
        let Some(places) = &self.places else { return part };
        let start = places.get(part.start).map_or(0, |place| place.start);
        let end = part.end.checked_sub(1).and_then(|last| places.get(last)).map_or(start, |place| place.end);
        start..end
    }
}

/// Folds a word as texts are folded.
pub(crate) fn word(word: &str) -> String {
    word.chars().filter(|character| !is_invisible(*character)).flat_map(fold).collect()
}

/// Compatibility caseless matching, character by character: the full form makes no difference for words that people write.
fn fold(character: char) -> impl Iterator<Item = char> {
    std::iter::once(character).nfkd().default_case_fold().nfkd()
}

/// Tells whether a character is written to hide a word, most of the time: soft hyphen, zero-width space and the like.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::{Folded, word};

    #[track_caller]
    fn assert_found(text: &str, searched: &str, found: &str) {
        let folded = Folded::new(text);
        let searched = word(searched);
        let start = folded.as_str().find(&searched).unwrap_or_else(|| panic!("{folded:?}"));
        assert_eq!(&text[folded.place(start..start + searched.len())], found);
    }

    #[test]
    fn case_width_and_composition_make_no_difference() {
        assert_found("so a DAMN shame", "damn", "DAMN");
        assert_found("ÜBEL und ärger", "übel", "ÜBEL");
        assert_found("eine STRASSE", "straße", "STRASSE");
        assert_found("eine Straße!", "STRASSE", "Straße");
        assert_found("Ｄａｍｎ it", "damn", "Ｄａｍｎ");
        assert_found("cafe\u{301} latte", "caf\u{e9}", "cafe\u{301}");
        assert_found("ΟΔΟΣ", "οδος", "ΟΔΟΣ");
        assert_found("说脏话的人", "脏话", "脏话");
        assert_found("İstanbul", "i̇stanbul", "İstanbul");
    }

    #[test]
    fn what_cannot_be_seen_is_skipped() {
        assert_found("da\u{200B}m\u{AD}n it", "damn", "da\u{200B}m\u{AD}n");
    }

    #[test]
    fn emoji_codes_hold_no_words() {
        let folded = Folded::new("a[TUIEmoji_Smile]b");
        assert_eq!(folded.as_str(), "a\u{FFFC}b");
        assert_eq!(folded.place(4..5), 17..18);
        assert_eq!(folded.place(1..4), 1..17);
        assert_eq!(Folded::new("[tuiemoji_smile] [Smile]").as_str(), "[tuiemoji_smile] [smile]");
    }
}
