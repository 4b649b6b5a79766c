//! Follows.

use serde::{Deserialize, Serialize};
use serde_with::{serde_as, skip_serializing_none};

use super::packet::{About, Packet, Tag};
use crate::{command::Command, id::UserId, object::Object, time::UnixMillis};

/// `Follow.CallbackAfterFollowAdd`: a user started following others.
///
/// Documentation: <https://trtc.io/document/74356>
#[serde_as]
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterFollowAdd {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// User who follows.
    #[serde(rename = "From_Account")]
    pub from_account: UserId,
    /// Users who are now followed. Also `None` for `null` in place of an empty list.
    #[serde_as(as = "Option<Vec<Object>>")]
    pub follow_list: Option<Vec<Follow>>,
    /// When it happened.
    pub event_time: Option<UnixMillis>,
}

impl AfterFollowAdd {
    /// Makes an event with its required fields; the others are absent.
    pub fn new(from_account: impl Into<UserId>) -> Self {
        Self { tag: Tag::default(), from_account: from_account.into(), follow_list: None, event_time: None }
    }
}

impl Packet for AfterFollowAdd {
    const COMMAND: &'static Command = &Command::AfterFollowAdd;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND).time(self.event_time)
    }
}

/// A user who is followed, in [`AfterFollowAdd`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Follow {
    /// User who is followed.
    #[serde(rename = "To_Account")]
    pub to_account: UserId,
}

impl Follow {
    /// Makes a follow.
    pub fn new(to_account: impl Into<UserId>) -> Self {
        Self { to_account: to_account.into() }
    }
}

/// `Follow.CallbackAfterFollowDelete`: a user stopped following others.
///
/// Documentation: <https://trtc.io/document/74357>
#[skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AfterFollowDelete {
    #[serde(rename = "CallbackCommand")]
    tag: Tag<Self>,
    /// User who followed.
    #[serde(rename = "From_Account")]
    pub from_account: UserId,
    /// Users who are no longer followed. Also `None` for `null` in place of an empty list.
    #[serde(rename = "To_Account")]
    pub to_account: Option<Vec<UserId>>,
    /// When it happened.
    pub event_time: Option<UnixMillis>,
}

impl AfterFollowDelete {
    /// Makes an event with its required fields; the others are absent.
    pub fn new(from_account: impl Into<UserId>) -> Self {
        Self { tag: Tag::default(), from_account: from_account.into(), to_account: None, event_time: None }
    }
}

impl Packet for AfterFollowDelete {
    const COMMAND: &'static Command = &Command::AfterFollowDelete;

    fn about(&self) -> About<'_> {
        About::new(Self::COMMAND).time(self.event_time)
    }
}
