//! What operators see: settings, logs, numbers, the audit, old records, the end.

use std::{fs, process::Output, time::Duration};

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};
use trtc_live_webhook::{event::message::Element, samples};

use crate::{
    Database,
    server::{OLD_KEY, OURS, Server, command, from_client, message, signed},
    with_either_database,
};

with_either_database! {
    every_change_leaves_a_line_in_the_audit
    old_records_are_deleted
    old_records_are_archived
}

/// Asks the database itself, for texts.
async fn query(database: &Database, sql: &str) -> String {
    match database {
        Database::Postgres(postgres) => postgres.query(sql),
        Database::Sqlite(folder) => {
            use sqlx::Connection;

            let file = format!("sqlite:{}", folder.path().join("moderation.db").display());
            let mut connection = sqlx::SqliteConnection::connect(&file).await.unwrap();
            let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap();
            rows.join("\n")
        }
    }
}

async fn every_change_leaves_a_line_in_the_audit(database: &Database) {
    let server = Server::start(database).await;
    server.send("room", "alice", "hello").await.assert_held();
    let id = server.only("room").await["ContentId"].as_str().unwrap().to_owned();
    server.toggle(false).await;
    let set = json!({ "SdkAppId": OURS, "Receiver": "room", "Enabled": true });
    server
        .request(reqwest::Method::POST, "/moderation/toggle", OLD_KEY, Some(set.to_string()))
        .await
        .json(200);
    assert_eq!(server.delete(&[&id]).await, 1);
    // Nothing of these is a change.
    server.ask("/moderation/toggle", &json!({ "Enabled": 1 })).await.json(400);
    server.list("room", 1, 1).await;

    let lines =
        query(database, "SELECT key_name || '|' || action || '|' || detail FROM audit ORDER BY id").await;
    let lines: Vec<Vec<_>> = lines.lines().map(|line| line.splitn(3, '|').collect()).collect();
    let detail = |line: &[&str]| serde_json::from_str::<Value>(line[2]).unwrap();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[0][..2], ["new", "toggle"]);
    assert_eq!(detail(&lines[0]), json!({ "Enabled": false }));
    assert_eq!(lines[1][..2], ["old", "toggle"]);
    assert_eq!(detail(&lines[1]), set);
    assert_eq!(lines[2][..2], ["new", "delete"]);
    assert_eq!(detail(&lines[2])["ContentIds"], json!([id]));
    let times = query(database, "SELECT CAST(COUNT(*) AS TEXT) FROM audit WHERE at > 1700000000000").await;
    assert_eq!(times, "3");
}

async fn old_records_are_deleted(database: &Database) {
    let server = Server::start(database).await;
    for number in 0..250 {
        server.send("room", "alice", &number.to_string()).await.assert_held();
    }
    drop(server);
    let server = Server::start_with(database, &[("MODERATION_KEEP", "1s")]).await;
    let gone = async || server.get("/moderation/stats").await.json(200)["totalAll"] == 0;
    server.until("gone", gone).await;
    assert_eq!(server.list("room", 1, 1).await.0, 0);
    let left = "SELECT CAST((SELECT COUNT(*) FROM message) + (SELECT COUNT(*) FROM room_count) AS TEXT)";
    assert_eq!(query(database, left).await, "0");
    assert_eq!(server.metric("moderation_swept_total").await, 250.0);
    assert_eq!(query(database, "SELECT CAST(COUNT(*) AS TEXT) FROM message_archive").await, "0");
    server.send("room", "alice", "hello").await.assert_held();
}

async fn old_records_are_archived(database: &Database) {
    let server = Server::start(database).await;
    server.send("room", "alice", "deleted").await.assert_held();
    server.delete(&[server.only("room").await["ContentId"].as_str().unwrap()]).await;
    server.send("room", "alice", "pending").await.assert_held();
    drop(server);
    let settings = [("MODERATION_KEEP", "1s"), ("MODERATION_AFTERWARDS", "archive")];
    let server = Server::start_with(database, &settings).await;
    let gone = async || server.get("/moderation/stats").await.json(200)["totalAll"] == 0;
    server.until("gone", gone).await;
    let archived =
        query(database, "SELECT content || '|' || COALESCE(outcome, '') FROM message_archive ORDER BY seq")
            .await;
    assert_eq!(archived, "deleted|deleted\npending|");
    server.send("room", "alice", "hello").await.assert_held();
}

/// Checks settings that are in a file and in variables.
fn check(toml: &str, variables: &[(&str, &str)]) -> Output {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("moderation.toml");
    fs::write(&file, toml).unwrap();
    let mut command = command();
    command.arg("--check").arg("--settings").arg(&file).current_dir(folder.path());
    command.envs(variables.iter().copied()).output().unwrap()
}

#[track_caller]
fn assert_problems(toml: &str, variables: &[(&str, &str)], problems: &[&str]) {
    let output = check(toml, variables);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    let said: Vec<_> = stderr.lines().collect();
    assert_eq!(said.len(), problems.len(), "{stderr}");
    for (line, problem) in said.iter().zip(problems) {
        assert!(line.contains(problem), "{stderr}");
    }
    assert!(!stderr.contains("hush"), "{stderr}");
}

