//! A handler that keeps a directory of rooms, and decides on gifts and messages.

use tracing::info;
use trtc_live_webhook::{
    Handler, RequestInfo, RoomId, UserId,
    event::{gift, member, message, room},
};

use crate::{Directory, DirectoryFull, Room, Settings};

/// The service's own part: what it makes of deliveries.
///
/// It logs ids, and nothing that users wrote.
#[derive(Debug)]
pub struct LiveRooms {
    directory: Directory,
    gift_limit: i64,
    /// In lower case.
    forbidden_word: Option<String>,
}

impl LiveRooms {
    /// Makes a handler that knows no room.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            directory: Directory::new(settings.room_limit),
            gift_limit: settings.gift_limit,
            forbidden_word: settings.forbidden_word.as_deref().map(str::to_lowercase),
        }
    }

    /// Returns what is known of the room.
    #[must_use]
    pub fn room(&self, id: &RoomId) -> Option<Room> {
        self.directory.get(id)
    }

    fn is_forbidden(&self, element: &message::Element) -> bool {
        let message::Element::Text(element) = element else { return false };
        let holds = |word: &String| element.text.to_lowercase().contains(word);
        self.forbidden_word.as_ref().is_some_and(holds)
    }
}

impl Handler for LiveRooms {
    type Error = DirectoryFull;

    async fn after_create_room(
        &self,
        _request: &RequestInfo,
        event: room::AfterCreateRoom,
    ) -> Result<(), DirectoryFull> {
        let created = event.room_info;
        info!(
            room_id = created.room_id.as_str(),
            owner = text(created.owner_account.as_ref()),
            "room created"
        );
        self.directory.edit(created.room_id, |room| {
            room.name = created.room_name;
            room.owner = created.owner_account;
        })
    }

    async fn after_update_room_info(
        &self,
        _request: &RequestInfo,
        event: room::AfterUpdateRoomInfo,
    ) -> Result<(), DirectoryFull> {
        let (updated, operator) = (event.room_info, event.operator_account);
        info!(room_id = updated.room_id.as_str(), operator = text(operator.as_ref()), "room updated");
        self.directory.edit(updated.room_id, |room| {
            if updated.room_name.is_some() {
                room.name = updated.room_name;
            }
        })
    }

    async fn after_destroy_room(
        &self,
        _request: &RequestInfo,
        event: room::AfterDestroyRoom,
    ) -> Result<(), DirectoryFull> {
        info!(
            room_id = event.room_id.as_str(),
            operator = text(event.operator_account.as_ref()),
            reason = event.event_type.as_str(),
            "room destroyed"
        );
        self.directory.remove(&event.room_id);
        Ok(())
    }

    async fn after_change_owner(
        &self,
        _request: &RequestInfo,
        event: member::AfterChangeOwner,
    ) -> Result<(), DirectoryFull> {
        let owner = event.current_owner_account;
        info!(room_id = event.room_id.as_str(), owner = owner.as_str(), "owner changed");
        self.directory.edit(event.room_id, |room| room.owner = Some(owner))
    }

