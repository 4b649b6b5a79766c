//! Decisions on deliveries: all that the webhook does.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use tracing::{debug, info};
use trtc_live_webhook::{
    Delivery, Event, RawHandler, Reply, RequestInfo, SdkAppId,
    event::message::{AfterSendMsg, BeforeSendMsg, Decision as Answer, Element},
};

use crate::{
    approval::{self, Repetition},
    metrics::{self, Decision},
    rules::{Rules, Verdict},
    settings::Rest,
    store::{ContentIds, Held, MAX_ROOM, Store, StoreError},
    text::{self, clean},
    toggles::Toggles,
};

/// Moderates messages. An error is answered with the refusal: nothing is let through because something failed.
#[derive(Debug)]
pub(crate) struct Moderator {
    pub(crate) store: Arc<Store>,
    pub(crate) toggles: Arc<Toggles>,
    pub(crate) rules: Rules,
    pub(crate) ids: ContentIds,
    /// Applications, and whether their deliveries are signed.
    pub(crate) apps: BTreeMap<SdkAppId, bool>,
    pub(crate) rest: Rest,
    /// Answer to a message that is held back.
    pub(crate) held: Reply,
    pub(crate) log_texts: bool,
}

impl Moderator {
    /// Makes the answer to a message that is held back: it forbids, as a refusal does, and says why.
    pub(crate) fn held() -> serde_json::Result<Reply> {
        serde_json::from_str(r#"{"ActionStatus":"OK","ErrorInfo":"held for review","ErrorCode":1}"#)
    }

    async fn before_send_msg(
        &self,
        request: &RequestInfo,
        message: BeforeSendMsg,
    ) -> Result<Reply, Arc<StoreError>> {
        let BeforeSendMsg {
            group_id: room, from_account, random, msg_id, msg_body, cloud_custom_data, ..
        } = message;
        // From here on as they are stored, and as the console asks for them.
        let (app, room) = (request.sdk_app_id, &*clean(room.as_str()));
        let account = &*from_account.as_ref().map_or_else(String::new, |account| clean(account.as_str()));
        let (mut elements, mut custom_data) = (msg_body.unwrap_or_default(), cloud_custom_data);

        let is_rest = self.is_rest(request);
        let (decision, reply) =
            if is_rest && self.is_approved(app, room, account, random, &mut elements).await? {
                (Decision::Approved, Reply::ok())
            } else if (is_rest && self.rest == Rest::Allow) || !self.toggles.is_on(app, room)? {
                (Decision::Allowed, Reply::ok())
            } else {
                let kinds = kinds(&elements);
                match self.rules.judge(&mut elements, &mut custom_data) {
                    Verdict::Allow => (Decision::Allowed, Reply::ok()),
                    Verdict::Replace(changes) => (Decision::Replaced, Answer::AllowChanged(changes).into()),
                    Verdict::Forbid => (Decision::Forbidden, Answer::Forbid.into()),
                    // The backend has no such rooms, and no index holds them.
                    Verdict::Hold if room.len() > MAX_ROOM => (Decision::Forbidden, Answer::Forbid.into()),
                    Verdict::Hold => {
                        let content = text::content(&mut elements);
                        let (room, account) = (room.to_owned(), account.to_owned());
                        let held = Held { app, room, account, content, kinds, id: self.ids.next() };
                        self.store.hold(held).await?;
                        (Decision::Held, self.held.clone())
                    }
                }
            };
        metrics::decided(decision);
        let text = self.log_texts.then(|| text::content(&mut elements));
        debug!(app = app.get(), room = %Short(room), account = %Short(account), msg_id = msg_id.map(|id| Short(&id).to_string()), decision = decision.as_str(), text, "message");
        Ok(reply)
    }

    /// A repetition that does not come before it is sent, because the console asks for that, comes when it has been.
    async fn after_send_msg(
        &self,
        request: &RequestInfo,
        message: AfterSendMsg,
    ) -> Result<Reply, Arc<StoreError>> {
        if self.is_rest(request) {
            let account = message.from_account.as_ref().map_or_else(String::new, |id| clean(id.as_str()));
            let mut elements = message.msg_body.unwrap_or_default();
            let room = clean(message.group_id.as_str());
            self.is_approved(request.sdk_app_id, &room, &account, message.random, &mut elements).await?;
        }
        Ok(Reply::ok())
    }

    fn is_rest(&self, request: &RequestInfo) -> bool {
        let is_signed = self.apps.get(&request.sdk_app_id).copied().unwrap_or(false);
        approval::is_rest(request, is_signed)
    }

    async fn is_approved(
        &self,
        app: SdkAppId,
        room: &str,
        account: &str,
        random: Option<i64>,
        elements: &mut [Element],
    ) -> Result<bool, Arc<StoreError>> {
        // What the console sends again is one text.
        let (Some(random), [Element::Text(_)]) = (random, &*elements) else { return Ok(false) };
        let content = text::content(elements);
        let repeated = Repetition { room, account, content: &content, random };
        let approved = self.store.approve(app, &repeated).await?;
        if approved {
            info!(app = app.get(), room = %Short(room), account = %Short(account), "approved");
        }
        Ok(approved)
    }
}

impl RawHandler for Moderator {
    type Error = Arc<StoreError>;

    async fn handle(&self, delivery: Delivery, body: Bytes) -> Result<Reply, Arc<StoreError>> {
        let Delivery { request, event, .. } = delivery;
        match event {
            Event::BeforeSendMsg(message) => {
                if approval::has_mark(&body) {
                    metrics::forged_mark();
                }
                // Dropped at the deadline, too.
                let _timed = metrics::Timed::start();
                self.before_send_msg(&request, message).await
            }
            Event::AfterSendMsg(message) => self.after_send_msg(&request, message).await,
            _ => Ok(Reply::ok()),
        }
    }
}

/// Most characters of a kind's name that are kept: a sender can write any.
const MAX_KIND: usize = 32;

/// Lists the kinds of a message's elements, each once.
fn kinds(elements: &[Element]) -> String {
    let mut kinds: Vec<String> = Vec::new();
    for element in elements {
        let kind = element.msg_type().as_str().chars().filter(char::is_ascii_alphanumeric);
        let kind: String = kind.take(MAX_KIND).collect();
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds.join(" ")
}

/// An id that others choose, as the log shows it.
struct Short<'t>(&'t str);

impl std::fmt::Display for Short<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for character in self.0.chars().take(64).flat_map(char::escape_debug) {
            std::fmt::Write::write_char(f, character)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use trtc_live_webhook::{ActionStatus, event::message::Element};

    use super::{Moderator, kinds};

    #[test]
    fn what_is_held_is_forbidden_and_says_so() {
        let held = Moderator::held().unwrap();
        assert_eq!((held.action_status(), held.error_code()), (&ActionStatus::Ok, 1));
        assert_eq!(held.error_info(), "held for review");
    }

    #[test]
    fn kinds_are_listed_once() {
        let other = serde_json::json!({ "MsgType": "x y\0".repeat(20), "MsgContent": {} });
        let elements = [
            Element::text("a"),
            Element::text("b"),
            Element::custom("c"),
            serde_json::from_value(other).unwrap(),
        ];
        assert_eq!(kinds(&elements), format!("TIMTextElem TIMCustomElem {}", "xy".repeat(16)));
    }
}
