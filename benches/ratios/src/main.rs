//! What `cargo bench` measured, as a table of ratios.
//!
//! Criterion writes its estimates below `target/criterion`; this reads the medians of the last run.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::SystemTime,
};

use serde_json::Value;

/// What all other times are compared with.
const FLOOR: &str = "room destroyed/a: the struct alone, by serde_json::from_str";

struct Estimate {
    /// Group and function, as criterion shows them.
    name: String,
    /// Median time of one call.
    nanos: f64,
    /// When it was measured.
    written: SystemTime,
    /// How many elements one call handles, where that was measured.
    elements: Option<f64>,
}

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
    let mut estimates = Vec::new();
    collect(&target.join("criterion"), &mut estimates)?;
    estimates.sort_by_key(|estimate| estimate.written);
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

/// Finds the estimates of every benchmark below the folder.
fn collect(folder: &Path, estimates: &mut Vec<Estimate>) -> Result<(), Box<dyn Error>> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.ends_with("new") && path.join("estimates.json").exists() {
            estimates.push(read(&path)?);
        } else if path.is_dir() {
            collect(&path, estimates)?;
        }
    }
    Ok(())
}

fn read(folder: &Path) -> Result<Estimate, Box<dyn Error>> {
    let json = |file: &str| -> Result<Value, Box<dyn Error>> {
        Ok(serde_json::from_str(&fs::read_to_string(folder.join(file))?)?)
    };
    let benchmark = json("benchmark.json")?;
    let nanos = json("estimates.json")?.pointer("/median/point_estimate").and_then(Value::as_f64);
    Ok(Estimate {
        name: benchmark
            .get("full_id")
            .and_then(Value::as_str)
            .ok_or("benchmark.json names no benchmark")?
            .to_owned(),
        nanos: nanos.ok_or("estimates.json holds no median")?,
        written: fs::metadata(folder.join("estimates.json"))?.modified()?,
        elements: benchmark.pointer("/throughput/Elements").and_then(Value::as_f64),
    })
}
