//! A pseudo-random number generator that returns the same sequence for the same seed.

use std::cell::RefCell;

/// The generator (splitmix64).
#[derive(Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) const fn new(seed: u64) -> Self {
        Rng(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }

    /// Returns a number from `start` to below `end`.
    pub(crate) fn between(&mut self, start: u64, end: u64) -> u64 {
        start + self.next() % (end - start)
    }

    /// Returns `true` with a probability in thousandths.
    pub(crate) fn per_mille(&mut self, probability: u64) -> bool {
        self.next() % 1_000 < probability
    }
}

thread_local! {
    static SERVER: RefCell<Rng> = const { RefCell::new(Rng::new(0)) };
}

/// Sets the seed of [`random_bits`] on this thread.
pub(crate) fn seed_random_bits(seed: u64) {
    SERVER.replace(Rng::new(seed));
}

/// Returns the next random bits of a server on this thread.
pub(crate) fn random_bits<E>() -> Result<u128, E> {
    let word = || SERVER.with_borrow_mut(|rng| u128::from(rng.next()));
    Ok((word() << 64) | word())
}