    async fn after_member_state_changed(
        &self,
        _request: &RequestInfo,
        event: member::AfterMemberStateChanged,
    ) -> Result<(), DirectoryFull> {
        let members: Vec<_> =
            event.member_list.unwrap_or_default().into_iter().map(|member| member.member_account).collect();
        info!(
            room_id = event.room_id.as_str(),
            ?members,
            state = event.event_type.as_str(),
            "members changed"
        );
        match event.event_type {
            member::EventType::Online => {
                self.directory.edit(event.room_id, |room| room.online.extend(members))
            }
            member::EventType::Offline => {
                self.directory
                    .edit_known(&event.room_id, |room| room.online.retain(|id| !members.contains(id)));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn before_send_gift(
        &self,
        _request: &RequestInfo,
        event: gift::BeforeSendGift,
    ) -> Result<gift::Decision, DirectoryFull> {
        let gift = event.gift_water;
        let coins = gift.total_coins();
        // A gift whose cost is unknown is not free.
        let decision = if coins.is_some_and(|coins| coins <= self.gift_limit) {
            gift::Decision::Allow
        } else {
            gift::Decision::Reject
        };
        info!(
            room_id = event.room_id.as_str(),
            from = text(gift.from_account.as_ref()),
            coins,
            ?decision,
            "gift decided on"
        );
        Ok(decision)
    }

    async fn before_send_msg(
        &self,
        _request: &RequestInfo,
        event: message::BeforeSendMsg,
    ) -> Result<message::Decision, DirectoryFull> {
        let decision = if event.msg_body.iter().flatten().any(|element| self.is_forbidden(element)) {
            message::Decision::Forbid
        } else {
            message::Decision::Allow
        };
        info!(
            room_id = event.group_id.as_str(),
            from = text(event.from_account.as_ref()),
            ?decision,
            "message decided on"
        );
        Ok(decision)
    }
}

fn text(id: Option<&UserId>) -> Option<&str> {
    id.map(UserId::as_str)
}

#[cfg(test)]
mod tests {
    use pollster::block_on;
    use trtc_live_webhook::{
        Delivery, Event, Reply, RequestInfo, RoomId, SdkAppId, UserId, dispatch,
        event::{gift, member, message, room},
        samples,
    };

    use super::LiveRooms;
    use crate::{DirectoryFull, Room, Settings};

    const OURS: SdkAppId = SdkAppId::new(1_400_000_000);

    fn rooms() -> LiveRooms {
        LiveRooms::new(&Settings {
            sdk_app_id: OURS,
            tokens: Vec::new(),
            listen: ([127, 0, 0, 1], 0).into(),
            gift_limit: 500,
            forbidden_word: Some("Red Packet".to_owned()),
            room_limit: 2,
        })
    }

    fn tell(rooms: &LiveRooms, event: impl Into<Event>) -> Result<Reply, DirectoryFull> {
        block_on(dispatch(rooms, Delivery::new(RequestInfo::new(OURS), event)))
    }

    fn created(room: &str) -> room::AfterCreateRoom {
        let mut event = room::AfterCreateRoom::sample();
        event.room_info.room_id = room.into();
        event.room_info.room_name = Some("Tea".to_owned());
        event.room_info.owner_account = Some("ann".into());
        event
    }

    fn members(room: &str, state: member::EventType, accounts: &[&str]) -> member::AfterMemberStateChanged {
        let mut event = member::AfterMemberStateChanged::sample();
        event.room_id = room.into();
        event.event_type = state;
        let member = event.member_list.unwrap()[0].clone();
        let accounts = accounts.iter().map(|account| {
            let mut member = member.clone();
            member.member_account = (*account).into();
            member
        });
        event.member_list = Some(accounts.collect());
        event
    }

    #[track_caller]
    fn assert_online(rooms: &LiveRooms, room: &str, accounts: &[&str]) {
        let online = rooms.room(&room.into()).unwrap().online;
        assert!(online.iter().map(UserId::as_str).eq(accounts.iter().copied()), "{online:?}");
    }

    #[test]
    fn a_room_is_followed_through_its_life() {
        let (rooms, id) = (rooms(), RoomId::from("tea"));
        assert_eq!(rooms.room(&id), None);
        assert_eq!(tell(&rooms, created("tea")), Ok(Reply::ok()));
        let room = rooms.room(&id).unwrap();
        assert_eq!(room, Room { name: Some("Tea".to_owned()), owner: Some("ann".into()), ..Room::default() });

        let mut event = room::AfterUpdateRoomInfo::sample();
        event.room_info.room_id = "tea".into();
        event.room_info.room_name = Some("Coffee".to_owned());
        assert_eq!(tell(&rooms, event.clone()), Ok(Reply::ok()));
        event.room_info.room_name = None;
        assert_eq!(tell(&rooms, event), Ok(Reply::ok()));
        let mut event = member::AfterChangeOwner::sample();
        event.room_id = "tea".into();
        event.current_owner_account = "bob".into();
        assert_eq!(tell(&rooms, event), Ok(Reply::ok()));
        let room = rooms.room(&id).unwrap();
        assert_eq!(
            room,
            Room { name: Some("Coffee".to_owned()), owner: Some("bob".into()), ..Room::default() }
        );

        let mut event = room::AfterDestroyRoom::sample();
        event.room_id = "tea".into();
        assert_eq!(tell(&rooms, event), Ok(Reply::ok()));
        assert_eq!(rooms.room(&id), None);
    }

    #[test]
    fn members_come_and_go() {
        let rooms = rooms();
        assert_eq!(tell(&rooms, members("tea", member::EventType::Online, &["bob", "ann"])), Ok(Reply::ok()));
        assert_online(&rooms, "tea", &["ann", "bob"]);
        assert_eq!(
            tell(&rooms, members("tea", member::EventType::Offline, &["ann", "eve"])),
            Ok(Reply::ok())
        );
        assert_online(&rooms, "tea", &["bob"]);
        let other = "Elsewhere".into();
        assert_eq!(tell(&rooms, members("tea", other, &["ann", "bob"])), Ok(Reply::ok()));
        assert_online(&rooms, "tea", &["bob"]);
    }

    #[test]
    fn who_leaves_a_room_that_is_gone_does_not_bring_it_back() {
        let rooms = rooms();
        assert_eq!(tell(&rooms, members("tea", member::EventType::Offline, &["ann"])), Ok(Reply::ok()));
        assert_eq!(rooms.room(&"tea".into()), None);
    }

    #[test]
    fn a_full_directory_takes_no_other_room() {
        let rooms = rooms();
        assert!(tell(&rooms, created("one")).is_ok());
        assert!(tell(&rooms, created("two")).is_ok());
        let error = tell(&rooms, created("three")).unwrap_err();
        assert_eq!(error.to_string(), "directory is full: it holds 2 rooms");
        assert!(tell(&rooms, members("two", member::EventType::Online, &["ann"])).is_ok());
        let mut event = room::AfterDestroyRoom::sample();
        event.room_id = "one".into();
        assert!(tell(&rooms, event).is_ok());
        assert!(tell(&rooms, created("three")).is_ok());
    }

    #[test]
    fn a_gift_over_the_limit_is_rejected() {
        for (coins, decision) in [
            (None, gift::Decision::Reject),
            (Some(500), gift::Decision::Allow),
            (Some(501), gift::Decision::Reject),
        ] {
            let mut event = gift::BeforeSendGift::sample();
            event.gift_water.coins = coins;
            let reply = tell(&rooms(), event).unwrap();
            assert_eq!(gift::Decision::try_from(reply), Ok(decision), "{coins:?}");
        }
    }

    #[test]
    fn a_message_with_the_forbidden_word_is_forbidden() {
        let text = message::Element::text;
        let mut custom = message::CustomElem::default();
        custom.data = Some("red packet".to_owned());
        for (elements, decision) in [
            (None, message::Decision::Allow),
            (Some(vec![text("red"), text("packet")]), message::Decision::Allow),
            (Some(vec![custom.into()]), message::Decision::Allow),
            (Some(vec![text("hello"), text("a RED packet!")]), message::Decision::Forbid),
        ] {
            let mut event = message::BeforeSendMsg::sample();
            event.msg_body = elements;
            let reply = tell(&rooms(), event.clone()).unwrap();
            assert_eq!(message::Decision::try_from(reply), Ok(decision), "{:?}", event.msg_body);
        }
    }

    #[test]
    fn every_documented_packet_is_answered() {
        for sample in samples::ALL {
            assert!(tell(&rooms(), sample.event()).is_ok(), "{}", sample.name());
        }
    }
}
