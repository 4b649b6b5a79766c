//! How long answers take: percentiles and a histogram.

use std::{fmt::Write, time::Duration};

use hdrhistogram::Histogram;

/// Most lines of the histogram.
const BARS: u64 = 11;

/// Length of the longest bar.
const WIDTH: u64 = 40;

/// Latencies in microseconds, in a table of constant size, and the longest of them.
pub(crate) struct Latency(Histogram<u64>, Duration);

impl Default for Latency {
    #[expect(clippy::expect_used, reason = "the bounds are constants that every test of a report uses")]
    fn default() -> Self {
        // Three digits from a microsecond to a minute: more than any wait.
        Self(Histogram::new_with_bounds(1, 60_000_000, 3).expect("bounds are in order"), Duration::ZERO)
    }
}

impl Latency {
    pub(crate) fn add(&mut self, elapsed: Duration) {
        self.1 = self.1.max(elapsed);
        self.0.saturating_record(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX));
    }

    /// Returns percentiles in one line. A single delivery has its time only.
    pub(crate) fn summary(&self) -> String {
        let slowest = format!("slowest {} ms", self.1.as_nanos().div_ceil(1_000_000));
        match self.0.len() {
            0 | 1 => slowest,
            _ => {
                let [p50, p99] = [0.5, 0.99].map(|quantile| millis(self.0.value_at_quantile(quantile)));
                format!("{slowest}, p50 {p50} ms, p99 {p99} ms")
            }
        }
    }

    /// Returns one line for each equal part between the fastest and the slowest, with a bar as long as many fell into it.
    pub(crate) fn bars(&self) -> String {
        let (min, max) = (self.0.min(), self.0.max());
        let step = (max - min) / BARS + 1;
        let mut counts: Vec<_> = (0..=(max - min) / step).map(|bar| (min + bar * step, 0)).collect();
        for recorded in self.0.iter_recorded() {
            // The table gives the upper end of what it does not tell apart.
            let bar = recorded.value_iterated_to().min(max).saturating_sub(min) / step;
            if let Some((_, count)) = usize::try_from(bar).ok().and_then(|bar| counts.get_mut(bar)) {
                *count += recorded.count_at_value();
            }
        }
        let most = counts.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
        let mut text = String::new();
        for (from, count) in counts {
            let mut bar = "■".repeat(usize::try_from((count * WIDTH).div_ceil(most)).unwrap_or_default());
            if !bar.is_empty() {
                bar.insert(0, ' ');
            }
            // Writing into a text cannot fail.
            let _ = writeln!(text, "{:>9} ms {count:>7}{bar}", millis(from));
        }
        text
    }
}

/// Writes microseconds as milliseconds.
fn millis(micros: u64) -> String {
    format!("{}.{:02}", micros / 1000, micros % 1000 / 10)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Latency;

    fn latency(millis: impl IntoIterator<Item = u64>) -> Latency {
        let mut latency = Latency::default();
        millis.into_iter().for_each(|millis| latency.add(Duration::from_millis(millis)));
        latency
    }

    #[test]
    fn percentiles_are_those_of_what_was_added() {
        assert_eq!(latency(1..=1000).summary(), "slowest 1000 ms, p50 500.22 ms, p99 990.20 ms");
        assert_eq!(latency([7]).summary(), "slowest 7 ms");
        assert_eq!(latency([]).summary(), "slowest 0 ms");
    }

    #[test]
    fn every_delivery_is_in_one_bar() {
        for millis in [vec![5, 5, 5], (0..500).collect(), vec![0, 3000], vec![1, 2, 3, 2999, 60_000]] {
            let latency = latency(millis.clone());
            let bars = latency.bars();
            let counts = bars.lines().map(|line| line.split_whitespace().nth(2).unwrap().parse::<usize>());
            assert_eq!(counts.map(Result::unwrap).sum::<usize>(), millis.len(), "{bars}");
            assert!(bars.lines().count() <= 12, "{bars}");
        }
    }

    #[test]
    fn bars_are_as_long_as_many() {
        let bars = latency([10, 10, 10, 10, 120, 120]).bars();
        let lengths: Vec<_> = bars.lines().map(|line| line.matches('■').count()).collect();
        assert_eq!((lengths[0], *lengths.last().unwrap()), (40, 20), "{bars}");
        assert_eq!(lengths[1..lengths.len() - 1].iter().sum::<usize>(), 0, "{bars}");
    }
}
