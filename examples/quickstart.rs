//! Every documented packet from request to reply, and the answers to bad input.
//!
//! Run with `cargo run --example quickstart`. Exits with status 1 if any result is not the expected one.

use std::{
    convert::Infallible,
    error::Error,
    fmt, fs,
    path::{Path, PathBuf},
    pin::pin,
    process::ExitCode,
    sync::Mutex,
    task::{Context, Poll, Waker},
};

use trtc_live_webhook::{
    App, Command, Handler, Receiver, RequestInfo, SdkAppId, Token, UnixSeconds, UnrecognizedEvent, UserId,
    dispatch,
    event::{battle, follow, gift, member, message, recording, room, seat},
};

const OURS: SdkAppId = SdkAppId::new(1_400_000_000);

/// Code that the client understands as: this gift costs too much.
const TOO_MUCH: gift::Code = gift::Code::new(102_100).unwrap();

const ACKNOWLEDGED: &str = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#;
const GIFT_REJECTED: &str = r#"{"ActionStatus":"OK","ErrorInfo":"too much","ErrorCode":102100}"#;
const MESSAGE_CHANGED: &str = r#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"***"}}]}"#;

/// A service that puts what it is told into words, and decides what it is asked to decide.
#[derive(Default)]
struct Narrator {
    lines: Mutex<Vec<String>>,
}

impl Narrator {
    fn say(&self, line: fmt::Arguments<'_>) {
        println!("  {line}");
        if let Ok(mut lines) = self.lines.lock() {
            lines.push(line.to_string());
        }
    }
}

impl Handler for Narrator {
    type Error = Infallible;

    async fn after_create_room(&self, request: &RequestInfo, event: room::AfterCreateRoom) -> Done {
        let room = event.room_info;
        let platform =
            request.opt_platform.as_ref().map_or("an unknown client", |platform| platform.as_str());
        self.say(format_args!(
            "{} opened room {} from {platform}",
            name(room.owner_account.as_ref()),
            room.room_id
        ));
        Ok(())
    }

    async fn after_destroy_room(&self, _: &RequestInfo, event: room::AfterDestroyRoom) -> Done {
        match event.event_type {
            room::EventType::DestroyByUser => {
                self.say(format_args!(
                    "{} closed room {}",
                    name(event.operator_account.as_ref()),
                    event.room_id
                ));
            }
            room::EventType::DestroyBySystem => {
                self.say(format_args!("room {} was empty and has been closed", event.room_id));
            }
            reason => self.say(format_args!("room {} has been closed: {reason}", event.room_id)),
        }
        if let Some(views) = event.statistic.and_then(|statistic| statistic.total_viewers) {
            self.say(format_args!("it was entered {views} times"));
        }
        Ok(())
    }

    async fn after_update_room_info(&self, _: &RequestInfo, event: room::AfterUpdateRoomInfo) -> Done {
        let room = event.room_info;
        self.say(format_args!("room {} is now called {}", room.room_id, room.room_name.unwrap_or_default()));
        Ok(())
    }

    async fn after_set_metadata(&self, _: &RequestInfo, event: room::AfterSetMetadata) -> Done {
        for metadata in event.metadata.unwrap_or_default() {
            self.say(format_args!(
                "room {}: {} is {}",
                event.room_id,
                metadata.key,
                metadata.value.unwrap_or_default()
            ));
        }
        Ok(())
    }

    async fn after_del_metadata(&self, _: &RequestInfo, event: room::AfterDelMetadata) -> Done {
        self.say(format_args!(
            "room {}: {} deleted",
            event.room_id,
            event.keys.unwrap_or_default().join(", ")
        ));
        Ok(())
    }

    async fn after_create_room_reaching_threshold(
        &self,
        _: &RequestInfo,
        event: room::AfterCreateRoomReachingThreshold,
    ) -> Done {
        let (rooms, limit) =
            (event.cur_room_count.unwrap_or_default(), event.max_room_count.unwrap_or_default());
        self.say(format_args!("{rooms} of {limit} rooms are in use"));
        Ok(())
    }

    async fn after_member_state_changed(
        &self,
        _: &RequestInfo,
        event: member::AfterMemberStateChanged,
    ) -> Done {
        for member in event.member_list.unwrap_or_default() {
            self.say(format_args!(
                "{} is {} in room {}",
                member.member_account, event.event_type, event.room_id
            ));
        }
        Ok(())
    }

