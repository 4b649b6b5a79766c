//! The command words: which event a packet tells, with the page that documents it.

use crate::string_enum::string_enum;

string_enum! {
    /// The name of an event on the wire, as in the body's `CallbackCommand`.
    ///
    /// Words are matched exactly. A word of a sibling product (`Room.…`, `Call.…`, `C2C.…`) or one that is newer
    /// than this version of the crate is [`Unrecognized`](Self::Unrecognized).
    pub enum Command {
        /// A room was created: [`room::AfterCreateRoom`](crate::event::room::AfterCreateRoom).
        AfterCreateRoom = "Live.CallbackAfterCreateRoom",
        /// A room was dissolved: [`room::AfterDestroyRoom`](crate::event::room::AfterDestroyRoom).
        AfterDestroyRoom = "Live.CallbackAfterDestroyRoom",
        /// Members came or went:
        /// [`member::AfterMemberStateChanged`](crate::event::member::AfterMemberStateChanged).
        AfterMemberStateChanged = "Live.CallbackAfterMemberStateChanged" | "Live.CallbackMemberStateChanged",
        /// A battle ended: [`battle::AfterEndBattle`](crate::event::battle::AfterEndBattle).
        AfterEndBattle = "Live.CallbackAfterEndBattle",
    }
}

impl Command {
    /// Returns the page that documents the command; `None` for an unrecognized one.
    #[must_use]
    pub fn documentation(&self) -> Option<&'static str> {
        Some(match self {
            Self::AfterCreateRoom => "https://trtc.io/document/64422",
            Self::AfterDestroyRoom => "https://trtc.io/document/64423",
            Self::AfterMemberStateChanged => "https://trtc.io/document/64424",
            Self::AfterEndBattle => "https://trtc.io/document/68261",
            Self::Unrecognized(_) => return None,
        })
    }
}
