//! The sender of one webhook.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::signature::sign;
use crate::apps::{App, Webhook};
use crate::clock::Clock;
use crate::http_client::{CallError, Client, Options};
use crate::store::records::DeliveryRecord;
use crate::store::{Size, Store, StoreError, StoreResult};

/// The largest response that is read so that the connection can be used again.
const RESPONSE_BYTES: usize = 16 << 10;
/// The most events that are sent at the same time.
const IN_FLIGHT: usize = 16;
/// After how many failed attempts in a row only one event is sent at a time, until one is accepted.
const FAILURES: u32 = 8;
/// The longest time without looking for events that are due.
const IDLE: Duration = Duration::from_secs(30);
/// How long to wait after the database failed.
const STORE_FAILED: Duration = Duration::from_secs(1);
/// How long events that failed are kept, so that they can be sent again by hand.
const KEEP_FAILED_MS: i64 = 7 * 24 * 3_600_000;
/// The most failed events that are deleted at once.
const PRUNE: u32 = 1_000;

pub(super) struct Sender<S> {
    shared: Arc<Shared<S>>,
}

/// What the attempts of one webhook share.
struct Shared<S> {
    store: S,
    app: Arc<App>,
    webhook: Webhook,
    clock: Arc<dyn Clock>,
    client: Result<Client, CallError>,
}

impl<S: Store> Sender<S> {
    pub(super) fn new(store: S, app: Arc<App>, webhook: Webhook, clock: Arc<dyn Clock>) -> Self {
        let options = Options {
            allow_private: webhook.allow_private,
            response_bytes: RESPONSE_BYTES,
            user_agent: "causerie-webhooks",
        };
        let client = Client::new(&webhook.url, options);
        if let Err(error) = &client {
            tracing::error!(app = app.id, url = webhook.url, %error, "a webhook cannot be sent to");
        }
        Sender { shared: Arc::new(Shared { store, app, webhook, clock, client }) }
    }

    /// Sends events as they become due.
    pub(super) async fn run(self) {
        let shared = &self.shared;
        let mut sending: JoinSet<(i64, bool)> = JoinSet::new();
        let mut keys: HashSet<i64> = HashSet::new();
        let mut failures: u32 = 0;
        shared.recount().await;
        loop {
            let most = if failures < FAILURES { IN_FLIGHT } else { 1 };
            let mut wait = IDLE;
            if keys.len() < most {
                match shared.due(most.saturating_sub(keys.len()), &keys).await {
                    Ok((due, next)) => {
                        wait = next;
                        for delivery in due {
                            keys.insert(delivery.key);
                            let shared = Arc::clone(shared);
                            sending.spawn(async move { (delivery.key, shared.attempt(delivery).await) });
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "webhook events could not be read");
                        wait = STORE_FAILED;
                    }
                }
            }
            tokio::select! {
                Some(done) = sending.join_next() => {
                    // A panic, which the panic hook reported, would leave the event due, and it is sent
                    // again.
                    let Ok((key, accepted)) = done else { keys.clear(); continue };
                    keys.remove(&key);
                    failures = if accepted { 0 } else { failures.saturating_add(1) };
                }
                () = shared.webhook.woken(), if keys.len() < most => {}
                () = sleep(wait), if keys.len() < most => {
                    if wait == IDLE {
                        shared.recount().await;
                    }
                }
            }
        }
    }
}

impl<S: Store> Shared<S> {
    /// Counts the events that wait, and deletes failed ones that are old.
    async fn recount(&self) {
        let (app, url) = (self.app.id.clone(), self.webhook.url.clone());
        let before = self.clock.now_ms().saturating_sub(KEEP_FAILED_MS);
        let counted: StoreResult<(u64, u64)> = async {
            self.store.write(move |write| write.prune_deliveries(before, PRUNE)).await?;
            self.store.read(Size::List, move |read| read.count_deliveries(&app, &url)).await
        }
        .await;
        match counted {
            Ok((waiting, bytes)) => self.webhook.recount(waiting, bytes),
            Err(error) => tracing::warn!(%error, "webhook events could not be counted"),
        }
    }