    async fn after_change_owner(&self, _: &RequestInfo, event: member::AfterChangeOwner) -> Done {
        self.say(format_args!("room {} now belongs to {}", event.room_id, event.current_owner_account));
        Ok(())
    }

    async fn after_modify_admin(&self, _: &RequestInfo, event: member::AfterModifyAdmin) -> Done {
        for admin in event.admin_account.unwrap_or_default() {
            self.say(format_args!("room {}: administrator {admin}: {}", event.room_id, event.op_type));
        }
        Ok(())
    }

    async fn after_seat_info_changed(&self, _: &RequestInfo, event: seat::AfterSeatInfoChanged) -> Done {
        for seat in event.seat_list.unwrap_or_default() {
            let occupant = seat.occupant().map_or("free".to_owned(), |account| format!("taken by {account}"));
            self.say(format_args!("seat {} of room {} is {occupant}", seat.index, event.room_id));
        }
        Ok(())
    }

    async fn after_create_battle(&self, _: &RequestInfo, event: battle::AfterCreateBattle) -> Done {
        let from = event.from_room_id.as_ref().map_or("somewhere", |room| room.as_str());
        for to in event.to_room_id_list.unwrap_or_default() {
            self.say(format_args!("room {from} invites room {to} to battle {}", event.battle_id));
        }
        Ok(())
    }

    async fn after_start_battle(&self, _: &RequestInfo, event: battle::AfterStartBattle) -> Done {
        self.say(format_args!(
            "battle {} has started and will last {:?}",
            event.battle_id,
            event.duration.unwrap_or_default()
        ));
        Ok(())
    }

    async fn after_end_battle(&self, _: &RequestInfo, event: battle::AfterEndBattle) -> Done {
        let reason = match event.op_type {
            Some(battle::OpType::TimeUp) => "time is up",
            Some(battle::OpType::AllOwnersLeft) => "all owners left",
            Some(battle::OpType::NotStarted) => "nobody joined",
            _ => "no reason given",
        };
        self.say(format_args!("battle {} is over: {reason}", event.battle_id));
        for room in event.from_room_info.iter().chain(event.to_room_list.iter().flatten()) {
            self.say(format_args!("room {} scored {}", room.room_id, room.score.unwrap_or_default()));
        }
        Ok(())
    }

    async fn before_send_gift(
        &self,
        _: &RequestInfo,
        event: gift::BeforeSendGift,
    ) -> Result<gift::Decision, Infallible> {
        let gift = event.gift_water;
        let coins = gift.total_coins();
        self.say(format_args!(
            "may {} send {} for {} coins?",
            name(gift.from_account.as_ref()),
            gift.gift_id,
            coins.map_or("an unknown number of".to_owned(), |coins| coins.to_string())
        ));
        let decision = match coins {
            Some(..500) => gift::Decision::Allow,
            _ => gift::Decision::reject_with(TOO_MUCH, "too much"),
        };
        self.say(format_args!("decision: {decision:?}"));
        Ok(decision)
    }

    async fn before_send_msg(
        &self,
        _: &RequestInfo,
        event: message::BeforeSendMsg,
    ) -> Result<message::Decision, Infallible> {
        let texts: Vec<_> = event.msg_body.iter().flatten().filter_map(message::Element::as_text).collect();
        self.say(format_args!("may {} say {:?}?", name(event.from_account.as_ref()), texts.join(" ")));
        let decision = if texts.iter().any(|text| text.contains("red packet")) {
            message::Decision::AllowChanged(
                message::Changes::new().with_msg_body([message::Element::text("***")]),
            )
        } else {
            message::Decision::Allow
        };
        self.say(format_args!("decision: {decision:?}"));
        Ok(decision)
    }

    async fn after_send_msg(&self, _: &RequestInfo, event: message::AfterSendMsg) -> Done {
        for element in event.msg_body.iter().flatten() {
            let sender = name(event.from_account.as_ref());
            let said =
                element.as_text().map_or_else(|| element.msg_type().to_string(), |text| format!("{text:?}"));
            self.say(format_args!("{sender} said {said} in room {}", event.group_id));
        }
        Ok(())
    }

    async fn after_follow_add(&self, _: &RequestInfo, event: follow::AfterFollowAdd) -> Done {
        for follow in event.follow_list.unwrap_or_default() {
            self.say(format_args!("{} now follows {}", event.from_account, follow.to_account));
        }
        Ok(())
    }

    async fn after_follow_delete(&self, _: &RequestInfo, event: follow::AfterFollowDelete) -> Done {
        for account in event.to_account.unwrap_or_default() {
            self.say(format_args!("{} no longer follows {account}", event.from_account));
        }
        Ok(())
    }

