//! The number of connections that a user and an address may have at a time, and of POSTs of the HTTP
//! fallback.
//!
//! A permit counts one of them until it is dropped.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use causerie_protocol::{ErrorBody, ErrorCode, UserId};

use tokio::sync::Semaphore;

use crate::config::Limits;

/// How long a caller with too many connections should wait, in milliseconds.
const RETRY_AFTER_MS: u32 = 5_000;

/// A user of an app, as the key of limits. Cheap to clone.
pub(crate) type UserKey = Arc<(String, UserId)>;

/// The number of POSTs of the HTTP fallback that a user and an address may have at a time. Each holds the
/// answer that is being sent, up to 1 MB.
const BATCHES_PER_USER: u32 = 8;
const BATCHES_PER_ADDRESS: u32 = 64;

/// A permit for one connection of an address.
pub(crate) type AddressPermit = Permit<IpAddr>;

/// The connections of the whole server, counted by user and by address.
pub(crate) struct ConnectionLimits {
    seats: Arc<Semaphore>,
    users: Arc<Counts<UserKey>>,
    websockets: Arc<Counts<IpAddr>>,
    tcp_connections: Arc<Counts<IpAddr>>,
    user_batches: Arc<Counts<UserKey>>,
    address_batches: Arc<Counts<IpAddr>>,
}

/// A permit for one POST of the HTTP fallback.
pub(crate) type BatchPermit = (Permit<UserKey>, AddressPermit);

impl ConnectionLimits {
    pub(crate) fn new(limits: &Limits) -> Self {
        let per_address = limits.connections_per_address;
        ConnectionLimits {
            seats: Arc::new(Semaphore::new(limits.connections as usize)),
            users: Counts::new(limits.connections_per_user, "the user", "connections"),
            websockets: Counts::new(per_address, "the address", "connections"),
            // More than WebSockets, so that a WebSocket over the limit can still be refused with an error
            // frame.
            tcp_connections: Counts::new(per_address.saturating_mul(2), "the address", "connections"),
            user_batches: Counts::new(BATCHES_PER_USER, "the user", "calls"),
            address_batches: Counts::new(BATCHES_PER_ADDRESS, "the address", "calls"),
        }
    }

    /// Returns the permits for all connections of the server.
    pub(crate) const fn all(&self) -> &Arc<Semaphore> {
        &self.seats
    }

    /// Returns how many connections one address may have now: no more than are free. So some are always free
    /// for another address: with n addresses that take all they can, one of n + 1 equal parts.
    fn share(&self) -> u32 {
        u32::try_from(self.seats.available_permits() + 1).unwrap_or(u32::MAX)
    }

    /// Counts a connection of a user after its `hello`.
    pub(crate) fn user_permit(&self, user: &UserKey) -> Result<Permit<UserKey>, ErrorBody> {
        self.users.acquire(user.clone())
    }

    /// Counts a POST of the HTTP fallback.
    pub(crate) fn batch_permit(&self, user: &UserKey, address: IpAddr) -> Result<BatchPermit, ErrorBody> {
        Ok((self.user_batches.acquire(user.clone())?, self.address_batches.acquire(network(address))?))
    }

    /// Counts a WebSocket of an address.
    pub(crate) fn websocket_permit(&self, address: IpAddr) -> Result<AddressPermit, ErrorBody> {
        self.websockets.acquire_at_most(network(address), self.share())
    }

    /// Counts a TCP connection of an address, for whatever it is used.
    pub(crate) fn tcp_permit(&self, address: IpAddr) -> Result<AddressPermit, ErrorBody> {
        self.tcp_connections.acquire_at_most(network(address), self.share())
    }
}

/// The key of a household or a host: the address itself with IPv4, and its /64 with IPv6, because a host may
/// use any address of its /64.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

/// The number of connections of each key. A key without connections has no entry.
struct Counts<K> {
    limit: u32,
    /// The subject of the error message: "the user".
    owner: &'static str,
    /// The object of the error message: "connections".
    counted: &'static str,
    by_key: Mutex<HashMap<K, u32>>,
}

/// One counted connection of a key. Dropping it uncounts the connection.
pub(crate) struct Permit<K: Hash + Eq> {
    counts: Arc<Counts<K>>,
    key: K,
}

impl<K: Hash + Eq + Clone> Counts<K> {
    fn new(limit: u32, owner: &'static str, counted: &'static str) -> Arc<Self> {
        Arc::new(Counts { limit, owner, counted, by_key: Mutex::default() })
    }

    fn acquire(self: &Arc<Self>, key: K) -> Result<Permit<K>, ErrorBody> {
        self.acquire_at_most(key, u32::MAX)
    }

    /// Counts one more of a key, whose number may be at most `share` beside the limit.
    fn acquire_at_most(self: &Arc<Self>, key: K, share: u32) -> Result<Permit<K>, ErrorBody> {
        let limit = self.limit.min(share);
        let mut by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        let count = by_key.entry(key.clone()).or_default();
        if *count >= limit {
            let message = format!(
                "{} has {} {} open, and may have no more; close one and try again",
                self.owner, count, self.counted
            );
            return Err(ErrorBody::new(ErrorCode::RateLimited, message).after(RETRY_AFTER_MS));
        }
        *count += 1;
        Ok(Permit { counts: Arc::clone(self), key })
    }
}

impl<K: Hash + Eq> Drop for Permit<K> {
    fn drop(&mut self) {
        let mut by_key = self.counts.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = by_key.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                by_key.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(user: &str) -> UserKey {
        Arc::new(("shop".to_owned(), UserId::new(user).unwrap()))
    }

    #[test]
    fn dropping_a_permit_allows_another_connection() {
        let limits = ConnectionLimits::new(&Limits { connections_per_user: 2, ..Limits::default() });
        let first = limits.user_permit(&key("ada")).unwrap();
        let _second = limits.user_permit(&key("ada")).unwrap();
        assert!(limits.user_permit(&key("ada")).is_err());
        assert!(limits.user_permit(&key("bob")).is_ok());
        drop(first);
        assert!(limits.user_permit(&key("ada")).is_ok());
    }

    #[test]
    fn all_addresses_of_an_ipv6_network_share_one_limit() {
        let key = |text: &str| network(text.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:2"));
        assert_ne!(key("2001:db8:0:1::1"), key("2001:db8:0:2::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }
}
