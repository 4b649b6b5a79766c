//! What the service counts in each open room.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use trtc_live_webhook::{RoomId, SdkAppId};

/// Counts by application and room, up to a limit of rooms.
///
/// By both, because a body does not say which application it is about: were it by the room alone, whoever can post for
/// one application could change the rooms of another.
///
/// A room is counted from the delivery that opens it to the one that destroys it, and only while the service runs. Each
/// delivery changes a few numbers, however much it holds: who can post deliveries can fill this table, and cannot slow it
/// down.
#[derive(Debug)]
pub(crate) struct RoomCounts {
    limit: usize,
    rooms: Mutex<HashMap<(SdkAppId, RoomId), Counts>>,
}

/// What was counted in a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Members who came online.
    pub online: usize,
    /// Members who went offline.
    pub offline: usize,
    /// Gifts that were allowed.
    pub gifts: usize,
    /// Messages that were allowed.
    pub messages: usize,
}

impl RoomCounts {
    /// Most bytes of an id. Documented ones have 48 at most.
    const MAX_ID: usize = 128;

    /// Makes an empty table for so many rooms.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, rooms: Mutex::default() }
    }

    /// Starts to count in the room, unless that has begun.
    pub(crate) fn open(&self, app: SdkAppId, id: RoomId) -> Result<(), RoomError> {
        if id.as_str().len() > Self::MAX_ID {
            return Err(RoomError::LongId { limit: Self::MAX_ID });
        }
        let mut rooms = self.lock();
        let (full, room) = (rooms.len() >= self.limit, (app, id));
        if full && !rooms.contains_key(&room) {
            return Err(RoomError::Full { limit: self.limit });
        }
        rooms.entry(room).or_default();
        Ok(())
    }

    /// Counts something in the room, if it is open.
    pub(crate) fn count(&self, app: SdkAppId, id: RoomId, count: impl FnOnce(&mut Counts)) {
        self.lock().get_mut(&(app, id)).map(count);
    }

    /// Returns what was counted in the room, if it is open.
    pub(crate) fn get(&self, app: SdkAppId, id: RoomId) -> Option<Counts> {
        self.lock().get(&(app, id)).copied()
    }

    /// Forgets the room, and returns what was counted in it.
    pub(crate) fn close(&self, app: SdkAppId, id: RoomId) -> Option<Counts> {
        self.lock().remove(&(app, id))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(SdkAppId, RoomId), Counts>> {
        // Nobody panics while holding the lock.
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a room is not counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoomError {
    /// No place for another room.
    #[error("table of rooms is full: it holds {limit}")]
    #[non_exhaustive]
    Full {
        /// Most rooms that it holds.
        limit: usize,
    },
    /// Id that is too long to be kept.
    #[error("id of a room has more than {limit} bytes")]
    #[non_exhaustive]
    LongId {
        /// Most bytes of an id.
        limit: usize,
    },
}
