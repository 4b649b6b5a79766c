//! Paths in a packet, written out only if they are reported.

use memchr::memchr2;

/// A place in a packet, as seen from the place that it is in.
#[derive(Clone, Copy)]
pub(super) enum Path<'p> {
    /// The packet itself.
    Packet,
    /// A field of an object.
    Field(&'p Path<'p>, &'p str),
    /// An element of a list.
    Element(&'p Path<'p>, usize),
}

impl Path<'_> {
    /// Writes it as a JSON Pointer (RFC 6901).
    pub(super) fn pointer(&self) -> String {
        let mut pointer = String::new();
        self.append_to(&mut pointer);
        pointer
    }

    fn append_to(&self, pointer: &mut String) {
        match self {
            Self::Packet => {}
            Self::Field(above, name) => {
                above.append_to(pointer);
                pointer.push('/');
                escape(name, pointer);
            }
            Self::Element(above, index) => {
                above.append_to(pointer);
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
        }
    }
}

/// Length in bytes from which on a name is cut: no documented name has more than 40, and a report must not cost more
/// than reading the packet does.
const MAX_NAME: usize = 128;

fn escape(name: &str, pointer: &mut String) {
    let mut ends = (0..=name.len().min(MAX_NAME)).rev();
    let end = ends.find(|end| name.is_char_boundary(*end)).unwrap_or_default();
    let (shown, rest) = name.split_at(end);
    // Nearly no name has anything to escape.
    if memchr2(b'~', b'/', shown.as_bytes()).is_none() {
        pointer.push_str(shown);
    } else {
        pointer.reserve(2 * shown.len());
        for character in shown.chars() {
            match character {
                '~' => pointer.push_str("~0"),
                '/' => pointer.push_str("~1"),
                _ => pointer.push(character),
            }
        }
    }
    if !rest.is_empty() {
        pointer.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_NAME, Path};

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let pointer = |name: &str| Path::Field(&Path::Packet, name).pointer();
        let longest = "/".repeat(MAX_NAME);
        assert_eq!(pointer(&longest), format!("/{}", "~1".repeat(MAX_NAME)));
        assert_eq!(pointer(&format!("{longest}/")), format!("/{}…", "~1".repeat(MAX_NAME)));
        let name = format!("{}é{}", "x".repeat(MAX_NAME - 1), "x".repeat(MAX_NAME));
        assert_eq!(pointer(&name), format!("/{}…", "x".repeat(MAX_NAME - 1)));
        assert_eq!(pointer(&"é".repeat(MAX_NAME / 2)), format!("/{}", "é".repeat(MAX_NAME / 2)));
    }
}
