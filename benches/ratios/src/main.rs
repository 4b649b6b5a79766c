//! What `cargo bench` measured, as a table of ratios.
//!
//! Criterion writes its estimates below `target/criterion`; this reads the medians of the last run.

mod estimate;

use std::{
    env,
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// What all other times are compared with.
const FLOOR: &str = "room destroyed/a: the struct alone, by serde_json::from_str";

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

    println!("| {:<61} | {:>8} | {:>11} |", "measured", "ratio", "per element");
    println!("|{}|---------:|------------:|", "-".repeat(63));
    for estimate in &estimates {
        let ratio = estimate.nanos / floor;
        let per_element = estimate.elements.map(|elements| format!("{:.4}", ratio / elements));
        println!("| {:<61} | {ratio:>8.2} | {:>11} |", estimate.name, per_element.unwrap_or_default());
    }
    Ok(())
}
