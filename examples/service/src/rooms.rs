//! A handler that counts in rooms, and decides on gifts and messages.

use tracing::info;
use trtc_live_webhook::{
    Handler, RequestInfo, RoomId, SdkAppId,
    event::{gift, member, message, room},
};

use crate::{
    Settings,
    counts::{Counts, RoomCounts, RoomError},
    log::short,
};

/// The service's own part: what it makes of deliveries.
///
/// It logs ids, shortened, and nothing that users wrote. It keeps no members: a packet can name thousands, and anybody
/// who can post can send as many packets as they like.
#[derive(Debug)]
pub struct LiveRooms {
    rooms: RoomCounts,
    gift_limit: i64,
    /// In lower case, as are all words.
    forbidden_word: Option<String>,
    panic_word: Option<String>,
}

impl LiveRooms {
    /// Makes a handler that knows no room.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let word = |word: &Option<String>| word.as_deref().map(str::to_lowercase);
        Self {
            rooms: RoomCounts::new(settings.room_limit),
            gift_limit: settings.gift_limit,
            forbidden_word: word(&settings.forbidden_word),
            panic_word: word(&settings.panic_word),
        }
    }

    /// Returns what was counted in the application's room. `None` if the service has not heard that it opened, or has
    /// heard that it was destroyed.
    #[must_use]
    pub fn counts(&self, app: SdkAppId, room: impl Into<RoomId>) -> Option<Counts> {
        self.rooms.get(app, room.into())
    }
}

impl Handler for LiveRooms {
    type Error = RoomError;

    async fn after_create_room(
        &self,
        request: &RequestInfo,
        event: room::AfterCreateRoom,
    ) -> Result<(), RoomError> {
        let room = event.room_info;
        info!(room_id = short(&room.room_id), owner = room.owner_account.map(short), "room created");
        self.rooms.open(request.sdk_app_id, room.room_id)
    }

    async fn after_destroy_room(
        &self,
        request: &RequestInfo,
        event: room::AfterDestroyRoom,
    ) -> Result<(), RoomError> {
        let (room_id, reason) = (short(&event.room_id), short(event.event_type.as_str()));
        let counts = self.rooms.close(request.sdk_app_id, event.room_id);
        info!(room_id, reason, ?counts, "room destroyed");
        Ok(())
    }

    async fn after_member_state_changed(
        &self,
        request: &RequestInfo,
        event: member::AfterMemberStateChanged,
    ) -> Result<(), RoomError> {
        let members = event.member_list.map_or(0, |members| members.len());
        info!(
            room_id = short(&event.room_id),
            members,
            state = short(event.event_type.as_str()),
            "members changed"
        );
        self.rooms.count(request.sdk_app_id, event.room_id, |counts| match event.event_type {
            member::EventType::Online => counts.online += members,
            member::EventType::Offline => counts.offline += members,
            _ => {}
        });
        Ok(())
    }

    async fn before_send_gift(
        &self,
        request: &RequestInfo,
        event: gift::BeforeSendGift,
    ) -> Result<gift::Decision, RoomError> {
        let gift = event.gift_water;
        let coins = gift.total_coins();
        // A gift whose cost is unknown is not free.
        let allowed = coins.is_some_and(|coins| (0..=self.gift_limit).contains(&coins));
        let decision = if allowed { gift::Decision::Allow } else { gift::Decision::Reject };
        info!(
            room_id = short(&event.room_id),
            from = gift.from_account.map(short),
            coins,
            ?decision,
            "gift decided on"
        );
        let allowed = usize::from(allowed);
        self.rooms.count(request.sdk_app_id, event.room_id, |counts| counts.gifts += allowed);
        Ok(decision)
    }

