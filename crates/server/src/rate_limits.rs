//! Rate limits: frames by connection, requests by user and by address, and REST calls by app.
//!
//! A request counts by its cost, in units: a write with its sync costs the server many times a read.
//!
//! Rates are GCRA (a leaky bucket that keeps one number), by the `governor` crate. A call over a rate fails
//! with `rate_limited` and the time to wait; nothing is delayed here. A rate of 0 is no limit.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use causerie_protocol::{ErrorBody, ErrorCode, Op, Topic};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};

use crate::config::{Limits, Rate};
use crate::connection_limits::{UserKey, network};

/// The rates of the whole server, counted by key.
pub(crate) struct RateLimits {
    connection: Option<Quota>,
    users: Option<Limiter<UserKey>>,
    addresses: Option<Limiter<IpAddr>>,
    rest: Option<Limiter<String>>,
    clock: DefaultClock,
}

/// The rate of each key, and its burst.
struct Limiter<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    burst: NonZeroU32,
}

impl<K: Hash + Eq + Clone> Limiter<K> {
    /// Returns `None` if the rate is no limit.
    fn new(rate: Rate) -> Option<Self> {
        let quota = quota(rate)?;
        Some(Limiter { limiter: RateLimiter::keyed(quota), burst: quota.burst_size() })
    }
}

/// The number of units that a request counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost(NonZeroU32);

impl Cost {
    /// The cost of a read, a call or a new connection.
    pub(crate) const CALL: Cost = Cost(NonZeroU32::MIN);
    /// The cost of a page of a list.
    const PAGE: Cost = Cost(NonZeroU32::MIN.saturating_add(3));
    /// The cost of a write without its bytes.
    const WRITE: Cost = Cost(NonZeroU32::MIN.saturating_add(9));
    /// The bytes of a write that cost one unit.
    const WRITE_BYTES: usize = 256;

    /// Returns the cost of a request of this size.
    pub(crate) fn of(op: &Op, bytes: usize) -> Cost {
        match op {
            op if op.writes() => {
                let units = u32::try_from(bytes / Self::WRITE_BYTES).unwrap_or(u32::MAX);
                Cost(Self::WRITE.0.saturating_add(units))
            }
            Op::More { .. } => Self::PAGE,
            // Another server executes it.
            Op::MessageTranslate { .. } => Cost(Self::WRITE.0),
            _ => Self::CALL,
        }
    }

    /// Returns the cost of a subscription.
    pub(crate) fn of_topic(topic: &Topic) -> Cost {
        if topic.page_sizes().is_some() { Self::PAGE } else { Self::CALL }
    }
}

/// The rate of the frames of one connection.
pub(crate) struct ConnectionRate(Option<DefaultDirectRateLimiter>);

impl RateLimits {
    pub(crate) fn new(limits: &Limits) -> Self {
        RateLimits {
            connection: quota(limits.connection),
            users: Limiter::new(limits.user),
            addresses: Limiter::new(limits.address),
            rest: Limiter::new(limits.rest),
            clock: DefaultClock::default(),
        }
    }

    /// The rate of a new connection.
    pub(crate) fn connection_rate(&self) -> ConnectionRate {
        ConnectionRate(self.connection.map(RateLimiter::direct))
    }

    /// Counts one frame of a connection.
    pub(crate) fn check_frame(&self, rate: &ConnectionRate) -> Result<(), ErrorBody> {
        match &rate.0 {
            Some(limiter) => limiter.check().map_err(|until| self.rate_limited(&until)),
            None => Ok(()),
        }
    }

    /// Counts one request of a user.
    pub(crate) fn check_user(&self, user: &UserKey, cost: Cost) -> Result<(), ErrorBody> {
        self.check_key(self.users.as_ref(), user, cost)
    }

    /// Counts one request, one HTTP call or one new connection of an address.
    pub(crate) fn check_address(&self, address: IpAddr, cost: Cost) -> Result<(), ErrorBody> {
        self.check_key(self.addresses.as_ref(), &network(address), cost)
    }

    /// Counts one REST call of an app.
    pub(crate) fn check_rest(&self, app: &String) -> Result<(), ErrorBody> {
        self.check_key(self.rest.as_ref(), app, Cost::CALL)
    }

    /// Forgets the keys that have not been near their limit recently. Must be called from time to time, or
    /// memory grows with every key.
    pub(crate) fn prune(&self) {
        if let Some(limiter) = &self.users {
            limiter.limiter.retain_recent();
        }
        if let Some(limiter) = &self.addresses {
            limiter.limiter.retain_recent();
        }
        if let Some(limiter) = &self.rest {
            limiter.limiter.retain_recent();
        }
    }

    fn check_key<K: Hash + Eq + Clone>(
        &self,
        limiter: Option<&Limiter<K>>,
        key: &K,
        Cost(cost): Cost,
    ) -> Result<(), ErrorBody> {
        let Some(Limiter { limiter, burst }) = limiter else { return Ok(()) };
        // A request that costs more than the burst is allowed when the whole burst is.
        match limiter.check_key_n(key, cost.min(*burst)) {
            Ok(checked) => checked.map_err(|until| self.rate_limited(&until)),
            Err(_) => Ok(()),
        }
    }

    fn rate_limited(&self, until: &NotUntil<<DefaultClock as governor::clock::Clock>::Instant>) -> ErrorBody {
        let message = "too many requests in too short a time; wait for retryAfter milliseconds and try again";
        let wait = milliseconds(until.wait_time_from(self.clock.now()));
        ErrorBody::new(ErrorCode::RateLimited, message).after(wait)
    }
}

/// Rounds up, and never to 0, so that a client that waits this long is within its rate.
fn milliseconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_micros().div_ceil(1_000)).unwrap_or(u32::MAX).max(1)
}

fn quota(rate: Rate) -> Option<Quota> {
    let per_second = NonZeroU32::new(rate.per_second)?;
    Some(Quota::per_second(per_second).allow_burst(NonZeroU32::new(rate.burst).unwrap_or(per_second)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use causerie_protocol::UserId;

    use super::*;

    fn rate_limits(change: impl FnOnce(&mut Limits)) -> RateLimits {
        let mut limits = Limits::default();
        change(&mut limits);
        RateLimits::new(&limits)
    }

    fn key(user: &str) -> UserKey {
        Arc::new(("shop".to_owned(), UserId::new(user).unwrap()))
    }

    #[test]
    fn a_user_over_the_burst_gets_the_time_to_wait_and_other_users_are_not_affected() {
        let rate_limits = rate_limits(|limits| limits.user = Rate { per_second: 1, burst: 3 });
        for _ in 0..3 {
            rate_limits.check_user(&key("ada"), Cost::CALL).unwrap();
        }
        let error = rate_limits.check_user(&key("ada"), Cost::CALL).unwrap_err();
        assert_eq!(error.code, ErrorCode::RateLimited);
        assert!((1..=1_000).contains(&error.retry_after.unwrap()), "{error:?}");
        rate_limits.check_user(&key("bob"), Cost::CALL).unwrap();
    }

    #[test]
    fn a_rate_of_zero_is_no_limit() {
        let rate_limits = rate_limits(|limits| limits.connection = Rate { per_second: 0, burst: 0 });
        let rate = rate_limits.connection_rate();
        assert!((0..100_000).all(|_| rate_limits.check_frame(&rate).is_ok()));
    }
}
