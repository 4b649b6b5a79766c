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

fn escape(name: &str, pointer: &mut String) {
    // Nearly no name has anything to escape.
    if memchr2(b'~', b'/', name.as_bytes()).is_none() {
        pointer.push_str(name);
        return;
    }
    pointer.reserve(2 * name.len());
    for character in name.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            _ => pointer.push(character),
        }
    }
}