    async fn before_send_msg(
        &self,
        request: &RequestInfo,
        event: message::BeforeSendMsg,
    ) -> Result<message::Decision, RoomError> {
        let any = |word: &Option<String>| match word {
            Some(word) => event.texts().any(|text| text.to_lowercase().contains(word)),
            None => false,
        };
        assert!(!any(&self.panic_word), "a message holds the PANIC_WORD");
        let forbidden = any(&self.forbidden_word);
        let decision = if forbidden { message::Decision::Forbid } else { message::Decision::Allow };
        info!(
            room_id = short(&event.group_id),
            from = event.from_account.map(short),
            ?decision,
            "message decided on"
        );
        let allowed = usize::from(!forbidden);
        self.rooms.count(request.sdk_app_id, event.group_id, |counts| counts.messages += allowed);
        Ok(decision)
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;
    use trtc_live_webhook::{
        Delivery, Event, Reply, RequestInfo, SdkAppId, dispatch,
        event::{gift, member, message, room},
        samples,
    };

    use super::LiveRooms;
    use crate::{Counts, RoomError, Settings};

    const OURS: SdkAppId = SdkAppId::new(1_400_000_000);

    fn rooms() -> LiveRooms {
        LiveRooms::new(&Settings {
            gift_limit: 500,
            forbidden_word: Some("Red Packet".to_owned()),
            room_limit: 2,
            ..Settings::new(OURS)
        })
    }

    fn tell(rooms: &LiveRooms, event: impl Into<Event>) -> Result<Reply, RoomError> {
        block_on(dispatch(rooms, Delivery::new(RequestInfo::new(OURS), event)))
    }

    fn created(room: &str) -> room::AfterCreateRoom {
        let mut event = room::AfterCreateRoom::sample();
        event.room_info.room_id = room.into();
        event
    }

    fn destroyed(room: &str) -> room::AfterDestroyRoom {
        let mut event = room::AfterDestroyRoom::sample();
        event.room_id = room.into();
        event
    }

    fn members(room: &str, state: member::EventType, count: usize) -> member::AfterMemberStateChanged {
        let mut event = member::AfterMemberStateChanged::sample();
        event.room_id = room.into();
        event.event_type = state;
        let member = event.member_list.unwrap()[0].clone();
        event.member_list = Some(vec![member; count]);
        event
    }

    fn gift(room: &str, coins: Option<i64>) -> gift::BeforeSendGift {
        let mut event = gift::BeforeSendGift::sample();
        event.room_id = room.into();
        event.gift_water.coins = coins;
        event
    }

    fn message(room: &str, elements: Option<Vec<message::Element>>) -> message::BeforeSendMsg {
        let mut event = message::BeforeSendMsg::sample();
        event.group_id = room.into();
        event.msg_body = elements;
        event
    }

    #[test]
    fn a_room_is_counted_in_through_its_life() {
        let rooms = rooms();
        // Nobody has heard of it yet.
        assert_eq!(tell(&rooms, members("tea", member::EventType::Online, 1)), Ok(Reply::ok()));
        assert_eq!(rooms.counts(OURS, "tea"), None);
        assert_eq!(tell(&rooms, created("tea")), Ok(Reply::ok()));
        assert_eq!(rooms.counts(OURS, "tea"), Some(Counts::default()));

        assert_eq!(tell(&rooms, members("tea", member::EventType::Online, 3)), Ok(Reply::ok()));
        assert_eq!(tell(&rooms, members("tea", member::EventType::Offline, 2)), Ok(Reply::ok()));
        assert_eq!(tell(&rooms, members("tea", "Elsewhere".into(), 9)), Ok(Reply::ok()));
        assert!(tell(&rooms, gift("tea", Some(1))).is_ok() && tell(&rooms, gift("tea", None)).is_ok());
        let forbidden = message::Element::text("red packet");
        assert!(tell(&rooms, message("tea", None)).is_ok());
        assert!(tell(&rooms, message("tea", Some(vec![forbidden]))).is_ok());
        // A room that was open before is not begun again.
        assert_eq!(tell(&rooms, created("tea")), Ok(Reply::ok()));
        let counts = Counts { online: 3, offline: 2, gifts: 1, messages: 1 };
        assert_eq!(rooms.counts(OURS, "tea"), Some(counts));

        assert_eq!(tell(&rooms, destroyed("tea")), Ok(Reply::ok()));
        assert_eq!(rooms.counts(OURS, "tea"), None);
    }

    #[test]
    fn another_application_has_rooms_of_its_own() {
        let (rooms, theirs) = (rooms(), SdkAppId::new(7));
        assert_eq!(tell(&rooms, created("tea")), Ok(Reply::ok()));
        let delivery = Delivery::new(RequestInfo::new(theirs), destroyed("tea"));
        assert_eq!(block_on(dispatch(&rooms, delivery)), Ok(Reply::ok()));
        assert_eq!(rooms.counts(OURS, "tea"), Some(Counts::default()));
        assert_eq!(rooms.counts(theirs, "tea"), None);
    }

    #[test]
    fn a_full_table_takes_no_other_room() {
        let rooms = rooms();
        assert!(tell(&rooms, created("one")).is_ok());
        assert!(tell(&rooms, created("two")).is_ok());
        let error = tell(&rooms, created("three")).unwrap_err();
        assert_eq!(error.to_string(), "table of rooms is full: it holds 2");
        assert!(tell(&rooms, created("two")).is_ok());
        assert!(tell(&rooms, destroyed("one")).is_ok());
        assert!(tell(&rooms, created("three")).is_ok());
    }

    #[test]
    fn a_room_whose_id_is_too_long_is_not_kept() {
        let error = tell(&rooms(), created(&"x".repeat(129))).unwrap_err();
        assert_eq!(error.to_string(), "id of a room has more than 128 bytes");
        assert!(tell(&rooms(), created(&"x".repeat(128))).is_ok());
    }

    /// 400,400 members in packets of 1,001, in one room: the last packet costs what the first did, and a packet of many
    /// members what one of a single member does.
    #[test]
    fn members_cost_nothing_but_their_packet() {
        let rooms = rooms();
        assert!(tell(&rooms, created("tea")).is_ok());
        let cost = |count| {
            let delivery =
                Delivery::new(RequestInfo::new(OURS), members("tea", member::EventType::Online, count));
            let mut reply = None;
            let cost = allocation_counter::measure(|| reply = Some(block_on(dispatch(&rooms, delivery))));
            assert_eq!(reply, Some(Ok(Reply::ok())));
            // What is freed is the packet.
            (cost.count_total, cost.bytes_total)
        };
        let alone = cost(1);
        for _ in 0..400 {
            assert_eq!(cost(1001), alone);
        }
        assert_eq!(rooms.counts(OURS, "tea").unwrap().online, 400_401);
    }

    #[test]
    fn a_gift_over_the_limit_or_of_unknown_cost_is_rejected() {
        for (coins, decision) in [
            (None, gift::Decision::Reject),
            (Some(i64::MAX), gift::Decision::Reject),
            (Some(-1), gift::Decision::Reject),
            (Some(500), gift::Decision::Allow),
            (Some(501), gift::Decision::Reject),
        ] {
            let reply = tell(&rooms(), gift("tea", coins)).unwrap();
            assert_eq!(gift::Decision::try_from(reply), Ok(decision), "{coins:?}");
        }
    }

    #[test]
    fn a_message_with_the_forbidden_word_is_forbidden() {
        let text = message::Element::text;
        let mut custom = message::CustomElem::default();
        custom.data = Some("red packet".to_owned());
        let mut forwarded = message::RelayedMsg::new();
        forwarded.msg_body = Some(vec![text("a red packet")]);
        let mut relay = message::RelayElem::new();
        relay.msg_list = Some(vec![forwarded]);
        for (elements, decision) in [
            (None, message::Decision::Allow),
            (Some(vec![text("red"), text("packet")]), message::Decision::Allow),
            (Some(vec![custom.into()]), message::Decision::Allow),
            (Some(vec![text("hello"), text("a RED packet!")]), message::Decision::Forbid),
            (Some(vec![relay.into()]), message::Decision::Forbid),
        ] {
            let reply = tell(&rooms(), message("tea", elements.clone())).unwrap();
            assert_eq!(message::Decision::try_from(reply), Ok(decision), "{elements:?}");
        }
    }

    #[test]
    fn every_documented_packet_is_answered() {
        for sample in samples::ALL {
            assert!(tell(&rooms(), sample.event()).is_ok(), "{}", sample.name());
        }
    }
}
