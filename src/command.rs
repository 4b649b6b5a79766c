//! Command words: which event a packet tells of, and the page that documents it.

use crate::open_enum::open_enum;

open_enum! {
    /// Name of an event on the wire, as in the body's `CallbackCommand`.
    ///
    /// Words are matched exactly. A word from a sibling product (`Room.…`, `Call.…`, `C2C.…`) or one newer
    /// than this version of the crate is [`Unrecognized`](Self::Unrecognized).
    pub enum Command {
        /// A room was created: [`room::AfterCreateRoom`](crate::event::room::AfterCreateRoom).
        AfterCreateRoom = "Live.CallbackAfterCreateRoom",
        /// A room was dissolved: [`room::AfterDestroyRoom`](crate::event::room::AfterDestroyRoom).
        AfterDestroyRoom = "Live.CallbackAfterDestroyRoom",
        /// A room's settings were changed:
        /// [`room::AfterUpdateRoomInfo`](crate::event::room::AfterUpdateRoomInfo).
        AfterUpdateRoomInfo = "Live.CallbackAfterUpdateRoomInfo",
        /// Metadata of a room was set: [`room::AfterSetMetadata`](crate::event::room::AfterSetMetadata).
        AfterSetMetadata = "Live.CallbackAfterSetMetadata",
        /// Metadata of a room was deleted: [`room::AfterDelMetadata`](crate::event::room::AfterDelMetadata).
        AfterDelMetadata = "Live.CallbackAfterDelMetadata",
        /// An application has 70% or more of the rooms it is allowed:
        /// [`room::AfterCreateRoomReachingThreshold`](crate::event::room::AfterCreateRoomReachingThreshold).
        AfterCreateRoomReachingThreshold = "Live.CallbackAfterCreateRoomReachingThreshold",
        /// Members of a room came online or went offline:
        /// [`member::AfterMemberStateChanged`](crate::event::member::AfterMemberStateChanged).
        AfterMemberStateChanged = "Live.CallbackAfterMemberStateChanged" | "Live.CallbackMemberStateChanged",
        /// A room has a new owner: [`member::AfterChangeOwner`](crate::event::member::AfterChangeOwner).
        AfterChangeOwner = "Live.CallbackAfterChangeOwner",
        /// Members became administrators of a room or stopped being administrators:
        /// [`member::AfterModifyAdmin`](crate::event::member::AfterModifyAdmin).
        AfterModifyAdmin = "Live.CallbackAfterModifyAdmin",
        /// Seats of a room changed: [`seat::AfterSeatInfoChanged`](crate::event::seat::AfterSeatInfoChanged).
        AfterSeatInfoChanged = "Mic.CallbackAfterSeatInfoChanged",
        /// A battle was requested: [`battle::AfterCreateBattle`](crate::event::battle::AfterCreateBattle).
        AfterCreateBattle = "Live.CallbackAfterCreateBattle",
        /// A battle started: [`battle::AfterStartBattle`](crate::event::battle::AfterStartBattle).
        AfterStartBattle = "Live.CallbackAfterStartBattle",
        /// A battle ended: [`battle::AfterEndBattle`](crate::event::battle::AfterEndBattle).
        AfterEndBattle = "Live.CallbackAfterEndBattle",
        /// A gift is about to be sent: [`gift::BeforeSendGift`](crate::event::gift::BeforeSendGift).
        BeforeSendGift = "Live.CallbackBeforeSendGift",
        /// A message is about to be sent: [`message::BeforeSendMsg`](crate::event::message::BeforeSendMsg).
        BeforeSendMsg = "Group.CallbackBeforeSendMsg",
        /// A message was sent: [`message::AfterSendMsg`](crate::event::message::AfterSendMsg).
        AfterSendMsg = "Group.CallbackAfterSendMsg",
        /// A user started following others: [`follow::AfterFollowAdd`](crate::event::follow::AfterFollowAdd).
        AfterFollowAdd = "Follow.CallbackAfterFollowAdd",
        /// A user stopped following others:
        /// [`follow::AfterFollowDelete`](crate::event::follow::AfterFollowDelete).
        AfterFollowDelete = "Follow.CallbackAfterFollowDelete",
        /// A recording started, stopped or progressed:
        /// [`recording::AfterCloudRecordingChanged`](crate::event::recording::AfterCloudRecordingChanged).
        AfterCloudRecordingChanged =
            "Live.CallbackAfterCloudRecordingChanged" | "Follow.CallbackAfterCloudRecordingChanged",
    }
}

impl Command {
    /// Returns the page that documents the command; `None` for an unrecognized one.
    #[must_use]
    pub fn documentation(&self) -> Option<&'static str> {
        Some(match self {
            Self::AfterCreateRoom => "https://trtc.io/document/64422",
            Self::AfterDestroyRoom => "https://trtc.io/document/64423",
            Self::AfterUpdateRoomInfo => "https://trtc.io/document/67938",
            Self::AfterSetMetadata => "https://trtc.io/document/68222",
            Self::AfterDelMetadata => "https://trtc.io/document/68223",
            Self::AfterCreateRoomReachingThreshold => "https://trtc.io/document/70485",
            Self::AfterMemberStateChanged => "https://trtc.io/document/64424",
            Self::AfterChangeOwner => "https://trtc.io/document/72553",
            Self::AfterModifyAdmin => "https://trtc.io/document/72554",
            Self::AfterSeatInfoChanged => "https://trtc.io/document/64425",
            Self::AfterCreateBattle => "https://trtc.io/document/68259",
            Self::AfterStartBattle => "https://trtc.io/document/68260",
            Self::AfterEndBattle => "https://trtc.io/document/68261",
            Self::BeforeSendGift => "https://trtc.io/document/72210",
            Self::BeforeSendMsg => "https://trtc.io/document/74347",
            Self::AfterSendMsg => "https://trtc.io/document/74348",
            Self::AfterFollowAdd => "https://trtc.io/document/74356",
            Self::AfterFollowDelete => "https://trtc.io/document/74357",
            Self::AfterCloudRecordingChanged => "https://trtc.io/document/78428",
            Self::Unrecognized(_) => return None,
        })
    }
}
