//! What `cargo bench` measured, as a table of ratios, and as a chart of the most important ones.
//!
//! `cargo run -p ratios -- --svg FILE` draws the chart as well. Both are made from the medians of the last run.

mod chart;
mod estimate;

use std::{
    env,
    error::Error,
    ffi::OsString,
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    process::ExitCode,
};

use chart::Chart;
use estimate::Estimate;

/// What all other times are compared with.
const FLOOR: &str = "room destroyed/a: the struct alone, by serde_json::from_str";

/// Group that is drawn, and the letters in it that stand for ways of reading the same packet.
const DRAWN: (&str, RangeInclusive<char>) = ("room destroyed", 'a'..='g');

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let svg = svg(env::args_os().skip(1).collect())?;
    let target = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"), PathBuf::from);
    let mut estimates = estimate::collect(&target.join("criterion"))?;
    let floor = estimates.iter().find(|estimate| estimate.name == FLOOR);
    let floor = floor.ok_or("nothing was measured yet: run `cargo bench` first")?;
    let (floor, start) = (floor.nanos, floor.written);
    // The floor is measured first: what is older is of another run.
    estimates.retain(|estimate| {
        if estimate.written < start {
            eprintln!("left out, for it is of an earlier run: {}", estimate.name);
        }
        estimate.written >= start
    });

    print_table(&estimates, floor);
    if let Some((body, ratio)) = costliest_report(&estimates) {
        println!(
            "\nHighest cost of drift::report, in times what receiving costs: {ratio:.2} ({body}); target 3.00"
        );
    }
    if let Some(file) = svg {
        let bars = estimates
            .iter()
            .filter_map(|estimate| Some((label(&estimate.name)?, estimate.nanos / floor)))
            .collect();
        let title = format!("Time of one call, {} (a = 1.00, shorter is faster)", DRAWN.0);
        fs::write(file, Chart { title: &title, bars }.to_string())?;
    }
    Ok(())
}

/// Returns the file to draw to, if the arguments name one.
fn svg(arguments: Vec<OsString>) -> Result<Option<PathBuf>, &'static str> {
    match <[OsString; 2]>::try_from(arguments) {
        Ok([flag, file]) if flag == "--svg" => Ok(Some(file.into())),
        Err(arguments) if arguments.is_empty() => Ok(None),
        _ => Err("takes no arguments but `--svg FILE`"),
    }
}

/// Returns what is written over the bar of a benchmark, if it is drawn at all.
fn label(name: &str) -> Option<&str> {
    let (group, letters) = DRAWN;
    let label = name.strip_prefix(group)?.strip_prefix('/')?;
    let (letter, _) = label.split_once(':')?;
    letters.contains(&letter.parse().ok()?).then_some(label)
}

fn print_table(estimates: &[Estimate], floor: f64) {
    println!("| {:<61} | {:>8} | {:>11} |", "measured", "ratio", "per element");
    println!("|{}|---------:|------------:|", "-".repeat(63));
    for estimate in estimates {
        let ratio = estimate.nanos / floor;
        let per_element = estimate.elements.map(|elements| format!("{:.4}", ratio / elements));
        println!("| {:<61} | {ratio:>8.2} | {:>11} |", estimate.name, per_element.unwrap_or_default());
    }
}

/// Returns the hostile body whose report costs most beside receiving it, and that ratio.
fn costliest_report(estimates: &[Estimate]) -> Option<(&str, f64)> {
    let nanos = |name: &str| estimates.iter().find(|estimate| estimate.name == name).map(|found| found.nanos);
    let ratios = estimates.iter().filter_map(|report| {
        let body = report.name.strip_prefix("hostile/drift/")?;
        Some((body, report.nanos / nanos(&format!("hostile/receive/{body}"))?))
    });
    ratios.max_by(|(_, one), (_, other)| one.total_cmp(other))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    #[test]
    fn the_costliest_report_is_that_of_the_highest_ratio() {
        let estimate = |name: &str, nanos| Estimate {
            name: name.to_owned(),
            nanos,
            written: SystemTime::UNIX_EPOCH,
            elements: None,
        };
        let estimates = [
            estimate("hostile/receive/a", 10.0),
            estimate("hostile/drift/a", 25.0),
            estimate("hostile/receive/b", 100.0),
            estimate("hostile/drift/b", 150.0),
            estimate("hostile/drift/never received", 1e9),
        ];
        assert_eq!(costliest_report(&estimates), Some(("a", 2.5)));
        assert_eq!(costliest_report(&estimates[2..]), Some(("b", 1.5)));
        assert_eq!(costliest_report(&[]), None);
    }

    #[test]
    fn the_ways_of_reading_the_packet_are_drawn_and_nothing_else() {
        assert_eq!(label(FLOOR), Some("a: the struct alone, by serde_json::from_str"));
        assert_eq!(
            label("room destroyed/g: Receiver::receive, signed"),
            Some("g: Receiver::receive, signed")
        );
        for name in [
            "room destroyed/h: Event::from_slice, error located",
            "room destroyed/no letter",
            "room destroyed by force/a: other",
            "replies/a: other",
        ] {
            assert_eq!(label(name), None, "{name}");
        }
    }

    #[test]
    fn only_a_file_to_draw_to_may_be_given() {
        let svg = |arguments: &[&str]| svg(arguments.iter().map(OsString::from).collect());
        assert_eq!(svg(&[]), Ok(None));
        assert_eq!(svg(&["--svg", "chart.svg"]), Ok(Some("chart.svg".into())));
        for wrong in [&["--svg"][..], &["--png", "chart.png"], &["--svg", "a", "b"], &["chart.svg"]] {
            assert_eq!(svg(wrong), Err("takes no arguments but `--svg FILE`"), "{wrong:?}");
        }
    }
}
