//! What time it is, as something that is handed in, so that tests say it themselves.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

/// For how long at most a wait trusts that the machine's clock goes on evenly.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// Unix milliseconds.
    fn now_ms(&self) -> i64;

    /// Is ready when that time has come.
    fn wait_until(&self, at_ms: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn wait_until(&self, at_ms: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            while let Ok(left @ 1..) = u64::try_from(at_ms.saturating_sub(self.now_ms())) {
                tokio::time::sleep(Duration::from_millis(left).min(LONGEST_SLEEP)).await;
            }
        })
    }
}

/// A clock that stands until it is set.
#[derive(Debug, Default)]
pub struct SettableClock {
    now_ms: AtomicI64,
    changed: Notify,
}

impl SettableClock {
    /// A clock that stands at this time.
    #[must_use]
    pub const fn at(now_ms: i64) -> Self {
        SettableClock { now_ms: AtomicI64::new(now_ms), changed: Notify::const_new() }
    }

    /// Sets it to this time.
    pub fn set(&self, now_ms: i64) {
        self.now_ms.store(now_ms, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    /// Puts it forward.
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
                // Made before it is looked, so that no change falls between.
                let changed = self.changed.notified();
                if self.now_ms() >= at_ms {
                    return;
                }
                changed.await;
            }
        })
    }
}
