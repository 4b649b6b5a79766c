//! Every documented packet on its whole way through, and what bad input gets.
//!
//! Run with `cargo run --example quickstart`. Exits with 1 if anything comes out otherwise than it says.

use std::{
    convert::Infallible,
    error::Error,
    fs,
    path::{Path, PathBuf},
    pin::pin,
    process::ExitCode,
    task::{Context, Poll, Waker},
};

use trtc_live_webhook::{
    Command, Handler, Receiver, Reply, RequestInfo, SdkAppId, UnrecognizedEvent, dispatch,
    event::{battle, member, room},
};

const OURS: SdkAppId = SdkAppId::new(1_400_000_000);

/// A service that says in words what it is told.
struct Narrator;

impl Handler for Narrator {
    type Error = Infallible;

    async fn after_create_room(
        &self,
        request: &RequestInfo,
        event: room::AfterCreateRoom,
    ) -> Result<(), Infallible> {
        let room = event.room_info;
        let owner = or_somebody(room.owner_account);
        let platform = request
            .opt_platform
            .as_ref()
            .map_or("an unknown client", |platform| platform.as_str());
        println!("  {owner} has opened room {} from {platform}", room.room_id);
        Ok(())
    }

    async fn after_destroy_room(
        &self,
        _: &RequestInfo,
        event: room::AfterDestroyRoom,
    ) -> Result<(), Infallible> {
        match event.event_type {
            room::EventType::DestroyByUser => {
                println!(
                    "  {} has closed room {}",
                    or_somebody(event.operator_account),
                    event.room_id
                );
            }
            room::EventType::DestroyBySystem => println!("  room {} was empty and is closed", event.room_id),
            reason => println!("  room {} is closed: {reason}", event.room_id),
        }
        if let Some(views) = event.statistic.and_then(|statistic| statistic.total_viewers) {
            println!("  it was entered {views} times");
        }
        Ok(())
    }

    async fn after_member_state_changed(
        &self,
        _: &RequestInfo,
        event: member::AfterMemberStateChanged,
    ) -> Result<(), Infallible> {
        for member in event.member_list.unwrap_or_default() {
            println!(
                "  {} is {} in room {}",
                member.member_account, event.event_type, event.room_id
            );
        }
        Ok(())
    }

    async fn after_end_battle(
        &self,
        _: &RequestInfo,
        event: battle::AfterEndBattle,
    ) -> Result<(), Infallible> {
        let reason = match event.op_type {
            Some(battle::OpType::TimeUp) => "time is up",
            Some(battle::OpType::AllOwnersLeft) => "all owners have left",
            Some(battle::OpType::NotStarted) => "nobody joined",
            _ => "no reason given",
        };
        println!("  battle {} is over: {reason}", event.battle_id);
        for room in event
            .from_room_info
            .iter()
            .chain(event.to_room_list.iter().flatten())
        {
            println!(
                "  room {} has scored {}",
                room.room_id,
                room.score.unwrap_or_default()
            );
        }
        Ok(())
    }

    async fn unrecognized(&self, _: &RequestInfo, event: UnrecognizedEvent) -> Result<(), Infallible> {
        println!("  {} is none of this crate's commands", event.command);
        Ok(())
    }
}

fn or_somebody(account: Option<impl ToString>) -> String {
    account.map_or_else(|| "somebody".to_owned(), |account| account.to_string())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let receiver = Receiver::new(OURS);
    let mut seen: Vec<Command> = Vec::new();
    for path in fixtures()? {
        let body = fs::read(&path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        println!("{name}");
        let query = format!("SdkAppid={OURS}&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI");
        let delivery = receiver.receive(&query, &body)?;
        let command = delivery.event.command().clone();
        expect(
            command.is_recognized() && name.starts_with(command.as_str()),
            &name,
        )?;
        seen.push(command);
        let Ok(reply) = block_on(dispatch(&Narrator, delivery));
        println!("  reply: {}", reply.to_json());
        expect(reply == Reply::ok(), &name)?;
    }
    expect(
        Command::ALL.iter().all(|command| seen.contains(command)),
        "a command without a packet",
    )?;
    println!("{} packets, {} commands\n", seen.len(), Command::ALL.len());

    let destroy = fs::read_to_string(folder().join("Live.CallbackAfterDestroyRoom.json"))?;
    let (truncated, _) = destroy.split_at(destroy.len() / 2);
    let mistyped = destroy.replace(r#""MaxSeatCount": 4"#, r#""MaxSeatCount": "four""#);
    let query = format!("SdkAppid={OURS}");
    let refusals = [
        (
            "another app's SDKAppID",
            "SdkAppid=1400000001",
            &*destroy,
            403,
            "SDKAppID 1400000001 is not one of",
        ),
        (
            "no SDKAppID",
            "contenttype=json",
            &destroy,
            400,
            "`SdkAppid` is missing",
        ),
        (
            "a truncated body",
            &query,
            truncated,
            400,
            "body is not JSON at line",
        ),
        (
            "a field of the wrong type",
            &query,
            &mistyped,
            400,
            "field `RoomInfo.MaxSeatCount`",
        ),
    ];
    for (what, query, body, status, text) in refusals {
        println!("{what}");
        let Err(error) = receiver.receive(query, body.as_bytes()) else {
            return Err(format!("{what} was let in").into());
        };
        println!("  status {}", error.status_code());
        let mut cause: Option<&dyn Error> = Some(&error);
        while let Some(error) = cause {
            println!("  {error}");
            cause = error.source();
        }
        expect(
            error.status_code() == status && error.to_string().contains(text),
            what,
        )?;
    }
    Ok(())
}

fn expect(held: bool, what: &str) -> Result<(), Box<dyn Error>> {
    if held {
        Ok(())
    } else {
        Err(format!("not as expected: {what}").into())
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn fixtures() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let files: Result<Vec<_>, _> = fs::read_dir(folder())?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    let mut files = files?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

/// The runtime of a service whose handler never waits.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}