#[test]
fn settings_that_are_fine_are_said_to_be() {
    let toml = r#"
        unmatched = "allow"
        hold_kinds = ["TIMImageElem"]
        keep = "720h"
        afterwards = "archive"
        [apps]
        1400000000 = ["old", "new"]
        [api_keys]
        manager = "0123456789abcdef"
    "#;
    let output = check(toml, &[("MODERATION_MODE", "custom")]);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "settings are fine\n", "{:?}", output.stderr);
    assert!(output.status.success());
}

#[test]
fn what_is_wrong_with_settings_is_said_at_once() {
    assert_problems(
        r#"
            webhook_path = "callback"
            console_listen = "0.0.0.0:9000"
            webhook_listen = "0.0.0.0:9000"
            database_url = "mysql://hush"
            database_connections = 1
            keep = "0s"
            hold_kinds = ["Image"]
            words = "/no/such/file"
            [apps]
            x = ["hush"]
            1400000000 = []
            1400000001 = [""]
            [api_keys]
            none = "hush-hush-hush-hush-none"
            short = "hush"
            a = "hush-hush-hush-hush"
            b = "hush-hush-hush-hush"
        "#,
        &[],
        &[
            "apps: 1400000000 has no token",
            "apps: a token of 1400000001 is empty or longer than 128 characters",
            "apps: x is not an SDKAppID",
            "console_listen: is the same as webhook_listen",
            "webhook_path: does not begin with a slash",
            "api_keys: b is the same as another",
            "api_keys: none is a name that the audit has for itself",
            "api_keys: short has less than 16 characters",
            "database_url: does not begin with postgres://",
            "database_connections: is less than 2",
            "hold_kinds: Image is no kind of element",
            "keep: is less than a second",
            "file of words cannot be read: No such file or directory",
        ],
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    assert_problems("unmatchd = \"allow\"", &[], &["unknown field: found `unmatchd`"]);
    assert_problems(
        "unmatched = \"deny\"",
        &[],
        &["unmatched: unknown variant: found `deny`, expected ``allow` or `hold``"],
    );
    assert_problems("keep = \"soon\"", &[], &["expected a length of time such as 720h or 10s"]);
    assert_problems(
        "",
        &[("MODERATION_WEBHOOK_LISTEN", "9000")],
        &["webhook_listen: expected socket address"],
    );
    assert_problems("", &[("MODERATION_UNMATCHD", "allow")], &["unmatchd"]);
    assert_problems("[api_keys]\na = 12345", &[], &["api_keys.a: expected a text in quotes"]);
    assert_problems("api_keys = \"hush\"", &[], &["api_keys: expected a map"]);
    assert_problems(
        "[api_keys]\na = \"hush\" x\n",
        &[],
        &["settings: TOML parse error at line 2, column 12: "],
    );
    assert_problems("", &[("MODERATION_APPS", "hush")], &["apps: expected a map"]);
    let app = ("MODERATION_APPS", "{1400000000=[\"hush\"]}");
    assert_problems("", &[app], &["api_keys: none is set (open_console permits it)"]);
    assert_problems("database_file = \"/proc/moderation.db\"", &[], &["database: "]);
    assert_problems("console_listen = \"0.0.0.0:1\"", &[], &["apps: none is set"]);
    let url = ("DATABASE_URL", "postgres://u:hush@127.0.0.1:1/x");
    assert_problems("open_console = true", &[app, url], &["database: "]);
}

#[tokio::test]
async fn a_file_and_the_environment_are_read() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("moderation.toml");
    fs::write(&file, "unmatched = \"hold\"\nwebhook_path = \"/hook\"\nlog_format = \"json\"\n").unwrap();
    let mut check = command();
    check.arg("--check").env("MODERATION_SETTINGS", &file).env("MODERATION_WEBHOOK_PATH", "nowhere");
    let output = check.current_dir(folder.path()).output().unwrap();
    // The environment wins.
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("webhook_path"), "{stderr}");
}

#[tokio::test]
async fn nothing_that_messages_say_is_logged_unless_asked_for() {
    let text = "between you and me";
    let settings = [("RUST_LOG", "trace")];
    let database = Database::sqlite();
    let server = Server::start_with(&database, &settings).await;
    server.send("room", "alice", text).await.assert_held();
    server.send("room", "alice", text).await.assert_held();
    assert_eq!(
        server.delete(&[server.list("room", 1, 1).await.1[0]["ContentId"].as_str().unwrap()]).await,
        1
    );
    let log = server.log();
    assert!(log.contains("decision=\"held\"") && log.contains("room=room"), "{log}");
    assert!(!log.contains(text) && !log.contains("token") && !log.contains("the-key"), "{log}");

    let settings = [("RUST_LOG", "info,example_moderation=debug"), ("MODERATION_LOG_TEXTS", "true")];
    let database = Database::sqlite();
    let server = Server::start_with(&database, &settings).await;
    server.send("room", "alice", text).await.assert_held();
    assert!(server.log().contains(text));
}

