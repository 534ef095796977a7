//! How long to wait before connecting again: full jitter, so that a thousand clients of a server that comes back
//! do not come back in the same moment.

use crate::Millis;

const BASE: Millis = 500;
const CAP: Millis = 20_000;

/// Counts failures and draws waits.
#[derive(Debug)]
pub(crate) struct Backoff {
    failures: u32,
    state: u64,
}

impl Backoff {
    pub(crate) const fn new(seed: u64) -> Self {
        Backoff { failures: 0, state: seed | 1 }
    }

    /// The wait before the next attempt, which is longer than the one before.
    pub(crate) fn next(&mut self) -> Millis {
        let failures = self.failures;
        self.failures = failures.saturating_add(1);
        self.wait(failures)
    }

    /// The wait after so many failures: `min(20 s, 0.5 s + rand(0, min(20 s, 0.5 s · 2ⁿ)))`.
    pub(crate) fn wait(&mut self, failures: u32) -> Millis {
        let spread = CAP.min(BASE << failures.min(10));
        CAP.min(BASE + self.chance() % spread)
    }

    /// The connection held: the next trouble is a new one.
    pub(crate) const fn reset(&mut self) {
        self.failures = 0;
    }

    /// xorshift64*, which is plenty to spread clients over seconds.
    const fn chance(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_with_failures_and_stay_between_half_a_second_and_twenty() {
        let mut backoff = Backoff::new(7);
        let waits: Vec<Millis> = (0..200).map(|_| backoff.next()).collect();
        assert!(waits.iter().all(|wait| (BASE..=CAP).contains(wait)));
        assert!(waits[0] < 2 * BASE, "the first wait is short");
        assert!(waits[10..].iter().any(|wait| *wait > CAP / 2), "later waits are long");
    }

    #[test]
    fn two_clients_that_fail_together_do_not_return_together() {
        let mut backoffs: Vec<Backoff> = (1..200).map(|seed| Backoff::new(seed * 7_919)).collect();
        for backoff in &mut backoffs {
            for _ in 0..8 {
                backoff.next();
            }
        }
        let mut waits: Vec<Millis> = backoffs.iter_mut().map(Backoff::next).collect();
        waits.sort_unstable();
        waits.dedup();
        assert!(waits.len() > 150, "only {} different waits of 199", waits.len());
    }

    #[test]
    fn a_stable_connection_starts_the_waits_anew() {
        let mut backoff = Backoff::new(3);
        for _ in 0..12 {
            backoff.next();
        }
        backoff.reset();
        assert!(backoff.next() < 2 * BASE);
    }
}
