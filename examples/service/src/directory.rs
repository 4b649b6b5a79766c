//! The live rooms that a service knows of.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use trtc_live_webhook::{RoomId, UserId};

/// Rooms by their id, up to a limit.
///
/// It knows only what deliveries told since the service started: a real service keeps its rooms in a database, and asks
/// the REST API for those that it missed.
#[derive(Debug)]
pub struct Directory {
    limit: usize,
    rooms: Mutex<HashMap<RoomId, Room>>,
}

/// What is known of a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Name for people to read. `None` until a delivery tells it.
    pub name: Option<String>,
    /// Host of the room. `None` until a delivery tells it.
    pub owner: Option<UserId>,
    /// Members that came since the service started, and did not go.
    pub online: BTreeSet<UserId>,
}

impl Directory {
    /// Makes an empty directory for so many rooms.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, rooms: Mutex::default() }
    }

    /// Returns what is known of the room.
    #[must_use]
    pub fn get(&self, id: &RoomId) -> Option<Room> {
        self.lock().get(id).cloned()
    }

    /// Edits the room, which is added if it is not known: the service may have started after it.
    ///
    /// # Errors
    ///
    /// [`DirectoryFull`] if there is no place for it.
    pub fn edit(&self, id: RoomId, edit: impl FnOnce(&mut Room)) -> Result<(), DirectoryFull> {
        let mut rooms = self.lock();
        if rooms.len() >= self.limit && !rooms.contains_key(&id) {
            return Err(DirectoryFull { limit: self.limit });
        }
        edit(rooms.entry(id).or_default());
        Ok(())
    }

    /// Edits the room if it is known: what is heard of a room after its end must not bring it back.
    pub fn edit_known(&self, id: &RoomId, edit: impl FnOnce(&mut Room)) {
        self.lock().get_mut(id).map(edit);
    }

    /// Forgets the room.
    pub fn remove(&self, id: &RoomId) {
        self.lock().remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RoomId, Room>> {
        // An edit that panicked leaves a room that is half edited, and every other as it was.
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// No place for another room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("directory is full: it holds {limit} rooms")]
pub struct DirectoryFull {
    limit: usize,
}