    /// Returns the events that are due and not in `keys`, and how long to wait for the next one.
    async fn due(&self, count: usize, keys: &HashSet<i64>) -> StoreResult<(Vec<DeliveryRecord>, Duration)> {
        let (app, url) = (self.app.id.clone(), self.webhook.url.clone());
        // Those that are being sent are still due.
        let limit = u32::try_from(count.saturating_add(keys.len()).saturating_add(1)).unwrap_or(u32::MAX);
        let found = self.store.read(Size::Point, move |read| read.next_deliveries(&app, &url, limit));
        let found: Vec<DeliveryRecord> = found.await?;
        let now = self.clock.now_ms();
        let waiting = found.into_iter().filter(|delivery| !keys.contains(&delivery.key));
        let (due, later): (Vec<_>, Vec<_>) =
            waiting.partition(|delivery| delivery.due.is_some_and(|due| due <= now));
        let next = later.first().and_then(|delivery| delivery.due).map_or(IDLE, |due| {
            Duration::from_millis(u64::try_from(due.saturating_sub(now)).unwrap_or(0)).min(IDLE)
        });
        Ok((due.into_iter().take(count).collect(), next.max(Duration::from_millis(1))))
    }

    /// Sends an event once, and stores what came of it. Returns whether the receiver accepted it.
    async fn attempt(&self, delivery: DeliveryRecord) -> bool {
        let result = self.send(&delivery).await;
        let (key, bytes) = (delivery.key, delivery.body.len());
        let now = self.clock.now_ms();
        let stored = match &result {
            Ok(()) => {
                self.webhook.settled(bytes);
                self.store.write(move |write| write.settle_delivery(key, now)).await
            }
            Err(error) => {
                let error = error.to_string();
                let attempts = delivery.attempts.saturating_add(1);
                let due = now.saturating_add(self.delay(attempts));
                let ends = delivery.since.saturating_add(millis(self.webhook.retry.give_up));
                if due > ends {
                    self.webhook.settled(bytes);
                    let (app, url, id) = (&self.app.id, &self.webhook.url, &delivery.id);
                    tracing::error!(app, url, id, error, "a webhook event was given up");
                    self.store.write(move |write| write.fail_delivery(key, &error, now)).await
                } else {
                    tracing::debug!(
                        app = self.app.id,
                        url = self.webhook.url,
                        error,
                        "a webhook event failed"
                    );
                    self.store.write(move |write| write.retry_delivery(key, due, &error)).await
                }
            }
        };
        if let Err::<(), StoreError>(error) = stored {
            // The event is still due. Without a pause it would be sent again at once.
            tracing::warn!(%error, "the outcome of a webhook event could not be stored");
            sleep(STORE_FAILED).await;
        }
        result.is_ok()
    }

    async fn send(&self, delivery: &DeliveryRecord) -> Result<(), CallError> {
        let client = self.client.as_ref().map_err(|error| CallError::Malformed(error.to_string()))?;
        let timestamp = self.clock.now_ms();
        let secret = self.app.secrets.first().map(String::as_str).unwrap_or_default();
        let signature = sign(secret, timestamp, delivery.body.as_bytes());
        let signature = signature.ok_or_else(|| CallError::Malformed("the secret".to_owned()))?;
        let headers = [
            ("x-talkjs-signature", signature.clone()),
            ("x-talkjs-timestamp", timestamp.to_string()),
            ("x-causerie-signature", signature),
            ("x-causerie-timestamp", timestamp.to_string()),
            ("x-causerie-delivery", delivery.id.clone()),
            ("x-causerie-attempt", delivery.attempts.saturating_add(1).to_string()),
        ];
        let body = Bytes::from(delivery.body.clone());
        let sent = timeout(self.webhook.retry.timeout, client.post(&headers, &body)).await;
        match sent.unwrap_or(Err(CallError::TimedOut))?.status {
            200..=299 => Ok(()),
            status => Err(CallError::Status(status)),
        }
    }

    /// Returns the time before the next attempt, in milliseconds: it doubles, and a random part of a half
    /// keeps many events from being sent at the same time.
    fn delay(&self, attempts: u32) -> i64 {
        let retry = self.webhook.retry;
        let doubled = millis(retry.first).saturating_mul(1 << attempts.saturating_sub(1).min(30));
        let longest = doubled.min(millis(retry.longest));
        let random = i64::from(getrandom::u32().unwrap_or_default() % 1_000);
        longest / 2 + longest.saturating_mul(random) / 2_000
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