    async fn after_cloud_recording_changed(
        &self,
        _: &RequestInfo,
        event: recording::AfterCloudRecordingChanged,
    ) -> Done {
        let room = event.event_info.room_id.as_ref().map_or("no room", |room| room.as_str());
        self.say(format_args!("recording of {room}: {:?}", event.event_type));
        Ok(())
    }

    async fn unrecognized(&self, _: &RequestInfo, event: UnrecognizedEvent) -> Done {
        self.say(format_args!("{} is not one of this crate's commands", event.command));
        Ok(())
    }
}

/// What most methods return.
type Done = Result<(), Infallible>;

fn name(account: Option<&UserId>) -> &str {
    account.map_or("nobody", UserId::as_str)
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

fn run() -> Outcome {
    let receiver = Receiver::new(OURS);
    let mut seen: Vec<Command> = Vec::new();
    for path in fixtures()? {
        let body = fs::read(&path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        println!("{name}");
        let query = format!("SdkAppid={OURS}&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI");
        let delivery = receiver.receive(&query, &body)?;
        let command = delivery.event.command().clone();
        expect(command.is_recognized() && name.starts_with(command.as_str()), &name)?;
        seen.push(command);
        let narrator = Narrator::default();
        let reply = block_on(dispatch(&narrator, delivery))?.to_json();
        expect(!narrator.lines.into_inner()?.is_empty(), &name)?;
        println!("  reply: {reply}");
        let expected = match &*name {
            "Live.CallbackBeforeSendGift" => GIFT_REJECTED,
            "Group.CallbackBeforeSendMsg" => MESSAGE_CHANGED,
            _ => ACKNOWLEDGED,
        };
        expect(reply == expected, &name)?;
    }
    expect(Command::ALL.iter().all(|command| seen.contains(command)), "a command without a packet")?;
    println!("{} packets, {} commands\n", seen.len(), Command::ALL.len());

    let destroy = fs::read_to_string(folder().join("Live.CallbackAfterDestroyRoom.json"))?;
    let (truncated, _) = destroy.split_at(destroy.len() / 2);
    let mistyped = destroy.replace(r#""MaxSeatCount": 4"#, r#""MaxSeatCount": "four""#);
    let query = format!("SdkAppid={OURS}");
    refuse(
        &receiver,
        "another app's SDKAppID",
        "SdkAppid=1400000001",
        &destroy,
        403,
        "SDKAppID 1400000001 does not belong",
    )?;
    refuse(&receiver, "no SDKAppID", "contenttype=json", &destroy, 400, "missing parameter SdkAppid")?;
    refuse(&receiver, "a truncated body", &query, truncated, 400, "body is not JSON at line")?;
    refuse(
        &receiver,
        "a field of the wrong type",
        &query,
        &mistyped,
        400,
        "invalid field RoomInfo.MaxSeatCount",
    )?;

    let token = Token::new("xxxxyyyy")?;
    let signed = |time: UnixSeconds, sign: &str| format!("{query}&Sign={sign}&RequestTime={time}");
    let now = UnixSeconds::now();
    let earlier = UnixSeconds::new(now.get() - 61);
    let receiver = Receiver::new(App::new(OURS).with_token(token.clone()));
    let delivery = receiver.receive(&signed(now, &token.sign(now)), destroy.as_bytes())?;
    println!("a signed delivery\n  {}", delivery.event.command());
    let wrong = signed(now, &Token::new("a guess")?.sign(now));
    refuse(&receiver, "a wrong signature", &wrong, &destroy, 401, "wrong signature")?;
    let stale = signed(earlier, &token.sign(earlier));
    refuse(&receiver, "a stale signature", &stale, &destroy, 401, "stale signature")?;
    refuse(&receiver, "no signature", &query, &destroy, 401, "missing parameter Sign")
}

/// Prints the answer to a delivery that must be refused.
fn refuse(receiver: &Receiver, what: &str, query: &str, body: &str, status: u16, text: &str) -> Outcome {
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
    expect(error.status_code() == status && error.to_string().contains(text), what)
}

type Outcome = Result<(), Box<dyn Error>>;

fn expect(held: bool, what: &str) -> Outcome {
    if held { Ok(()) } else { Err(format!("not as expected: {what}").into()) }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn fixtures() -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let files: Result<Vec<_>, _> =
        fs::read_dir(folder())?.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut files = files?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

/// Runtime for a service whose handler never waits.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}
