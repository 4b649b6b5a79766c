//! The samples by name.

use std::io::{self, Write};

use trtc_live_webhook::samples::{ALL, Sample};

use crate::failure::Failure;

/// Prints every sample.
pub(crate) fn list() -> Result<bool, Failure> {
    let width = width();
    let mut out = io::stdout().lock();
    for sample in ALL {
        let event = sample.event();
        let page = event.command().documentation().unwrap_or_default();
        writeln!(out, "{:width$}  {:width$}  {page}", sample.name(), event.command().as_str())?;
    }
    Ok(true)
}

/// Finds a sample by its name, or by what stands behind `Callback` in it, without regard to case.
pub(crate) fn find(name: &str) -> Result<&'static Sample, &'static str> {
    ALL.iter()
        .find(|sample| {
            [sample.name(), short(sample.name())].iter().any(|known| known.eq_ignore_ascii_case(name))
        })
        .ok_or("there is no such sample; `trtc-live list` prints them all")
}

/// Returns the newest sample of every command.
pub(crate) fn newest() -> impl Iterator<Item = &'static Sample> {
    ALL.iter().filter(|sample| sample.event().command() == sample.name())
}

/// Returns the length of the longest name, for columns.
pub(crate) fn width() -> usize {
    ALL.iter().map(|sample| sample.name().len()).max().unwrap_or_default()
}

fn short(name: &str) -> &str {
    name.split_once(".Callback").map_or(name, |(_family, short)| short)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use trtc_live_webhook::Command;

    use super::{ALL, Sample, find, newest, short};

    #[test]
    fn short_names_tell_the_samples_apart() {
        let short: BTreeSet<_> = ALL.iter().map(|sample| short(sample.name()).to_ascii_lowercase()).collect();
        assert_eq!(short.len(), ALL.len());
    }

    #[test]
    fn samples_are_found_by_either_name_in_any_case() {
        for name in ["Live.CallbackAfterDestroyRoom.2024", "AfterDestroyRoom.2024", "afterdestroyroom.2024"] {
            assert_eq!(find(name).unwrap().name(), "Live.CallbackAfterDestroyRoom.2024");
        }
        assert_eq!(find("AFTERDESTROYROOM").unwrap().name(), "Live.CallbackAfterDestroyRoom");
        assert!(find("").is_err());
        assert!(find("After").is_err());
    }

    #[test]
    fn the_newest_sample_of_every_command_is_there_once() {
        let names: Vec<_> = newest().map(Sample::name).collect();
        let commands: BTreeSet<_> =
            ALL.iter().map(|sample| sample.event().command().as_str().to_owned()).collect();
        assert_eq!(names.len(), Command::ALL.len());
        assert_eq!(names.into_iter().map(ToOwned::to_owned).collect::<BTreeSet<_>>(), commands);
    }
}
