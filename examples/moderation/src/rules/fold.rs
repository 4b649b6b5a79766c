//! Texts with case and width folded, and the way back to what was folded.

use std::ops::{Range, RangeInclusive};

use caseless::Caseless;
use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

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
        // What most texts are made of stays in its place.
        let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'[';
        if original.bytes().all(is_plain) && !original.contains("  ") {
            return Self { text: original.to_ascii_lowercase(), places: None };
        }
        let mut text = String::with_capacity(original.len());
        let mut places = Vec::with_capacity(original.len());
        let mut at = 0;
        while at < original.len() {
            let code = emoji::code(original.get(at..).unwrap_or_default());
            let end = at + code.map_or_else(|| letter(original.get(at..).unwrap_or_default()), str::len);
            if code.is_some() {
                text.push(CODE);
            } else if let Some(letter) = original.get(at..end) {
                append(&mut text, letter);
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
    let mut folded = String::with_capacity(word.len());
    append(&mut folded, word);
    folded
}

/// Appends a part of a text, folded. White space, whichever and however much, is one space.
fn append(folded: &mut String, part: &str) {
    for character in fold(part) {
        if !character.is_whitespace() {
            folded.push(character);
        } else if !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
}

/// Compatibility caseless matching.
fn fold(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|character| !is_invisible(*character)).nfkd().default_case_fold().nfkd()
}

/// Returns how many bytes the first character has with its marks, which may stand in any order, and are put into one together.
fn letter(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    let end = characters.find(|(_, next)| canonical_combining_class(*next) == 0 && !is_invisible(*next));
    end.map_or(text.len(), |(end, _)| end)
}

/// Characters that are not shown, Unicode's `Default_Ignorable_Code_Point`: in a word, they are there to hide it, most of the time, as
/// are control characters.
const INVISIBLE: [RangeInclusive<char>; 17] = [
    '\u{AD}'..='\u{AD}',
    '\u{34F}'..='\u{34F}',
    '\u{61C}'..='\u{61C}',
    '\u{115F}'..='\u{1160}',
    '\u{17B4}'..='\u{17B5}',
    '\u{180B}'..='\u{180F}',
    '\u{200B}'..='\u{200F}',
    '\u{202A}'..='\u{202E}',
    '\u{2060}'..='\u{206F}',
    '\u{3164}'..='\u{3164}',
    '\u{FE00}'..='\u{FE0F}',
    '\u{FEFF}'..='\u{FEFF}',
    '\u{FFA0}'..='\u{FFA0}',
    '\u{FFF0}'..='\u{FFF8}',
    '\u{1BCA0}'..='\u{1BCA3}',
    '\u{1D173}'..='\u{1D17A}',
    '\u{E0000}'..='\u{E0FFF}',
];

fn is_invisible(character: char) -> bool {
    if character.is_control() {
        return !['\t', '\n', '\r'].contains(&character);
    }
    // Most are letters of ASCII.
    !character.is_ascii() && INVISIBLE.iter().any(|range| range.contains(&character))
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
        for character in "\u{AD}\u{34F}\u{61C}\u{115F}\u{1160}\u{17B4}\u{17B5}\u{180B}\u{180F}\u{200B}\u{200F}\u{202A}\u{202E}\u{2060}\u{206F}\u{3164}\u{FE00}\u{FE0F}\u{FEFF}\u{FFA0}\u{FFF0}\u{FFF8}\u{1BCA0}\u{1BCA3}\u{1D173}\u{1D17A}\u{E0000}\u{E0020}\u{E0FFF}".chars() {
            let hidden = format!("da{character}mn");
            assert_found(&format!("a {hidden} shame"), "damn", &hidden);
            assert_found("a damn shame", &hidden, "damn");
        }
        for character in (0..=0x1F).chain(0x7F..=0x9F).filter_map(char::from_u32) {
            if !['\t', '\n', '\r'].contains(&character) {
                let hidden = format!("da{character}mn");
                assert_found(&format!("a {hidden} shame"), "damn", &hidden);
            }
        }
        // Beside the ranges.
        for character in
            "\u{AC}\u{AE}\u{200A}\u{2010}\u{2029}\u{202F}\u{205F}\u{2070}\u{FE10}\u{FFF9}".chars()
        {
            assert!(!Folded::new(&format!("da{character}mn")).as_str().contains("damn"), "{character:?}");
        }
    }

    #[test]
    fn white_space_is_one_space() {
        assert_found("no casino  chips", "casino chips", "casino  chips");
        assert_found("no casino \r\n\tchips", "casino chips", "casino \r\n\tchips");
        assert_found(
            "no casino \u{200B}\u{A0}\u{3000}\u{2028}chips",
            "casino chips",
            "casino \u{200B}\u{A0}\u{3000}\u{2028}chips",
        );
        assert_found("no casino chips", "casino \t chips", "casino chips");
        assert_found("casino\nchips  ", "casino chips", "casino\nchips");
        assert!(!Folded::new("casinochips").as_str().contains("casino chips"));
    }

    #[test]
    fn marks_are_the_same_in_any_order() {
        // A dot below and an acute.
        assert_found("na\u{301}\u{323}m it", "na\u{323}\u{301}m", "na\u{301}\u{323}m");
        assert_found("n\u{1EA1}\u{301}m it", "n\u{E1}\u{323}m", "n\u{1EA1}\u{301}m");
        assert_found("na\u{301}\u{200B}\u{323}m it", "na\u{323}\u{301}m", "na\u{301}\u{200B}\u{323}m");
    }

    #[test]
    fn emoji_codes_hold_no_words() {
        let folded = Folded::new("a[TUIEmoji_Smile]b");
        assert_eq!(folded.as_str(), "a\u{FFFC}b");
        assert_eq!(folded.place(4..5), 17..18);
        assert_eq!(folded.place(1..4), 1..17);
        assert_eq!(Folded::new("[tuiemoji_smile] [Smile]").as_str(), "[tuiemoji_smile] [smile]");
        assert_found("a [TUIEmoji_Damn] shame", "damn", "Damn");
    }
}
