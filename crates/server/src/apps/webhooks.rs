//! The webhooks of an app: where events are sent, and which.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// The most events that may wait for one webhook. Further ones are dropped, and logged.
const BACKLOG: u64 = 100_000;
/// The most bytes of the bodies of the events of a webhook that wait.
const BACKLOG_BYTES: u64 = 256 << 20;

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookKind {
    /// A user was created.
    UserCreated,
    /// The data of a user changed.
    UserUpdated,
    /// A message was sent.
    MessageSent,
    /// A participant other than the sender has read a message.
    MessageRead,
    /// The content or the custom data of a message changed.
    MessageUpdated,
    /// A message was deleted.
    MessageDeleted,
    /// A conversation was deleted.
    ConversationDeleted,
    /// A participant has unread messages and is not online, or a backend asked to notify it.
    NotificationTriggered,
}

impl WebhookKind {
    /// All kinds.
    pub const ALL: [WebhookKind; 8] = [
        WebhookKind::UserCreated,
        WebhookKind::UserUpdated,
        WebhookKind::MessageSent,
        WebhookKind::MessageRead,
        WebhookKind::MessageUpdated,
        WebhookKind::MessageDeleted,
        WebhookKind::ConversationDeleted,
        WebhookKind::NotificationTriggered,
    ];

    /// The name in the field `type` of an event, and in the settings.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            WebhookKind::UserCreated => "user.created",
            WebhookKind::UserUpdated => "user.updated",
            WebhookKind::MessageSent => "message.sent",
            WebhookKind::MessageRead => "message.read",
            WebhookKind::MessageUpdated => "message.updated",
            WebhookKind::MessageDeleted => "message.deleted",
            WebhookKind::ConversationDeleted => "conversation.deleted",
            WebhookKind::NotificationTriggered => "notification.triggered",
        }
    }

    /// Returns the kinds that a setting names: `message.sent`, `message.*` or `*`. None of them if it names
    /// no known kind.
    #[must_use]
    pub fn named(setting: &str) -> Vec<WebhookKind> {
        let matches = |kind: &WebhookKind| match setting.strip_suffix('*') {
            Some("") => true,
            Some(group) => group.ends_with('.') && kind.name().starts_with(group),
            None => kind.name() == setting,
        };
        Self::ALL.into_iter().filter(matches).collect()
    }
}

/// How often and how long an event is sent again, and when there is a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How long one attempt may take.
    pub timeout: Duration,
    /// The time before the second attempt. It doubles with each attempt.
    pub first: Duration,
    /// The longest time between two attempts.
    pub longest: Duration,
    /// How long an event is sent again before it counts as failed.
    pub give_up: Duration,
    /// How long a participant who is not online may leave a message unread before it is notified.
    pub notify_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy {
            timeout: Duration::from_secs(10),
            first: Duration::from_secs(2),
            longest: Duration::from_secs(3_600),
            give_up: Duration::from_secs(24 * 3_600),
            notify_after: Duration::from_secs(60),
        }
    }
}

/// A URL that events are sent to. Clones share the count of waiting events.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// The URL, with the scheme `https` or `http`.
    pub url: String,
    /// The kinds of events to send.
    pub kinds: Vec<WebhookKind>,
    /// Whether the host may have an address in a private network.
    pub allow_private: bool,
    /// How often and how long an event is sent again, and when there is a notification.
    pub retry: RetryPolicy,
    backlog: Arc<Backlog>,
}

#[derive(Debug, Default)]
struct Backlog {
    /// The number of events that wait. It counts those of transactions that are rolled back too, until the
    /// sender counts again.
    waiting: AtomicU64,
    /// The bytes of their bodies, counted in the same way.
    bytes: AtomicU64,
    /// Whether the last event was dropped, which was logged.
    full: AtomicBool,
    wake: Notify,
}

impl Webhook {
    /// Makes a webhook for all kinds of events.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Webhook {
            url: url.to_owned(),
            kinds: WebhookKind::ALL.to_vec(),
            allow_private: false,
            retry: RetryPolicy::default(),
            backlog: Arc::default(),
        }
    }

    /// Counts an event that is about to be stored, with the bytes of its body. Returns whether there is room
    /// for it.
    pub(crate) fn admit(&self, bytes: usize) -> bool {
        let backlog = &self.backlog;
        let waiting = backlog.waiting.fetch_add(1, Ordering::Relaxed);
        let before = backlog.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        if waiting < BACKLOG && before.saturating_add(bytes as u64) <= BACKLOG_BYTES {
            if self.backlog.full.swap(false, Ordering::Relaxed) {
                tracing::info!(url = self.url, "webhook events are stored again");
            }
            return true;
        }
        self.settled(bytes);
        if !self.backlog.full.swap(true, Ordering::Relaxed) {
            tracing::error!(
                url = self.url,
                waiting,
                bytes = before,
                "too many webhook events wait: new ones are dropped"
            );
        }
        false
    }

    /// Sets the number of events that wait, and the bytes of their bodies.
    pub(crate) fn recount(&self, waiting: u64, bytes: u64) {
        self.backlog.waiting.store(waiting, Ordering::Relaxed);
        self.backlog.bytes.store(bytes, Ordering::Relaxed);
    }

    /// Counts an event that no longer waits, with the bytes of its body.
    pub(crate) fn settled(&self, bytes: usize) {
        for (counter, less) in [(&self.backlog.waiting, 1), (&self.backlog.bytes, bytes as u64)] {
            let subtract = |count: u64| Some(count.saturating_sub(less));
            let _ = counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, subtract);
        }
    }

    /// Wakes the sender, after events were committed.
    pub(crate) fn wake(&self) {
        self.backlog.wake.notify_one();
    }

    /// Waits until events are committed.
    pub(crate) async fn woken(&self) {
        self.backlog.wake.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_names_one_kind_a_group_or_all() {
        assert_eq!(WebhookKind::named("message.sent"), [WebhookKind::MessageSent]);
        assert_eq!(WebhookKind::named("user.*"), [WebhookKind::UserCreated, WebhookKind::UserUpdated]);
        assert_eq!(WebhookKind::named("*").len(), WebhookKind::ALL.len());
        for unknown in ["message", "message*", "messages.*", "", "message.sent "] {
            assert!(WebhookKind::named(unknown).is_empty(), "{unknown}");
        }
    }

    #[test]
    fn events_beyond_the_backlog_are_dropped_until_one_is_settled() {
        let webhook = Webhook::new("https://example.com");
        webhook.recount(BACKLOG - 1, 0);
        assert!(webhook.admit(9) && !webhook.admit(9) && !webhook.admit(9));
        webhook.settled(9);
        assert!(webhook.admit(9) && !webhook.admit(9));
    }

    #[test]
    fn events_whose_bodies_are_too_large_together_are_dropped_until_one_is_settled() {
        let webhook = Webhook::new("https://example.com");
        webhook.recount(1, BACKLOG_BYTES - 1_000);
        assert!(!webhook.admit(1_001) && webhook.admit(1_000) && !webhook.admit(1));
        webhook.settled(400);
        assert!(!webhook.admit(401) && webhook.admit(400));
    }
}
