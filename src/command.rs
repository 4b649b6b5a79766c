//! Table of commands, and the words that name them.

use crate::open_enum::open_enum;

/// Calls another macro with the table of commands. A row has a doc line, the method of [`Handler`](crate::Handler),
/// the struct, the type of the method's decision if it makes one, the wire word with its aliases, and the
/// documentation page.
macro_rules! commands {
    ($consumer:ident) => {
        $consumer! {
            /// A room was created.
            after_create_room(room::AfterCreateRoom)
                = "Live.CallbackAfterCreateRoom", "https://trtc.io/document/64422";
            /// A room was dissolved.
            after_destroy_room(room::AfterDestroyRoom)
                = "Live.CallbackAfterDestroyRoom", "https://trtc.io/document/64423";
            /// A room's settings were changed.
            after_update_room_info(room::AfterUpdateRoomInfo)
                = "Live.CallbackAfterUpdateRoomInfo", "https://trtc.io/document/67938";
            /// Metadata of a room was set.
            after_set_metadata(room::AfterSetMetadata)
                = "Live.CallbackAfterSetMetadata", "https://trtc.io/document/68222";
            /// Metadata of a room was deleted.
            after_del_metadata(room::AfterDelMetadata)
                = "Live.CallbackAfterDelMetadata", "https://trtc.io/document/68223";
            /// An application has 70% or more of the rooms it is allowed.
            after_create_room_reaching_threshold(room::AfterCreateRoomReachingThreshold)
                = "Live.CallbackAfterCreateRoomReachingThreshold", "https://trtc.io/document/70485";
            /// Members of a room came online or went offline.
            after_member_state_changed(member::AfterMemberStateChanged)
                = "Live.CallbackAfterMemberStateChanged" | "Live.CallbackMemberStateChanged",
                "https://trtc.io/document/64424";
            /// A room has a new owner.
            after_change_owner(member::AfterChangeOwner)
                = "Live.CallbackAfterChangeOwner", "https://trtc.io/document/72553";
            /// Members became administrators of a room or stopped being administrators.
            after_modify_admin(member::AfterModifyAdmin)
                = "Live.CallbackAfterModifyAdmin", "https://trtc.io/document/72554";
            /// Seats of a room changed.
            after_seat_info_changed(seat::AfterSeatInfoChanged)
                = "Mic.CallbackAfterSeatInfoChanged", "https://trtc.io/document/64425";
            /// A battle was requested.
            after_create_battle(battle::AfterCreateBattle)
                = "Live.CallbackAfterCreateBattle", "https://trtc.io/document/68259";
            /// A battle started.
            after_start_battle(battle::AfterStartBattle)
                = "Live.CallbackAfterStartBattle", "https://trtc.io/document/68260";
            /// A battle ended.
            after_end_battle(battle::AfterEndBattle)
                = "Live.CallbackAfterEndBattle", "https://trtc.io/document/68261";
            /// A gift is about to be sent.
            before_send_gift(gift::BeforeSendGift) -> gift::Decision
                = "Live.CallbackBeforeSendGift", "https://trtc.io/document/72210";
            /// A message is about to be sent.
            before_send_msg(message::BeforeSendMsg) -> message::Decision
                = "Group.CallbackBeforeSendMsg", "https://trtc.io/document/74347";
            /// A message was sent.
            after_send_msg(message::AfterSendMsg)
                = "Group.CallbackAfterSendMsg", "https://trtc.io/document/74348";
            /// A user started following others.
            after_follow_add(follow::AfterFollowAdd)
                = "Follow.CallbackAfterFollowAdd", "https://trtc.io/document/74356";
            /// A user stopped following others.
            after_follow_delete(follow::AfterFollowDelete)
                = "Follow.CallbackAfterFollowDelete", "https://trtc.io/document/74357";
            /// A recording started, stopped or progressed.
            after_cloud_recording_changed(recording::AfterCloudRecordingChanged)
                = "Live.CallbackAfterCloudRecordingChanged" | "Follow.CallbackAfterCloudRecordingChanged",
                "https://trtc.io/document/78428";
        }
    };
}

pub(crate) use commands;

/// Decision of a row's method: `()` unless the row names a type.
pub(crate) type Answer<Decision = ()> = Decision;

macro_rules! command {
    ($(
        $(#[$doc:meta])*
        $method:ident($family:ident::$event:ident) $(-> $answer:ty)? = $word:literal $(| $alias:literal)*, $page:literal;
    )+) => {
        open_enum! {
            /// Command, which says what a delivery is about: the body's `CallbackCommand`.
            ///
            /// Each variant names its event, the method of [`Handler`](crate::Handler) that receives it, and its
            /// documentation page.
            ///
            /// Words are matched exactly. A word from a sibling product (`Room.…`, `Call.…`, `C2C.…`) or one newer
            /// than this version of the crate is [`Unrecognized`](Self::Unrecognized).
            pub enum Command {
                $(
                    $(#[$doc])*
                    #[doc = ""]
                    #[doc = concat!(
                        "Event [`", stringify!($family), "::", stringify!($event), "`]",
                        "(crate::event::", stringify!($family), "::", stringify!($event), "), ",
                        "method [`", stringify!($method), "`](crate::Handler::", stringify!($method), ")."
                    )]
                    #[doc = ""]
                    #[doc = concat!("Documentation: <", $page, ">")]
                    $event = $word $(| $alias)*,
                )+
            }
        }

        impl Command {
            /// Returns the URL of the command's documentation page; `None` for an unrecognized command.
            #[must_use]
            pub const fn documentation(&self) -> Option<&'static str> {
                match self {
                    $(Self::$event => Some($page),)+
                    Self::Unrecognized(_) => None,
                }
            }
        }
    };
}

commands!(command);
