//! How much one caller may have: rates by connection, user, address and app, and connections by user and address.
//!
//! Rates are GCRA (a leaky bucket that remembers one number), by the `governor` crate. What is over a rate is refused
//! with `rate_limited` and the time to wait; nothing is delayed here.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};

use causerie_protocol::{ErrorBody, ErrorCode, UserId};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::config::{Limits, Rate};

/// A user of an app, as the key of limits. Cheap to clone.
pub(crate) type UserKey = Arc<(String, UserId)>;

/// The limits of the whole server.
pub(crate) struct RateLimits {
    connection: Option<Quota>,
    users: Option<DefaultKeyedRateLimiter<UserKey>>,
    addresses: Option<DefaultKeyedRateLimiter<IpAddr>>,
    rest: Option<DefaultKeyedRateLimiter<String>>,
    per_user: Arc<Counts<UserKey>>,
    per_address: Arc<Counts<IpAddr>>,
    streams: Arc<Counts<IpAddr>>,
    clock: DefaultClock,
}

/// The rate of one connection.
pub(crate) struct ConnectionRate(Option<DefaultDirectRateLimiter>);

impl RateLimits {
    pub(crate) fn new(limits: &Limits) -> Self {
        RateLimits {
            connection: quota(limits.connection),
            users: quota(limits.user).map(RateLimiter::keyed),
            addresses: quota(limits.address).map(RateLimiter::keyed),
            rest: quota(limits.rest).map(RateLimiter::keyed),
            per_user: Counts::new(limits.connections_per_user, "the user has"),
            per_address: Counts::new(limits.connections_per_address, "the address has"),
            // More than WebSockets, so that one WebSocket too many can still be told so in words.
            streams: Counts::new(limits.connections_per_address.saturating_mul(2), "the address has"),
            clock: DefaultClock::default(),
        }
    }

    /// The meter for a new connection.
    pub(crate) fn meter(&self) -> ConnectionRate {
        ConnectionRate(self.connection.map(RateLimiter::direct))
    }

    /// Counts one frame of a connection.
    pub(crate) fn frame(&self, meter: &ConnectionRate) -> Result<(), ErrorBody> {
        match &meter.0 {
            Some(limiter) => {
                limiter.check().map_err(|until| self.refused(until.wait_time_from(self.clock.now())))
            }
            None => Ok(()),
        }
    }

    /// Counts one request of a user.
    pub(crate) fn user(&self, user: &UserKey) -> Result<(), ErrorBody> {
        self.keyed(self.users.as_ref(), user)
    }

    /// Counts one request or one new connection of an address.
    pub(crate) fn address(&self, address: IpAddr) -> Result<(), ErrorBody> {
        self.keyed(self.addresses.as_ref(), &network(address))
    }

    /// Counts one REST call of an app.
    pub(crate) fn rest(&self, app: &String) -> Result<(), ErrorBody> {
        self.keyed(self.rest.as_ref(), app)
    }

    /// Takes a place among the connections of a user; it is given back when dropped.
    pub(crate) fn user_place(&self, user: &UserKey) -> Result<Permit<UserKey>, ErrorBody> {
        self.per_user.take(user.clone())
    }

    /// Takes a place among the connections of an address; it is given back when dropped.
    pub(crate) fn address_place(&self, address: IpAddr) -> Result<Permit<IpAddr>, ErrorBody> {
        self.per_address.take(network(address))
    }

    /// Takes a place among all the connections of an address, of whatever kind.
    pub(crate) fn stream_place(&self, address: IpAddr) -> Result<Permit<IpAddr>, ErrorBody> {
        self.streams.take(network(address))
    }

    /// Forgets whoever has not been near a limit of late. To be called now and then.
    pub(crate) fn tidy(&self) {
        if let Some(limiter) = &self.users {
            limiter.retain_recent();
        }
        if let Some(limiter) = &self.addresses {
            limiter.retain_recent();
        }
        if let Some(limiter) = &self.rest {
            limiter.retain_recent();
        }
    }

