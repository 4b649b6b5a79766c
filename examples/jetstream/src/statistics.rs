//! The example's handler: statistics of each room.

use sqlx::{Sqlite, Transaction};
use tokio::sync::Mutex;
use trtc_live_webhook::{
    Handler, RequestInfo, RoomId, SdkAppId,
    event::{member, message, recording, room},
};

/// Writes what deliveries change, in a transaction that is not its own: the worker writes the delivery's id in the same.
#[derive(Debug)]
pub(crate) struct Statistics {
    transaction: Mutex<Transaction<'static, Sqlite>>,
    room_id_limit: usize,
}

impl Statistics {
    pub(crate) fn new(transaction: Transaction<'static, Sqlite>, room_id_limit: usize) -> Self {
        Self { transaction: Mutex::new(transaction), room_id_limit }
    }

    /// Makes all of it take effect, or nothing.
    pub(crate) async fn commit(self) -> sqlx::Result<()> {
        self.transaction.into_inner().commit().await
    }

    /// Changes the columns of a room, which is made if there is none. `?3` stands for the value.
    async fn change<'q, V>(
        &self,
        app: SdkAppId,
        room: &RoomId,
        changes: &'static str,
        value: V,
    ) -> Result<(), StatisticsError>
    where
        V: sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite> + Send + 'q,
    {
        if room.as_str().len() > self.room_id_limit {
            return Err(StatisticsError::LongId { limit: self.room_id_limit });
        }
        let (app, room) = (app.to_string(), room.as_str().to_owned());
        let mut transaction = self.transaction.lock().await;
        sqlx::query("INSERT INTO rooms (app, room) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
            .bind(app.clone())
            .bind(room.clone())
            .execute(&mut **transaction)
            .await?;
        sqlx::query(changes).bind(app).bind(room).bind(value).execute(&mut **transaction).await?;
        Ok(())
    }
}

impl Handler for Statistics {
    type Error = StatisticsError;

    async fn after_create_room(
        &self,
        request: &RequestInfo,
        event: room::AfterCreateRoom,
    ) -> Result<(), StatisticsError> {
        let room = event.room_info;
        let owner = room.owner_account.map(|owner| owner.as_str().to_owned());
        let changes = "UPDATE rooms SET created = created + 1, owner = ?3 WHERE app = ?1 AND room = ?2";
        self.change(request.sdk_app_id, &room.room_id, changes, owner).await
    }

    async fn after_destroy_room(
        &self,
        request: &RequestInfo,
        event: room::AfterDestroyRoom,
    ) -> Result<(), StatisticsError> {
        let changes = "UPDATE rooms SET destroyed = destroyed + 1, online = ?3 WHERE app = ?1 AND room = ?2";
        self.change(request.sdk_app_id, &event.room_id, changes, 0).await
    }

    async fn after_change_owner(
        &self,
        request: &RequestInfo,
        event: member::AfterChangeOwner,
    ) -> Result<(), StatisticsError> {
        let changes = "UPDATE rooms SET owner = ?3 WHERE app = ?1 AND room = ?2";
        let owner = event.current_owner_account.as_str().to_owned();
        self.change(request.sdk_app_id, &event.room_id, changes, owner).await
    }

    async fn after_member_state_changed(
        &self,
        request: &RequestInfo,
        event: member::AfterMemberStateChanged,
    ) -> Result<(), StatisticsError> {
        let members = event.member_list.map_or(0, |members| members.len());
        let members = i64::try_from(members).unwrap_or(i64::MAX);
        let changes = match event.event_type {
            member::EventType::Online => {
                "UPDATE rooms SET joined = joined + ?3, online = online + ?3,
                 most_online = max(most_online, online + ?3) WHERE app = ?1 AND room = ?2"
            }
            member::EventType::Offline => {
                "UPDATE rooms SET online = max(0, online - ?3) WHERE app = ?1 AND room = ?2"
            }
            _ => return Ok(()),
        };
        self.change(request.sdk_app_id, &event.room_id, changes, members).await
    }

    async fn after_send_msg(
        &self,
        request: &RequestInfo,
        event: message::AfterSendMsg,
    ) -> Result<(), StatisticsError> {
        let changes = "UPDATE rooms SET messages = messages + ?3 WHERE app = ?1 AND room = ?2";
        self.change(request.sdk_app_id, &event.group_id, changes, 1).await
    }

    async fn after_cloud_recording_changed(
        &self,
        request: &RequestInfo,
        event: recording::AfterCloudRecordingChanged,
    ) -> Result<(), StatisticsError> {
        let recording::EventType::RecorderStart = event.event_type else { return Ok(()) };
        let Some(room) = &event.event_info.room_id else { return Ok(()) };
        let changes = "UPDATE rooms SET recordings = recordings + ?3 WHERE app = ?1 AND room = ?2";
        self.change(request.sdk_app_id, room, changes, 1).await
    }
}

/// Why a delivery changes nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StatisticsError {
    #[error("id of a room has more than {limit} bytes")]
    LongId { limit: usize },
    #[error("not written")]
    Store(#[from] sqlx::Error),
}
