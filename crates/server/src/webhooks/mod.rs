//! Sends the events of apps to their webhooks.
//!
//! The rules store each event in the transaction that causes it, one delivery for each webhook. A sender for
//! each webhook reads the deliveries that are due, posts them, and deletes those that the receiver accepted.
//! So an event is sent at least once. The deliveries of one conversation, or of one user, are a lane: the
//! next is due only when the one before it is settled, so they arrive in order. Different lanes and different
//! webhooks do not wait for each other.

mod sender;
mod signature;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::apps::Apps;
use crate::clock::Clock;
use crate::events::{AppEvent, EventSink};
use crate::store::Store;

/// Starts a sender for each webhook. They end when `stop` is cancelled.
pub(crate) fn start<S: Store>(store: &S, apps: &Apps, clock: &Arc<dyn Clock>, stop: &CancellationToken) {
    for app in apps.iter() {
        for webhook in &app.webhooks {
            let sender =
                sender::Sender::new(store.clone(), Arc::clone(app), webhook.clone(), Arc::clone(clock));
            let stop = stop.clone();
            tokio::spawn(async move {
                stop.run_until_cancelled(sender.run()).await;
            });
        }
    }
}

/// A sink that wakes the senders of an app after each commit with events of the app, and passes the events
/// on.
pub(crate) struct WakingSink<S> {
    apps: Arc<Apps>,
    next: S,
}

impl<S: EventSink> WakingSink<S> {
    pub(crate) const fn new(apps: Arc<Apps>, next: S) -> Self {
        WakingSink { apps, next }
    }
}

impl<S: EventSink> EventSink for WakingSink<S> {
    fn publish(&self, events: Vec<AppEvent>) {
        let mut last: Option<&str> = None;
        for event in &events {
            if last != Some(&event.app) {
                wake(&self.apps, &event.app);
            }
            last = Some(&event.app);
        }
        self.next.publish(events);
    }
}

/// Wakes the senders of an app.
pub(crate) fn wake(apps: &Apps, app: &str) {
    for webhook in apps.get(app).iter().flat_map(|app| &app.webhooks) {
        webhook.wake();
    }
}
