//! Limit on the nesting of a body.

use crate::structure::{Mark, Marks};

/// Maximum nesting of a body. The same as `serde_json`'s limit for values that it builds; it has none for values that
/// it skips.
pub(super) const MAX_DEPTH: usize = 127;

/// Returns where the nesting becomes too deep.
pub(super) fn too_deep(body: &[u8]) -> Option<usize> {
    let (mut depth, mut unopened) = (0_usize, opening_brackets(body));
    let mut marks = Marks::of(body);
    // Nearly every packet has too few brackets, and is not looked at again.
    while depth + unopened > MAX_DEPTH {
        match marks.next()? {
            (offset, Mark::Open) if depth == MAX_DEPTH => return Some(offset),
            (_, Mark::Open) => (depth, unopened) = (depth + 1, unopened - 1),
            (_, Mark::Close) => depth = depth.saturating_sub(1),
            (_, Mark::Text(_)) => {}
        }
    }
    None
}

/// Counts `[` and `{`, which differ in one bit, in byte-sized sums that compilers vectorize.
fn opening_brackets(body: &[u8]) -> usize {
    // Multiple of a vector's length that cannot overflow the sum.
    const CHUNK: usize = 224;
    let in_chunk = |chunk: &[u8]| chunk.iter().map(|byte| u8::from(byte & !0x20 == b'[')).sum::<u8>();
    body.chunks(CHUNK).map(|chunk| usize::from(in_chunk(chunk))).sum()
}

#[cfg(test)]
mod tests {
    use super::{MAX_DEPTH, opening_brackets, too_deep};

    #[test]
    fn brackets_are_counted_wherever_they_stand() {
        for length in [0, 1, 254, 255, 256, 1000] {
            assert_eq!(opening_brackets(&b"[{".repeat(length)), 2 * length);
            assert_eq!(opening_brackets(&b"]}\"\\aZ;\xdb\xfb".repeat(length)), 0);
        }
    }

    #[test]
    fn depth_is_that_of_brackets_outside_of_strings() {
        let open = "[{".repeat(MAX_DEPTH).into_bytes();
        assert_eq!(too_deep(&open), Some(MAX_DEPTH));
        assert_eq!(too_deep(open.get(..MAX_DEPTH).unwrap()), None);
        assert_eq!(too_deep(&b"[]{}".repeat(MAX_DEPTH)), None);
        assert_eq!(too_deep(&br#""[\"{\\"[]"#.repeat(MAX_DEPTH)), None);
        assert_eq!(too_deep(&[b"\"]]", &*b"[".repeat(MAX_DEPTH + 1)].concat()), None);
        let string_first = [br#"]]"\"""#.to_vec(), b"[".repeat(MAX_DEPTH + 1)].concat();
        assert_eq!(too_deep(&string_first), Some(6 + MAX_DEPTH));
        let others_first = [b"[]{}\"[[{\"".to_vec(), b"[".repeat(MAX_DEPTH + 1)].concat();
        assert_eq!(too_deep(&others_first), Some(9 + MAX_DEPTH));
        assert_eq!(too_deep(&others_first[1..]), Some(8 + MAX_DEPTH), "a bracket too many is closed");
        assert_eq!(too_deep(others_first.split_last().unwrap().1), None);
    }
}
