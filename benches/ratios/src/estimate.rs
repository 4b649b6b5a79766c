//! Estimates that criterion writes below `target/criterion`.

use std::{error::Error, fs, path::Path, time::SystemTime};

use serde_json::Value;

/// Last measurement of one benchmark.
pub(crate) struct Estimate {
    /// Group and function, as criterion shows them.
    pub(crate) name: String,
    /// Median time of one call.
    pub(crate) nanos: f64,
    /// When it was measured.
    pub(crate) written: SystemTime,
    /// How many elements one call handles, where that was measured.
    pub(crate) elements: Option<f64>,
}

/// Finds the estimates of every benchmark below the folder, and sorts them by when they were measured.
pub(crate) fn collect(folder: &Path) -> Result<Vec<Estimate>, Box<dyn Error>> {
    let mut estimates = Vec::new();
    collect_into(folder, &mut estimates)?;
    estimates.sort_by_key(|estimate| estimate.written);
    Ok(estimates)
}

fn collect_into(folder: &Path, estimates: &mut Vec<Estimate>) -> Result<(), Box<dyn Error>> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        if path.ends_with("new") && path.join("estimates.json").exists() {
            estimates.push(read(&path)?);
        } else if path.is_dir() {
            collect_into(&path, estimates)?;
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
