//! `trtc-live listen`, over HTTP.

use std::{
    thread,
    time::{Duration, Instant},
};

use reqwest::header;
use serde_json::{Value, json};
use trtc_live_webhook::{
    Event, Receiver, Reply, SdkAppId,
    event::{gift, room},
    samples::Request,
};

use crate::{
    listening::{Listening, PATIENCE, TOKEN, choose, client, command, event, send, signed, text},
    service::{OURS, Service},
};

#[tokio::test]
async fn a_delivery_is_answered_and_shown_with_all_there_is_to_know() {
    let listening = Listening::start(&[]);
    let body = r#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom","RoomId":"my-room","Operator_Account":"ann",
        "EventType":"DestroyByMoon","Phase":3}"#;
    let request = signed(Request::from_json(OURS, body));
    assert_eq!(listening.post(&request).await, (200, Reply::ok().to_json()));
    let mut exchange = event(&listening, "exchange", |_| true).await;
    assert!(exchange["at"].take().as_i64().unwrap() > 1_700_000_000_000);
    assert!(exchange["answer"]["millis"].take().is_u64());
    let (before, sign) = exchange["query"].take().as_str().unwrap().split_once("&Sign=").map(own).unwrap();
    assert!(before.starts_with("SdkAppid=1400000001&") && sign.starts_with("…&RequestTime="), "{sign}");
    let expected = json!({
        "id": 1,
        "at": null,
        "method": "POST",
        "path": "/webhook",
        "query": null,
        "command": "Live.CallbackAfterDestroyRoom",
        "room": "my-room",
        "operator": "ann",
        "packet": body,
        "drift": [r#"unrecognized value "DestroyByMoon" at "/EventType""#, r#"unknown field "/Phase""#],
        "answer": {"status": 200, "packet": Reply::ok().to_json(), "millis": null, "late": false, "failure": null},
        "service": null,
    });
    assert_eq!(exchange, expected);
    listening.wait_for_line("drift    unknown field \"/Phase\"");
    let output = listening.output();
    for part in
        ["Live.CallbackAfterDestroyRoom", "room my-room", "by ann", "&Sign=…&", "\"ActionStatus\":\"OK\""]
    {
        assert!(output.contains(part), "no {part} in {output}");
    }
    assert!(!output.contains(TOKEN));
}

fn own((before, after): (&str, &str)) -> (String, String) {
    (before.to_owned(), after.to_owned())
}

