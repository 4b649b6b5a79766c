//! The program, run.

use std::process::Command;

use serde_json::Value;

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The lines that `--json` prints.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Checks that the run failed with a single line on the standard error that holds this text.
    #[track_caller]
    pub(crate) fn assert_failed(&self, status: i32, text: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.stdout, "");
        let (sentence, help) = self.stderr.split_once('\n').unwrap();
        assert!(sentence.starts_with("error: ") && sentence.contains(text), "{sentence}");
        assert!(help.is_empty() || help == "\nFor more information, try '--help'.\n", "{help}");
    }
}

/// Runs the program, in an environment that says nothing of tokens and colours.
#[track_caller]
pub(crate) fn trtc_live<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Run {
    trtc_live_in(&[], arguments)
}

/// Runs the program with environment variables.
#[track_caller]
pub(crate) fn trtc_live_in<'a>(
    environment: &[(&str, &str)],
    arguments: impl IntoIterator<Item = &'a str>,
) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trtc-live"));
    for name in ["TRTC_TOKEN", "TRTC_SDK_APP_ID", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    let output = command.envs(environment.iter().copied()).args(arguments).output().unwrap();
    Run {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}
