//! Brackets and strings of a JSON text, found without reading it.

use memchr::memchr2;

/// What gives a JSON text its structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark<'a> {
    /// `[` or `{`.
    Open,
    /// `]` or `}`.
    Close,
    /// A string, as it is written between its quotes.
    Text(&'a [u8]),
}

/// Brackets outside of strings, and strings, each with its offset. Ends at a string without an end.
pub(crate) struct Marks<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Marks<'a> {
    pub(crate) fn of(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    /// Reads the rest of a string.
    fn string(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        loop {
            self.at += memchr2(b'"', b'\\', self.text.get(self.at..)?)?;
            if self.text.get(self.at) == Some(&b'"') {
                let string = self.text.get(start..self.at);
                self.at += 1;
                return string;
            }
            self.at += 2;
        }
    }
}

impl<'a> Iterator for Marks<'a> {
    type Item = (usize, Mark<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let offset = self.at;
            let byte = self.text.get(offset)?;
            self.at += 1;
            let mark = match byte {
                b'[' | b'{' => Mark::Open,
                b']' | b'}' => Mark::Close,
                b'"' => Mark::Text(self.string()?),
                _ => continue,
            };
            return Some((offset, mark));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Mark, Marks};

    #[test]
    fn brackets_in_strings_are_text() {
        let marks: Vec<_> = Marks::of(br#" {"a\"]":[1,"\\"]}"#).collect();
        let expected = [
            (1, Mark::Open),
            (2, Mark::Text(br#"a\"]"#)),
            (9, Mark::Open),
            (12, Mark::Text(br"\\")),
            (16, Mark::Close),
            (17, Mark::Close),
        ];
        assert_eq!(marks, expected);
    }

    #[test]
    fn a_string_without_an_end_ends_it() {
        for text in [r#"[""#, r#"["]"#, r#"["\"#, r#"["\""#, r#"["\\\"#] {
            assert_eq!(Marks::of(text.as_bytes()).collect::<Vec<_>>(), [(0, Mark::Open)], "{text}");
        }
        assert_eq!(Marks::of(b"").next(), None);
    }
}
