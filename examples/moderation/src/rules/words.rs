//! Words to look for, from a file with an action and a word in each line.

use std::{fmt, ops::Range};

use aho_corasick::AhoCorasick;

use crate::rules::fold::{Folded, word};

/// What a word does to a message that has it, from the mildest to the strictest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Action {
    /// Lets the message through with `***` in place of the word.
    Replace,
    /// Holds the message back for review.
    Hold,
    /// Forbids the message.
    Forbid,
}

/// What replaces a word.
const MASK: &str = "***";

/// Words and their actions, found in one pass over a text however many they are.
pub(crate) struct Words {
    automaton: AhoCorasick,
    entries: Vec<Entry>,
}

struct Entry {
    action: Action,
    /// Only found where no letter or digit stands beside it.
    is_whole: bool,
}

/// What was found in a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The strictest action of the words in it.
    pub(crate) action: Option<Action>,
    /// Places of the words to replace.
    masked: Vec<Range<usize>>,
}

impl Words {
    /// Reads lines such as `hold casino`, `replace =ass` and `# a comment`. After an equals sign stands a word that is not to be
    /// found inside another.
    pub(crate) fn parse(text: &str) -> Result<Self, WordsError> {
        let (mut patterns, mut entries) = (Vec::new(), Vec::new());
        let lines = text.strip_prefix('\u{FEFF}').unwrap_or(text).lines();
        for (number, line) in (1..).zip(lines.map(str::trim)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (action, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let action = match action {
                "replace" => Action::Replace,
                "hold" => Action::Hold,
                "forbid" => Action::Forbid,
                _ => return Err(WordsError::Action { line: number }),
            };
            let rest = rest.trim();
            let whole = rest.strip_prefix('=');
            let pattern = word(whole.unwrap_or(rest).trim());
            if pattern.is_empty() {
                return Err(WordsError::NoWord { line: number });
            }
            patterns.push(pattern);
            entries.push(Entry { action, is_whole: whole.is_some() });
        }
        let automaton = AhoCorasick::new(patterns).map_err(|error| WordsError::TooMany(Box::new(error)))?;
        Ok(Self { automaton, entries })
    }

    /// Returns how many words there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Looks for the words in a text.
    pub(crate) fn find(&self, text: &str) -> Found {
        let mut found = Found::default();
        if self.entries.is_empty() {
            return found;
        }
        let folded = Folded::new(text);
        for hit in self.automaton.find_overlapping_iter(folded.as_str()) {
            let Some(entry) = self.entries.get(hit.pattern().as_usize()) else { continue };
            let place = folded.place(hit.start()..hit.end());
            if entry.is_whole && !stands_alone(text, &place) {
                continue;
            }
            found.action = found.action.max(Some(entry.action));
            if entry.action == Action::Replace {
                found.masked.push(place);
            }
        }
        found
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl Found {
    /// Returns the text with its words replaced; `None` if none is to be.
    pub(crate) fn mask(mut self, text: &str) -> Option<String> {
        self.masked.sort_by_key(|place| (place.start, place.end));
        let mut masked = String::new();
        let mut kept_to = 0;
        for place in &self.masked {
            if place.start >= kept_to {
                masked.push_str(text.get(kept_to..place.start)?);
                masked.push_str(MASK);
            }
            // One that begins within the one before is part of the same mask.
            kept_to = kept_to.max(place.end);
        }
        masked.push_str(text.get(kept_to..)?);
        (kept_to > 0).then_some(masked)
    }
}

fn stands_alone(text: &str, place: &Range<usize>) -> bool {
    let before = text.get(..place.start).and_then(|before| before.chars().next_back());
    let after = text.get(place.end..).and_then(|after| after.chars().next());
    !before.into_iter().chain(after).any(char::is_alphanumeric)
}

/// Why a text is no list of words. It quotes none of them.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WordsError {
    #[error("line {line} does not begin with replace, hold or forbid")]
    Action { line: usize },
    #[error("line {line} has no word")]
    NoWord { line: usize },
    #[error("too many words")]
    TooMany(#[source] Box<aho_corasick::BuildError>),
}

#[cfg(test)]
mod tests {
    use super::{Action, Words};

    fn words(text: &str) -> Words {
        Words::parse(text).unwrap()
    }

    #[track_caller]
    fn assert_masked(list: &str, text: &str, masked: &str) {
        assert_eq!(words(list).find(text).mask(text).as_deref(), Some(masked));
    }

    #[test]
    fn the_strictest_action_counts() {
        let words = words("\u{FEFF}# words\r\nreplace darn\n\n  hold   casino chips\nforbid = bet \n");
        assert_eq!(words.len(), 3);
        for (text, action) in [
            ("nothing", None),
            ("DARN it", Some(Action::Replace)),
            ("darn Casino Chips", Some(Action::Hold)),
            ("darn, no bet, casino chips", Some(Action::Forbid)),
            ("a better alphabet", None),
            ("bet", Some(Action::Forbid)),
        ] {
            assert_eq!(words.find(text).action, action, "{text}");
        }
    }

    #[test]
    fn words_are_replaced_where_they_stand() {
        assert_masked("replace damn", "DAMN, dämn, damn!", "***, dämn, ***!");
        assert_masked("replace straße", "die STRASSEN", "die ***N");
        assert_masked("replace ab\nreplace bc\nreplace abcd", "xabcdx ab", "x***x ***");
        assert_masked("replace a\nreplace b", "ab", "******");
        assert_masked("replace smile", "smile[TUIEmoji_Smile]smile", "***[TUIEmoji_Smile]***");
        assert_masked("replace 脏话\nhold x", "说脏话的人", "说***的人");
        assert_eq!(words("hold damn").find("damn").mask("damn"), None);
    }

    #[test]
    fn a_word_is_not_found_around_an_emoji_code() {
        let words = words("forbid damn\nforbid smile]");
        assert_eq!(words.find("da[TUIEmoji_Smile]mn").action, None);
    }

    #[test]
    fn many_thousand_words_are_found() {
        use std::fmt::Write as _;

        let list = (0..20_000).fold(String::new(), |mut list, number| {
            writeln!(list, "hold =word{number}").unwrap();
            list
        });
        let words = words(&list);
        assert_eq!(words.find("a WORD19999 here").action, Some(Action::Hold));
        assert_eq!(words.find("a word20000 here").action, None);
    }

    #[test]
    fn a_broken_list_is_refused_without_its_words() {
        for (list, text) in [
            ("hold a\nallow b", "line 2 does not begin with replace, hold or forbid"),
            ("hold", "line 1 has no word"),
            ("\n# x\nforbid =", "line 3 has no word"),
            ("hold \u{200B}", "line 1 has no word"),
        ] {
            assert_eq!(Words::parse(list).unwrap_err().to_string(), text);
        }
    }
}
