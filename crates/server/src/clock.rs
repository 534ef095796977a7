//! The clock that the server reads. It is a parameter, so that tests can set the time.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

/// The longest sleep before the machine's clock is read again, because it may be set.
const MAX_SLEEP: Duration = Duration::from_secs(60);

/// A source of the current time.
pub trait Clock: Send + Sync + 'static {
    /// The current time, in Unix milliseconds.
    fn now_ms(&self) -> i64;

    /// Waits until the clock shows `at_ms` (Unix milliseconds) or a later time.
    fn wait_until(&self, at_ms: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
    }

    fn wait_until(&self, at_ms: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            while let Ok(left @ 1..) = u64::try_from(at_ms.saturating_sub(self.now_ms())) {
                tokio::time::sleep(Duration::from_millis(left).min(MAX_SLEEP)).await;
            }
        })
    }
}

/// A clock that shows the same time until it is set. For tests.
#[derive(Debug, Default)]
pub struct SettableClock {
    now_ms: AtomicI64,
    changed: Notify,
}

impl SettableClock {
    /// A clock that shows this time, in Unix milliseconds.
    #[must_use]
    pub const fn at(now_ms: i64) -> Self {
        SettableClock { now_ms: AtomicI64::new(now_ms), changed: Notify::const_new() }
    }

    /// Sets the time, in Unix milliseconds.
    pub fn set(&self, now_ms: i64) {
        self.now_ms.store(now_ms, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    /// Advances the time.
    pub fn advance(&self, milliseconds: i64) {
        self.now_ms.fetch_add(milliseconds, Ordering::SeqCst);
        self.changed.notify_waiters();
    }
}

impl Clock for SettableClock {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    fn wait_until(&self, at_ms: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            loop {
                // Created before the time is read, so that no change between the two is missed.
                let changed = self.changed.notified();
                if self.now_ms() >= at_ms {
                    return;
                }
                changed.await;
            }
        })
    }
}
