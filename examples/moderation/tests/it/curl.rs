//! The guide's two calls, as they are typed.

use std::process::Command;

use serde_json::Value;

use crate::server::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs curl"]
async fn the_guides_calls_work_in_a_shell() {
    // With nothing set.
    let server = Server::start_bare(&[]).await;
    let log = server.log();
    let key = log.lines().find_map(|line| line.strip_prefix("X-Api-Key of this trial: ")).unwrap();
    let run = |script: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-euc", script]).env("KEY", key).env("NO_PROXY", "*");
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    // As they stand in the README.
    let readme = include_str!("../../README.md");
    let calls =
        readme.split("```").find_map(|block| block.strip_prefix("sh\n").filter(|sh| sh.starts_with("curl")));
    let calls = calls.unwrap().replace("localhost:9000", &server.webhook.to_string());
    let calls = calls.replace("localhost:9001", &server.console.to_string());
    let (send, list) = calls.split_once("\n\n").unwrap();
    let held = run(send);
    assert_eq!((&held["ActionStatus"], &held["ErrorCode"]), (&"OK".into(), &1.into()));
    let list = run(list);
    assert_eq!(list["TotalCount"], 1);
    assert_eq!(
        (&list["Data"][0]["From_Account"], &list["Data"][0]["Content"]),
        (&"user_001".into(), &"hello".into())
    );
}
