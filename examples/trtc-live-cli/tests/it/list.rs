//! `trtc-live list`.

use trtc_live_webhook::samples;

use crate::program::trtc_live;

#[test]
fn every_sample_is_listed_with_its_command_and_its_page() {
    let run = trtc_live(["list"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let lines: Vec<Vec<_>> = run.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines.len(), samples::ALL.len());
    for (line, sample) in lines.iter().zip(samples::ALL) {
        let event = sample.event();
        let command = event.command();
        assert_eq!(*line, [sample.name(), command.as_str(), command.documentation().unwrap()]);
    }
}
