//! Notifies participants who have unread messages and are not online, through the webhooks of their app.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use causerie_protocol::ids::{ConversationId, UserId};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::request::RequestContext;
use crate::apps::Apps;
use crate::clock::Clock;
use crate::fanout::Hub;
use crate::files::Files;
use crate::rules::{Caller, RandomBits, RuleError, SCAN_ROWS, WriteRules, notify_due};
use crate::store::{Size, Store, StoreError};
use crate::webhooks;

/// The most notifications that are stored in one round.
const ROUND: u32 = 100;
/// The longest time between two rounds.
const INTERVAL: Duration = Duration::from_secs(5);

/// What a round needs.
pub(super) struct Notifier<S> {
    pub(super) store: S,
    pub(super) hub: Hub,
    pub(super) apps: Arc<Apps>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: RandomBits,
    pub(super) files: Arc<OnceLock<Files>>,
}

impl<S: Store> Notifier<S> {
    /// Starts a task for each app with a webhook that receives notifications. They end when `stop` is
    /// cancelled.
    pub(super) fn start(self, stop: &CancellationToken) {
        let notifier = Arc::new(self);
        for app in notifier.apps.iter() {
            let Some(delay) = app.notify_after() else { continue };
            let (notifier, stop, app) = (Arc::clone(&notifier), stop.clone(), app.id.clone());
            tokio::spawn(async move {
                stop.run_until_cancelled(notifier.run(&app, INTERVAL.min(delay / 2))).await;
            });
        }
    }

    async fn run(&self, app: &str, interval: Duration) {
        loop {
            sleep(interval).await;
            if let Err(error) = self.round(app).await {
                tracing::warn!(app, %error, "notifications could not be stored");
            }
        }
    }

    /// Stores the events of the notifications that are due.
    async fn round(&self, app: &str) -> Result<(), RuleError> {
        let Some(app) = self.apps.get(app) else { return Ok(()) };
        let (id, now) = (app.id.clone(), self.clock.now_ms());
        let due = self.store.read(Size::List, move |read| read.due_notifications(&id, now, ROUND));
        let due: Result<Vec<(ConversationId, UserId)>, StoreError> = due.await;
        for (conversation, user) in due? {
            let is_online = self.hub.is_online(&app.id.as_str().into(), &user);
            let context = RequestContext {
                app: Arc::clone(app),
                caller: Caller::Backend,
                clock: Arc::clone(&self.clock),
                stored_at: self.store.time(),
                random: self.random,
                scan_rows: SCAN_ROWS,
                files: self.files.get().map(|files| files.policy()),
            };
            let stored = self.store.write(move |write| {
                notify_due(&mut WriteRules::new(write, &context.at_now()), &conversation, &user, is_online)
            });
            stored.await?;
        }
        webhooks::wake(&self.apps, &app.id);
        Ok(())
    }
}
