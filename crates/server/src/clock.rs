//! The clock that the server reads. It is a parameter, so that tests can set the time.

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;

/// A source of the current time.
///
/// The wall clock dates what is stored and sent, and decides whether a token has expired. It may be set at
/// any time, forwards or back, so durations are measured with the steady time.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock, in Unix milliseconds.
    fn now_ms(&self) -> i64;

    /// The steady time, in milliseconds since some moment before. It never goes back or jumps, even if the
    /// wall clock is set.
    fn steady_ms(&self) -> i64;

    /// Waits until the steady time is `at_ms` or later.
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

    fn steady_ms(&self) -> i64 {
        static START: OnceLock<Instant> = OnceLock::new();
        let elapsed = START.get_or_init(Instant::now).elapsed();
        i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
    }

    fn wait_until(&self, at_ms: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            while let Ok(left @ 1..) = u64::try_from(at_ms.saturating_sub(self.steady_ms())) {
                tokio::time::sleep(Duration::from_millis(left)).await;
            }
        })
    }
}

/// A clock that shows the same time until it is set. For tests.
#[derive(Debug, Default)]
pub struct SettableClock {
    now_ms: AtomicI64,
    steady_ms: AtomicI64,
    changed: Notify,
}

impl SettableClock {
    /// A clock whose wall clock and steady time are this, in milliseconds.
    #[must_use]
    pub const fn at(now_ms: i64) -> Self {
        SettableClock {
            now_ms: AtomicI64::new(now_ms),
            steady_ms: AtomicI64::new(now_ms),
            changed: Notify::const_new(),
        }
    }

    /// Sets the wall clock, in Unix milliseconds. The steady time stays as it is.
    pub fn set(&self, now_ms: i64) {
        self.now_ms.store(now_ms, Ordering::SeqCst);
    }

    /// Lets time pass, for the wall clock and the steady time.
    pub fn advance(&self, milliseconds: i64) {
        self.now_ms.fetch_add(milliseconds, Ordering::SeqCst);
        self.steady_ms.fetch_add(milliseconds, Ordering::SeqCst);
        self.changed.notify_waiters();
    }
}

impl Clock for SettableClock {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    fn steady_ms(&self) -> i64 {
        self.steady_ms.load(Ordering::SeqCst)
    }

    fn wait_until(&self, at_ms: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            loop {
                // Created before the time is read, so that no change between the two is missed.
                let changed = self.changed.notified();
                if self.steady_ms() >= at_ms {
                    return;
                }
                changed.await;
            }
        })
    }
}
