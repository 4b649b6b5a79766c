//! Each event's documented packet, by the event's own name.

use crate::{
    event::{battle, follow, gift, member, message, recording, room, seat},
    samples,
};

impl room::AfterCreateRoom {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_CREATE_ROOM.parse()
    }
}

impl room::AfterDestroyRoom {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_DESTROY_ROOM.parse()
    }

    /// Returns the documented packet in the 2024 edition.
    #[must_use]
    pub fn sample_2024() -> Self {
        samples::AFTER_DESTROY_ROOM_2024.parse()
    }
}

impl room::AfterUpdateRoomInfo {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_UPDATE_ROOM_INFO.parse()
    }
}

impl room::AfterSetMetadata {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_SET_METADATA.parse()
    }
}

impl room::AfterDelMetadata {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_DEL_METADATA.parse()
    }
}

impl room::AfterCreateRoomReachingThreshold {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_CREATE_ROOM_REACHING_THRESHOLD.parse()
    }
}

impl member::AfterMemberStateChanged {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_MEMBER_STATE_CHANGED.parse()
    }
}

impl member::AfterChangeOwner {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_CHANGE_OWNER.parse()
    }
}

impl member::AfterModifyAdmin {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_MODIFY_ADMIN.parse()
    }
}

impl seat::AfterSeatInfoChanged {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_SEAT_INFO_CHANGED.parse()
    }
}

impl battle::AfterCreateBattle {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_CREATE_BATTLE.parse()
    }
}

impl battle::AfterStartBattle {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_START_BATTLE.parse()
    }
}

impl battle::AfterEndBattle {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_END_BATTLE.parse()
    }
}

impl gift::BeforeSendGift {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::BEFORE_SEND_GIFT.parse()
    }
}

impl message::BeforeSendMsg {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::BEFORE_SEND_MSG.parse()
    }
}

impl message::AfterSendMsg {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_SEND_MSG.parse()
    }
}

impl follow::AfterFollowAdd {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_FOLLOW_ADD.parse()
    }
}

impl follow::AfterFollowDelete {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_FOLLOW_DELETE.parse()
    }
}

impl recording::AfterCloudRecordingChanged {
    /// Returns the documented packet.
    #[must_use]
    pub fn sample() -> Self {
        samples::AFTER_CLOUD_RECORDING_CHANGED.parse()
    }
}
