//! The judgement of the integration tool: what a stranger can try, and what the backend expects.

use std::ffi::OsString;

use crate::{Service, service::OURS};

/// `trtc-live verify` finds nothing: every packet is answered, with and without what is unknown; foreign applications,
/// bad signatures and broken bodies are refused; repetitions and another order do no harm; failing does not allow.
pub fn the_integration_tool_finds_nothing(program: &str) {
    let service = Service::start(program);
    for token in service.tokens() {
        let url = format!("http://{}/webhook", service.address());
        let app = OURS.to_string();
        let arguments = ["trtc-live", "verify", &url, "--sdk-app-id", &app, "--token", token, "--quiet"];
        assert_eq!(trtc_live_cli::run(arguments.map(OsString::from)), 0);
    }
    let output = service.stop();
    assert!(output.contains("delivery not processed"), "{output}");
}