    fn keyed<K: Hash + Eq + Clone>(
        &self,
        limiter: Option<&DefaultKeyedRateLimiter<K>>,
        key: &K,
    ) -> Result<(), ErrorBody> {
        match limiter {
            Some(limiter) => {
                limiter.check_key(key).map_err(|until| self.refused(until.wait_time_from(self.clock.now())))
            }
            None => Ok(()),
        }
    }

    fn refused(&self, wait: std::time::Duration) -> ErrorBody {
        // Rounded up, and never 0, so that a client that waits as told is let in.
        let milliseconds = u32::try_from(wait.as_micros().div_ceil(1_000)).unwrap_or(u32::MAX).max(1);
        ErrorBody::new(
            ErrorCode::RateLimited,
            "too many requests in too short a time; wait for retryAfter milliseconds and try again",
        )
        .after(milliseconds)
    }
}

fn quota(rate: Rate) -> Option<Quota> {
    let per_second = NonZeroU32::new(rate.per_second)?;
    Some(Quota::per_second(per_second).allow_burst(NonZeroU32::new(rate.burst).unwrap_or(per_second)))
}

/// One household or host: the address itself with IPv4, its /64 with IPv6, where a host may take any address in it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

/// How many of something each key has.
struct Counts<K> {
    most: u32,
    who: &'static str,
    now: Mutex<HashMap<K, u32>>,
}

/// One of the things a key may have.
pub(crate) struct Permit<K: Hash + Eq> {
    counts: Arc<Counts<K>>,
    key: K,
}

impl<K: Hash + Eq + Clone> Counts<K> {
    fn new(most: u32, who: &'static str) -> Arc<Self> {
        Arc::new(Counts { most, who, now: Mutex::default() })
    }

    fn take(self: &Arc<Self>, key: K) -> Result<Permit<K>, ErrorBody> {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let count = now.entry(key.clone()).or_default();
        if *count >= self.most {
            let message = format!(
                "{} {} connections open, and may have no more; close one and try again",
                self.who, self.most
            );
            return Err(ErrorBody::new(ErrorCode::RateLimited, message).after(5_000));
        }
        *count += 1;
        Ok(Permit { counts: Arc::clone(self), key })
    }
}

impl<K: Hash + Eq> Drop for Permit<K> {
    fn drop(&mut self) {
        let mut now = self.counts.now.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = now.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                now.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(change: impl FnOnce(&mut Limits)) -> RateLimits {
        let mut limits = Limits::default();
        change(&mut limits);
        RateLimits::new(&limits)
    }

    fn key(user: &str) -> UserKey {
        Arc::new(("shop".to_owned(), UserId::new(user).unwrap()))
    }

    #[test]
    fn over_the_burst_the_time_to_wait_is_told_and_others_are_not_touched() {
        let gate = gate(|limits| limits.user = Rate { per_second: 1, burst: 3 });
        for _ in 0..3 {
            gate.user(&key("ada")).unwrap();
        }
        let error = gate.user(&key("ada")).unwrap_err();
        assert_eq!(error.code, ErrorCode::RateLimited);
        assert!((1..=1_000).contains(&error.retry_after.unwrap()), "{error:?}");
        gate.user(&key("bob")).unwrap();
    }

    #[test]
    fn a_rate_of_nothing_is_no_limit() {
        let gate = gate(|limits| limits.connection = Rate { per_second: 0, burst: 0 });
        let meter = gate.meter();
        assert!((0..100_000).all(|_| gate.frame(&meter).is_ok()));
    }

    #[test]
    fn a_place_is_given_back_when_dropped() {
        let gate = gate(|limits| limits.connections_per_user = 2);
        let first = gate.user_place(&key("ada")).unwrap();
        let _second = gate.user_place(&key("ada")).unwrap();
        assert!(gate.user_place(&key("ada")).is_err());
        assert!(gate.user_place(&key("bob")).is_ok());
        drop(first);
        assert!(gate.user_place(&key("ada")).is_ok());
    }

    #[test]
    fn an_ipv6_host_cannot_change_its_address_to_start_anew() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }
}
