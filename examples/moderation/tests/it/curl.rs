//! The guide's two calls, as they are typed.

use std::process::Command;

use serde_json::Value;

use crate::server::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_guides_calls_work_in_a_shell() {
    // With nothing set.
    let server = Server::start_bare(&[]).await;
    let log = server.log();
    let key = log.lines().find_map(|line| line.strip_prefix("X-Api-Key of this trial: ")).unwrap();
    let run = |script: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-euc", script]).env("KEY", key).env("NO_PROXY", "*");
        shell.env("WEBHOOK", server.webhook.to_string()).env("CONSOLE", server.console.to_string());
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let held = run(r#"
        curl -sS -X POST "http://$WEBHOOK/im-callback?SdkAppid=1400000000" \
          -H "Content-Type: application/json" \
          -d '{
            "CallbackCommand": "Group.CallbackBeforeSendMsg",
            "GroupId": "test_live_room",
            "From_Account": "user_001",
            "MsgBody": [{"MsgType": "TIMTextElem", "MsgContent": {"Text": "hello"}}]
          }'
    "#);
    assert_eq!((&held["ActionStatus"], &held["ErrorCode"]), (&"OK".into(), &1.into()));
    let list = run(r#"
        curl -sS -X POST "http://$CONSOLE/moderation/list" \
          -H "Content-Type: application/json" -H "X-Api-Key: $KEY" \
          -d '{"Receiver": "test_live_room", "PageNo": 1, "PageSize": 10}'
    "#);
    assert_eq!(list["TotalCount"], 1);
    assert_eq!(
        (&list["Data"][0]["From_Account"], &list["Data"][0]["Content"]),
        (&"user_001".into(), &"hello".into())
    );
}
