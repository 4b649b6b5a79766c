//! The program `trtc-live`.

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    ExitCode::from(trtc_live_cli::run(env::args_os()))
}
