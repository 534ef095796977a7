//! Delays between reconnection attempts, with full jitter: clients that lose their server at the same time do
//! not reconnect at the same time.

use crate::Millis;

/// The first delay after a connection was lost: a server that restarts is often back at once.
const FIRST: Millis = 100;
const FIRST_SPREAD: Millis = 200;
const BASE: Millis = 500;
const MAX: Millis = 20_000;

/// An exponential backoff: a count of failures and the pseudo-random generator for the jitter.
#[derive(Debug)]
pub(crate) struct Backoff {
    failures: u32,
    rng: u64,
}

impl Backoff {
    pub(crate) const fn new(seed: u64) -> Self {
        Backoff { failures: 0, rng: seed | 1 }
    }

    /// Counts a failure and returns the delay before the next attempt.
    pub(crate) fn next_delay(&mut self) -> Millis {
        let failures = self.failures;
        self.failures = failures.saturating_add(1);
        self.delay_after(failures)
    }

    /// Counts a lost connection and returns the delay before the next one: 0.1–0.3 s for the first in a row.
    pub(crate) fn reconnect_delay(&mut self) -> Millis {
        let delay = self.next_delay();
        if self.failures > 1 { delay } else { FIRST + delay % FIRST_SPREAD }
    }

    /// Returns a delay for a number of failures: `min(20 s, 0.5 s + rand(0, min(20 s, 0.5 s · 2ⁿ)))`.
    pub(crate) fn delay_after(&mut self, failures: u32) -> Millis {
        let spread = MAX.min(BASE << failures.min(10));
        MAX.min(BASE + self.next_random() % spread)
    }

    /// Sets the count of failures to 0.
    pub(crate) const fn reset(&mut self) {
        self.failures = 0;
    }

    /// xorshift64*, which is random enough to spread clients over seconds.
    const fn next_random(&mut self) -> u64 {
        self.rng ^= self.rng >> 12;
        self.rng ^= self.rng << 25;
        self.rng ^= self.rng >> 27;
        self.rng.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_with_failures_and_stay_between_half_a_second_and_twenty() {
        let mut backoff = Backoff::new(7);
        let delays: Vec<Millis> = (0..200).map(|_| backoff.next_delay()).collect();
        assert!(delays.iter().all(|delay| (BASE..=MAX).contains(delay)));
        assert!(delays[0] < 2 * BASE, "the first delay is short");
        assert!(delays[10..].iter().any(|delay| *delay > MAX / 2), "later delays are long");
    }

    #[test]
    fn first_delay_after_a_lost_connection_is_short_and_different_for_each_client() {
        let mut delays: Vec<Millis> =
            (1..200).map(|seed| Backoff::new(seed * 7_919).reconnect_delay()).collect();
        assert!(delays.iter().all(|delay| (100..300).contains(delay)), "{delays:?}");
        delays.sort_unstable();
        delays.dedup();
        assert!(delays.len() > 50, "only {} different delays of 199", delays.len());
        let mut backoff = Backoff::new(7);
        backoff.reconnect_delay();
        assert!((0..20).all(|_| (BASE..=MAX).contains(&backoff.reconnect_delay())));
    }

    #[test]
    fn clients_that_fail_together_reconnect_at_different_times() {
        let mut backoffs: Vec<Backoff> = (1..200).map(|seed| Backoff::new(seed * 7_919)).collect();
        for backoff in &mut backoffs {
            for _ in 0..8 {
                backoff.next_delay();
            }
        }
        let mut delays: Vec<Millis> = backoffs.iter_mut().map(Backoff::next_delay).collect();
        delays.sort_unstable();
        delays.dedup();
        assert!(delays.len() > 150, "only {} different delays of 199", delays.len());
    }

    #[test]
    fn reset_makes_the_next_delay_short_again() {
        let mut backoff = Backoff::new(3);
        for _ in 0..12 {
            backoff.next_delay();
        }
        backoff.reset();
        assert!(backoff.next_delay() < 2 * BASE);
    }
}