#[tokio::test]
async fn what_is_refused_is_shown_with_the_reason() {
    let listening = Listening::start(&["--short"]);
    let foreign = signed(Request::new(SdkAppId::new(7), room::AfterCreateRoom::sample()));
    let unsigned = Request::new(OURS, room::AfterCreateRoom::sample());
    let broken = signed(Request::from_json(OURS, r#"{"CallbackCommand":"Live.CallbackAfterDestroyRoom"}"#));
    for (request, status, reason) in [
        (foreign, 403, "SDKAppID 7 does not belong to this receiver"),
        (unsigned, 401, "missing parameter Sign"),
        (broken, 400, "RoomId of Live.CallbackAfterDestroyRoom"),
    ] {
        assert_eq!(listening.post(&request).await.0, status);
        let line = listening.wait_for_line(reason);
        assert!(line.contains(&format!("  {status}  ")), "{line}");
    }
    let shown = event(&listening, "exchange", |exchange| exchange["answer"]["status"] == 400).await;
    assert!(shown["packet"].is_string());
    let shown = event(&listening, "exchange", |exchange| exchange["answer"]["status"] == 401).await;
    assert_eq!((&shown["packet"], &shown["command"]), (&Value::Null, &json!("Live.CallbackAfterCreateRoom")));
}

#[tokio::test]
async fn answers_to_gifts_and_messages_are_chosen() {
    let listening = Listening::start(&["--short"]);
    let code = |(status, body): (u16, String)| {
        let reply: Value = serde_json::from_str(&body).unwrap();
        (status, reply["ErrorCode"].as_i64().unwrap())
    };
    assert_eq!(code(listening.tell(text("hi")).await), (200, 0));
    let at = |choice: &str, delay: u32| json!({"choice": choice, "delay": delay});
    assert_eq!(choose(&listening, at("reject", 0), at("discard", 0)).await.0, 204);
    assert_eq!(code(listening.tell(text("hi")).await), (200, 2));
    assert_eq!(code(listening.tell(gift::BeforeSendGift::sample()).await), (200, 1));
    assert_eq!(code(listening.tell(room::AfterCreateRoom::sample()).await), (200, 0));
    assert_eq!(choose(&listening, at("fail", 0), at("reject", 2100)).await.0, 204);
    assert_eq!(code(listening.tell(gift::BeforeSendGift::sample()).await), (503, 503));
    assert_eq!(code(listening.tell(text("slow")).await), (200, 1));
    let late = event(&listening, "exchange", |exchange| exchange["answer"]["late"] == true).await;
    assert!(late["answer"]["millis"].as_u64() > Some(2100), "{late}");
    let answers = event(&listening, "answers", |_| true).await;
    assert_eq!(answers, json!({"gift": at("fail", 0), "message": at("reject", 2100)}));

    for (gift, problem) in [
        (at("discard", 0), "gifts cannot be discarded"),
        (at("allow", 20_001), "a delay has at most 20000 milliseconds"),
        (at("service", 0), "deliveries are not passed on to a service"),
    ] {
        assert_eq!(choose(&listening, gift, at("allow", 0)).await, (422, problem.to_owned()));
    }
}

#[tokio::test]
async fn who_does_not_wait_for_the_answer_is_shown() {
    let listening = Listening::start(&["--short"]);
    let slow = json!({"choice": "allow", "delay": 5000});
    assert_eq!(choose(&listening, slow.clone(), slow).await.0, 204);
    let request = signed(Request::new(OURS, text("impatient")));
    let connection = send(&listening, &request);
    thread::sleep(Duration::from_secs(2));
    drop(connection);
    listening.wait_for_line("Group.CallbackBeforeSendMsg");
}

#[tokio::test]
#[cfg(unix)]
async fn what_is_under_way_is_shown_before_it_stops() {
    let service = Service::start(|_| {
        thread::sleep(Duration::from_millis(1500));
        (200, Reply::ok().to_json())
    });
    let mut listening = Listening::start(&["--short", "--forward", &service.url]);
    let _connection = send(&listening, &signed(Request::new(OURS, text("last words"))));
    let deadline = Instant::now() + PATIENCE;
    while service.received().is_empty() {
        assert!(Instant::now() < deadline, "nothing was passed on");
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(listening.stop(), 0);
    let line = listening.wait_for_line("Group.CallbackBeforeSendMsg");
    assert!(line.contains("  200  "), "{line}");
}

#[tokio::test]
async fn one_variable_holds_several_tokens_and_is_not_blank() {
    let both = format!("another-token {TOKEN}\n");
    let service = Service::answering(200, &Reply::ok().to_json());
    let listening = Listening::start_in(&[("TRTC_TOKEN", &both)], &["--short", "--replay-to", &service.url]);
    assert_eq!(listening.tell(text("hi")).await.0, 200);
    let another = trtc_live_webhook::Token::new("another-token").unwrap();
    let request = Request::new(OURS, text("hi")).signed(&another, trtc_live_webhook::UnixSeconds::now());
    assert_eq!(listening.post(&request).await.0, 200);
    assert_eq!(listening.post(&Request::new(OURS, text("hi"))).await.0, 401);

    for arguments in [&["listen", "--page", "127.0.0.1:0"][..], &["send", "--all", "--url", &service.url]] {
        let output = command().args(arguments).env("TRTC_TOKEN", " ").output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
    }
}

#[tokio::test]
async fn deliveries_are_passed_on_as_they_came_and_answered_as_the_service_says() {
    let service = Service::start(|received| match received.delivery(&Receiver::new(OURS)).event {
        Event::BeforeSendGift(_) => (200, Reply::from(gift::Decision::Reject).to_json()),
        Event::AfterFollowAdd(_) => (500, "out of order".to_owned()),
        _ => (200, Reply::ok().to_json()),
    });
    let listening = Listening::start(&["--forward", &service.url]);
    let request = signed(Request::new(OURS, gift::BeforeSendGift::sample()));
    let (status, body) = listening.post(&request).await;
    assert_eq!((status, body), (200, Reply::from(gift::Decision::Reject).to_json()));
    let received = &service.received()[0];
    assert_eq!(received.line, format!("POST /webhook?tenant=7&{}", request.query()));
    assert_eq!(received.body, request.body());

    let (status, _) = listening.tell(trtc_live_webhook::event::follow::AfterFollowAdd::sample()).await;
    assert_eq!(status, 503);
    let failed = event(&listening, "exchange", |exchange| exchange["answer"]["status"] == 503).await;
    assert_eq!(failed["service"]["status"], 500);
    assert_eq!(failed["service"]["problem"], "status is 500, not 200");
    assert_eq!(failed["service"]["packet"], "out of order");
    assert_eq!(failed["answer"]["failure"], "delivery could not be handled");
    let line = listening.wait_for_line("service  200");
    assert!(line.contains("decision: reject"), "{line}");

    // The page decides over the service, which is told all the same.
    let allow = json!({"choice": "allow", "delay": 0});
    assert_eq!(choose(&listening, allow.clone(), allow).await.0, 204);
    let (_, body) = listening.tell(gift::BeforeSendGift::sample()).await;
    assert_eq!(body, Reply::ok().to_json());
    assert_eq!(service.received().len(), 3);
}

#[tokio::test]
async fn a_delivery_is_replayed_with_a_fresh_signature() {
    let (first, second) = (Service::answering(200, &Reply::ok().to_json()), Service::answering(500, "no"));
    let listening = Listening::start(&["--forward", &first.url, "--replay-to", &second.url]);
    let request = Request::new(OURS, room::AfterCreateRoom::sample()).with_client_ip([192, 0, 2, 9]);
    // One that the service's URL lacks, and one that it has.
    let request = request.with_parameter("region", "a b").with_parameter("tenant", "8");
    listening.post(&signed(request)).await;
    let id = event(&listening, "exchange", |_| true).await["id"].clone();
    thread::sleep(Duration::from_millis(1100));
    let replay = |id: Value| {
        let post = client().post(format!("{}/-/replay", listening.page));
        post.header(header::CONTENT_TYPE, "application/json").body(json!({ "id": id }).to_string()).send()
    };
    let answer: Value = serde_json::from_str(&replay(id).await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!((&answer["status"], &answer["packet"]), (&json!(500), &json!("no")));
    let (old, new) = (first.received().remove(0), second.received().remove(0));
    assert_eq!(old.body, new.body);
    assert!(new.query().contains("ClientIP=192.0.2.9"));
    assert!(new.query().contains("region=a+b") && new.query().starts_with("tenant=7&"), "{}", new.query());
    assert!(!new.query().contains("tenant=8"), "{}", new.query());
    let sign = |query: &str| query.split_once("Sign=").unwrap().1.to_owned();
    assert_ne!(sign(old.query()), sign(new.query()));
    new.delivery(&Receiver::new(
        trtc_live_webhook::App::new(OURS).with_token(trtc_live_webhook::Token::new(TOKEN).unwrap()),
    ));
    assert_eq!(replay(json!(99)).await.unwrap().status(), 404);
}

#[tokio::test]
async fn only_this_machine_sees_the_page_and_only_by_its_own_names() {
    let listening = Listening::start(&[]);
    let port = listening.page.rsplit_once(':').unwrap().1;
    for path in ["/", "/-/page.js", "/-/page.css", "/-/events"] {
        let get = |host: String| {
            client().get(format!("{}{path}", listening.page)).header(header::HOST, host).send()
        };
        let allowed = get(format!("localhost:{port}")).await.unwrap();
        assert_eq!(allowed.status(), 200, "{path}");
        let policy = allowed.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        for host in ["rebound.example.com", "tunnel.example.com:443"] {
            assert_eq!(get(host.to_owned()).await.unwrap().status(), 403, "{path} {host}");
        }
    }
    // Nor does the port that a tunnel leads to, whatever name it is asked for.
    for host in ["localhost", "127.0.0.1:3000", "tunnel.example.com"] {
        for (method, path) in
            [("GET", "/"), ("GET", "/-/events"), ("PUT", "/-/answers"), ("POST", "/-/replay")]
        {
            let request = client().request(method.parse().unwrap(), format!("{}{path}", listening.origin));
            let request = request.header(header::HOST, host).header(header::CONTENT_TYPE, "application/json");
            let status = request.body(r#"{"id":1}"#).send().await.unwrap().status().as_u16();
            assert_eq!(status, if method == "POST" { 400 } else { 405 }, "{host} {method} {path}");
        }
    }
    // Deliveries may come under any name.
    let request = signed(Request::new(OURS, room::AfterCreateRoom::sample()));
    let url = request.url(&listening.webhook().parse().unwrap());
    let tunnelled = client().post(url).header(header::HOST, "tunnel.example.com");
    assert_eq!(tunnelled.body(request.into_body()).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn pages_of_others_cannot_choose_or_replay() {
    let listening = Listening::start(&[]);
    let url = |path: &str| format!("{}{path}", listening.page);
    let answers = r#"{"gift":{"choice":"fail","delay":0},"message":{"choice":"fail","delay":0}}"#;
    // What a form or a script without leave can send.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        for request in [client().put(url("/-/answers")), client().post(url("/-/replay"))] {
            let response = request.header(header::CONTENT_TYPE, kind).body(answers).send().await.unwrap();
            assert_eq!(response.status(), 415, "{kind}");
        }
    }
    let preflight = client().request(reqwest::Method::OPTIONS, url("/-/answers"));
    let response = preflight.header("access-control-request-method", "PUT").send().await.unwrap();
    assert!(response.headers().keys().all(|name| !name.as_str().starts_with("access-control")));
    let long = client().put(url("/-/answers")).header(header::CONTENT_TYPE, "application/json");
    assert_eq!(long.body(" ".repeat(5000)).send().await.unwrap().status(), 413);
    assert_eq!(listening.tell(text("hi")).await.0, 200);
}

#[tokio::test]
async fn a_page_for_others_needs_a_password() {
    let output = command().args(["listen", "--page", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("protect the page with a password"));

    let secret = ("TRTC_LISTEN_PASSWORD", "correct horse");
    let listening = Listening::start_in(&[secret, ("TRTC_TOKEN", TOKEN)], &["--page", "0.0.0.0:0"]);
    let port = listening.page.rsplit_once(':').unwrap().1;
    let url = format!("http://127.0.0.1:{port}/");
    for path in ["", "-/page.js", "-/events"] {
        let get = || client().get(format!("{url}{path}"));
        let refused = get().send().await.unwrap();
        assert_eq!(refused.status(), 401);
        assert!(refused.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().starts_with("Basic "));
        assert_eq!(get().basic_auth("me", Some("wrong horse")).send().await.unwrap().status(), 401);
        assert_eq!(get().basic_auth("me", Some("correct horse")).send().await.unwrap().status(), 200);
    }
    // Who delivers needs no password, but a signature.
    let request = signed(Request::new(OURS, room::AfterCreateRoom::sample()));
    let to = request.url(&listening.webhook().parse().unwrap());
    assert_eq!(client().post(to).body(request.into_body()).send().await.unwrap().status(), 200);
    assert!(!listening.output().contains("correct horse"));
}

#[tokio::test]
async fn json_is_for_other_programs() {
    let mut child = command();
    child
        .args(["listen", "--bind", "127.0.0.1:0", "--page", "127.0.0.1:0", "--json"])
        .env("TRTC_TOKEN", TOKEN);
    // It says where it listens on the standard error.
    child.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = child.spawn().unwrap();
    let mut said = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut said, &mut line).unwrap();
    let url = line.trim().trim_start_matches("webhook  ").to_owned();
    let request = signed(Request::new(OURS, room::AfterCreateRoom::sample()));
    let to = request.url(&url.parse().unwrap());
    assert_eq!(client().post(to).body(request.into_body()).send().await.unwrap().status(), 200);
    let mut told = std::io::BufReader::new(child.stdout.take().unwrap());
    line.clear();
    std::io::BufRead::read_line(&mut told, &mut line).unwrap();
    let exchange: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(exchange["room"], "tandy-test-rest");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test]
async fn a_reader_that_leaves_ends_it() {
    let mut child = command();
    child.args(["listen", "--bind", "127.0.0.1:0", "--page", "127.0.0.1:0"]).env("TRTC_TOKEN", TOKEN);
    child.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = child.spawn().unwrap();
    let mut told = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut told, &mut line).unwrap();
    drop(told);
    let to = Request::new(OURS, room::AfterCreateRoom::sample());
    let to = to.url(&line.trim().trim_start_matches("webhook  ").parse().unwrap());
    // It may be gone before it has answered.
    let _ = client().post(to).send().await;
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(1), Vec::new()));
}
