//! What a user would write without the crate: derived structs, and serde's own ways of choosing among them.

#![allow(
    dead_code,
    clippy::struct_field_names,
    reason = "the fields are there to be filled, and named by the wire"
)]

use serde::{Deserialize, de::Error};
use serde_json::Value;
use trtc_live_webhook::{
    BattleId, RoomId, UnixMillis, UnixSeconds, UserId,
    event::{battle, member, room},
};

/// The crate's own structs check the command, which serde's tagged enum takes away from them: so their fields are
/// repeated here.
#[derive(Deserialize)]
#[serde(tag = "CallbackCommand")]
pub(crate) enum Tagged {
    #[serde(rename = "Live.CallbackAfterCreateRoom")]
    CreateRoom(CreateRoom),
    #[serde(rename = "Live.CallbackAfterDestroyRoom")]
    DestroyRoom(DestroyRoom),
    #[serde(rename = "Live.CallbackAfterMemberStateChanged")]
    MemberStateChanged(MemberStateChanged),
    #[serde(rename = "Live.CallbackAfterEndBattle")]
    EndBattle(EndBattle),
}

impl Tagged {
    /// Reads the body into a value, looks at the command, and makes the struct from the value.
    pub(crate) fn from_value(body: &[u8]) -> serde_json::Result<Self> {
        let packet: Value = serde_json::from_slice(body)?;
        match packet.get("CallbackCommand").and_then(Value::as_str) {
            Some("Live.CallbackAfterCreateRoom") => serde_json::from_value(packet).map(Self::CreateRoom),
            Some("Live.CallbackAfterDestroyRoom") => serde_json::from_value(packet).map(Self::DestroyRoom),
            Some("Live.CallbackAfterMemberStateChanged") => {
                serde_json::from_value(packet).map(Self::MemberStateChanged)
            }
            Some("Live.CallbackAfterEndBattle") => serde_json::from_value(packet).map(Self::EndBattle),
            _ => Err(serde_json::Error::custom("another command")),
        }
    }
}

/// The crate's own structs, which read no packet but their own.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Untagged {
    CreateRoom(room::AfterCreateRoom),
    MemberStateChanged(member::AfterMemberStateChanged),
    EndBattle(battle::AfterEndBattle),
    DestroyRoom(room::AfterDestroyRoom),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateRoom {
    #[serde(rename = "Operator_Account")]
    operator_account: Option<UserId>,
    room_info: RoomInfo,
    event_time: Option<UnixMillis>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DestroyRoom {
    #[serde(rename = "Operator_Account")]
    operator_account: Option<UserId>,
    room_id: RoomId,
    event_type: room::EventType,
    event_time: Option<UnixMillis>,
    room_info: Option<RoomInfo>,
    statistic: Option<Statistic>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoomInfo {
    room_id: Option<RoomId>,
    room_name: Option<String>,
    room_type: Option<room::RoomType>,
    #[serde(rename = "Owner_Account")]
    owner_account: Option<UserId>,
    is_seat_enabled: Option<bool>,
    take_seat_mode: Option<room::TakeSeatMode>,
    max_member_count: Option<i64>,
    max_seat_count: Option<i64>,
    category: Option<Vec<i64>>,
    custom_info: Option<String>,
    is_message_disabled: Option<bool>,
    #[serde(rename = "CoverURL")]
    cover_url: Option<String>,
    activity_status: Option<i64>,
    is_public_visible: Option<bool>,
    view_count: Option<i64>,
    #[serde(rename = "BackgroundURL")]
    background_url: Option<String>,
    is_unlimited_room_enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statistic {
    total_viewers: Option<i64>,
    total_gifts_sent: Option<i64>,
    total_gift_coins: Option<i64>,
    total_unique_gift_senders: Option<i64>,
    total_likes_received: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct MemberStateChanged {
    room_id: RoomId,
    event_type: member::EventType,
    event_cause: Option<member::EventCause>,
    event_time: Option<UnixMillis>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EndBattle {
    battle_id: BattleId,
    duration: Option<i64>,
    create_time: Option<UnixSeconds>,
    event_time: Option<UnixMillis>,
}
