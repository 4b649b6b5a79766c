//! A service that keeps gifts within a limit, and the tests that its author would write.
//!
//! It depends on `trtc-live-webhook` as any service does; the feature `samples` is enabled for tests only.

use std::{
    convert::Infallible,
    sync::atomic::{AtomicI64, Ordering},
};

use trtc_live_webhook::{Handler, RequestInfo, event::gift};

/// Counts the coins that are spent, and rejects a gift that would exceed the limit.
#[derive(Debug)]
pub struct Budget {
    left: AtomicI64,
}

impl Budget {
    /// Makes a service that lets this many coins be spent.
    #[must_use]
    pub fn new(coins: i64) -> Self {
        Self { left: AtomicI64::new(coins) }
    }
}

impl Handler for Budget {
    type Error = Infallible;

    async fn before_send_gift(
        &self,
        _request: &RequestInfo,
        event: gift::BeforeSendGift,
    ) -> Result<gift::Decision, Infallible> {
        // A gift whose cost is unknown is not free.
        let Some(coins) = event.gift_water.total_coins() else { return Ok(gift::Decision::Reject) };
        let spent = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(coins).filter(|left| *left >= 0)
        });
        Ok(if spent.is_ok() { gift::Decision::Allow } else { gift::Decision::Reject })
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use pollster::block_on;
    use trtc_live_webhook::{
        App, Delivery, Event, Receiver, RequestError, RequestInfo, SdkAppId, Token, UnixSeconds, dispatch,
        drift,
        event::{gift, room},
        samples,
    };

    use super::Budget;

    const OURS: SdkAppId = SdkAppId::new(1_400_000_000);

    /// Decision on one gift that is worth this many coins.
    fn decide(budget: &Budget, coins: i64) -> gift::Decision {
        let mut event = gift::BeforeSendGift::sample();
        event.gift_water.coins = Some(coins);
        let delivery = Delivery::new(RequestInfo::new(OURS), event);
        let Ok(reply) = block_on(dispatch(budget, delivery));
        gift::Decision::try_from(reply).unwrap()
    }

    #[test]
    fn gifts_are_allowed_until_the_budget_is_spent() {
        let budget = Budget::new(1000);
        assert_eq!(decide(&budget, 600), gift::Decision::Allow);
        assert_eq!(decide(&budget, 600), gift::Decision::Reject);
        assert_eq!(decide(&budget, 400), gift::Decision::Allow);
        assert_eq!(decide(&budget, 1), gift::Decision::Reject);
    }

    #[test]
    fn a_gift_costs_what_all_of_it_costs() {
        let budget = Budget::new(1000);
        let mut event = gift::BeforeSendGift::sample();
        for (count, coins, decision) in [
            (Some(2), Some(501), gift::Decision::Reject),
            (Some(2), Some(500), gift::Decision::Allow),
            (None, Some(0), gift::Decision::Reject),
            (Some(1), None, gift::Decision::Reject),
        ] {
            (event.gift_water.count, event.gift_water.coins) = (count, coins);
            let delivery = Delivery::new(RequestInfo::new(OURS), event.clone());
            let Ok(reply) = block_on(dispatch(&budget, delivery));
            assert_eq!(gift::Decision::try_from(reply), Ok(decision), "{count:?} {coins:?}");
        }
    }

    #[test]
    fn all_other_events_are_acknowledged() {
        let budget = Budget::new(0);
        for sample in samples::ALL {
            let delivery = Delivery::new(RequestInfo::new(OURS), sample.event());
            let Ok(reply) = block_on(dispatch(&budget, delivery));
            let gift = matches!(sample.event(), Event::BeforeSendGift(_));
            assert_eq!(reply.error_code(), i64::from(gift), "{}", sample.name());
        }
    }

    #[test]
    fn only_signed_requests_come_through() {
        let token = Token::new("xxxxyyyy").unwrap();
        let receiver = Receiver::new(App::new(OURS).with_token(token.clone()));
        let sent = UnixSeconds::new(1_669_872_112);
        let now = SystemTime::try_from(sent).unwrap();
        let request = samples::Request::new(OURS, room::AfterCreateRoom::sample());
        assert_eq!(receiver.check_at(&request.query(), now), Err(RequestError::MissingSign));
        let request = request.signed(&token, sent);
        assert!(receiver.receive_at(&request.query(), request.body(), now).is_ok());
        let later = now + Duration::from_secs(3600);
        assert_eq!(receiver.check_at(&request.query(), later), Err(RequestError::StaleRequestTime));
    }

    #[test]
    fn a_packet_that_has_grown_is_received_and_noticed() {
        let mut packet: serde_json::Value =
            serde_json::from_str(samples::AFTER_DESTROY_ROOM_2024.json()).unwrap();
        packet["Reason"] = "maintenance".into();
        let request = samples::Request::from_json(OURS, packet.to_string());
        let delivery = Receiver::new(OURS).receive(&request.query(), request.body()).unwrap();
        assert_eq!(delivery.event, samples::AFTER_DESTROY_ROOM_2024.event());
        let findings = drift::report(&delivery, request.body());
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].to_string(), r#"unknown field "/Reason""#);
    }
}