#[tokio::test]
async fn it_tells_how_it_is() {
    let database = Database::sqlite();
    let server = Server::start(&database).await;
    assert_eq!(server.get("/alive").await.body, "alive");
    let is_ready = async || server.get("/ready").await.body == "ready";
    server.until("ready", is_ready).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    // A balancer asks where it sends the messages.
    let url = format!("http://{}/ready", server.webhook);
    let asked = async || client.get(&url).send().await.unwrap().status() == 200;
    server.until("ready", asked).await;
    // The console's side is not there.
    let url = format!("http://{}/moderation/stats", server.webhook);
    assert_eq!(client.get(url).header("X-Api-Key", OLD_KEY).send().await.unwrap().status(), 404);

    server.send("room", "alice", "hello").await.assert_held();
    // A rate needs a zero to rise from.
    let numbers = server.get("/metrics").await.body;
    for failure in ["query", "overloaded", "database", "deadline"] {
        let line = format!("moderation_failures_total{{failure=\"{failure}\"}} 0\n");
        assert!(numbers.contains(&line), "{line}{numbers}");
    }
    assert_eq!(server.metric("moderation_pending").await, 1.0);
    assert_eq!(server.metric("moderation_records").await, 1.0);
    assert_eq!(server.metric("moderation_answer_seconds_count").await, 1.0);
    assert_eq!(server.metric("moderation_answer_seconds_bucket{le=\"2\"}").await, 1.0);
    assert_eq!(server.metric("moderation_decisions_total{decision=\"held\"}").await, 1.0);
}

#[tokio::test]
async fn an_idle_connection_lasts_as_long_as_announced() {
    let database = Database::sqlite();
    let server = Server::start(&database).await;
    let mut stream = TcpStream::connect(server.console).await.unwrap();
    let mut ask = async || {
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"}") {
            assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "closed");
        }
        String::from_utf8(answer).unwrap()
    };
    let answer = ask().await;
    let announced = answer.lines().find_map(|line| line.strip_prefix("keep-alive: timeout="));
    let seconds: u64 = announced.expect(&answer).parse().unwrap();
    // Node, which the console runs on, leaves a second for the way.
    sleep(Duration::from_secs(seconds - 1)).await;
    assert!(ask().await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn times_are_those_of_the_clock_on_the_wall() {
    let database = Database::sqlite();
    let mut hours = Vec::new();
    for zone in ["UTC", "<+08>-8"] {
        let server = Server::start_with(&database, &[("TZ", zone)]).await;
        if hours.is_empty() {
            server.send("room", "alice", "hello").await.assert_held();
        }
        hours.push(server.only("room").await["Time"].as_str().unwrap()[11..13].parse::<u8>().unwrap());
    }
    assert_eq!(hours[1], (hours[0] + 8) % 24);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_answers_what_it_accepted_before_it_stops() {
    let database = Database::sqlite();
    let server = Server::start(&database).await;
    let mut connections = Vec::new();
    // As if it were too busy: the system accepts for it.
    server.signal(Signal::SIGSTOP);
    for number in 0..20 {
        let event = message("room", "alice", [Element::text(number.to_string())]);
        connections.push(write_raw(server.webhook, signed(from_client(event))).await);
    }
    server.signal(Signal::SIGTERM);
    server.signal(Signal::SIGCONT);
    for connection in connections {
        let answer = read_raw(connection).await;
        assert!(answer.contains("held for review"), "{answer}");
    }
    let log = server.finish();
    assert!(log.contains("stopping") && log.contains("stopped"), "{log}");
    let server = Server::start(&database).await;
    assert_eq!(server.list("room", 1, 1).await.0, 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn balancers_learn_of_the_end_before_it_comes() {
    let database = Database::sqlite();
    let server = Server::start_with(&database, &[("MODERATION_DRAIN", "20s")]).await;
    server.until("ready", async || server.get("/ready").await.status == 200).await;
    server.signal(Signal::SIGTERM);
    // On a new connection each time.
    let ready = format!("http://{}/ready", server.webhook);
    let status = async || {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.get(&ready).send().await.unwrap().status()
    };
    server.until("stopping", async || status().await == 503).await;
    // Not only what the system has accepted before.
    sleep(Duration::from_secs(1)).await;
    assert_eq!(status().await, 503);
    let event = message("room", "alice", [Element::text("late")]);
    let answer = read_raw(write_raw(server.webhook, signed(from_client(event))).await).await;
    assert!(answer.contains("held for review"), "{answer}");
    assert_eq!(server.pending("room").await, ["late"]);
    let log = server.finish();
    assert!(log.contains("stopped"), "{log}");
}

/// Sends a request on a connection of its own.
async fn write_raw(address: std::net::SocketAddr, request: samples::Request) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (query, body) = (request.query(), String::from_utf8(request.into_body()).unwrap());
    let head = format!(
        "POST /im-callback?{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    stream
}

/// Returns all that comes back.
async fn read_raw(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
