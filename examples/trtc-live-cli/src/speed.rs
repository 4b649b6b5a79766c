//! How fast packets are replayed.

/// How much faster than it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Speed {
    Times(f64),
    /// Without waiting.
    Max,
}

/// Reads a speed.
pub(crate) fn speed(text: &str) -> Result<Speed, &'static str> {
    if text == "max" {
        return Ok(Speed::Max);
    }
    let times = text.parse().ok().filter(|times| (0.001..=1_000_000.0).contains(times));
    times.map(Speed::Times).ok_or("expected a number above 0, or `max`")
}

#[cfg(test)]
mod tests {
    use super::{Speed, speed};

    #[test]
    fn speeds_are_positive() {
        assert_eq!(speed("max"), Ok(Speed::Max));
        assert_eq!(speed("2.5"), Ok(Speed::Times(2.5)));
        for text in ["0", "-1", "", "fast", "NaN", "inf"] {
            assert!(speed(text).is_err(), "{text}");
        }
    }
}
