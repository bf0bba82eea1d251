//! Randomness that can be had again: a seed from `CANTINA_SEED`, or from the clock, and printed.

/// A generator of numbers (splitmix64, Steele et al. 2014).
pub struct Random(u64);

impl Random {
    /// The generator of this run.
    pub fn seeded() -> Self {
        let now = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.subsec_nanos().into());
        let seed = std::env::var("CANTINA_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(now);
        println!("CANTINA_SEED={seed}");
        Self(seed)
    }

    /// A generator of its own for a part of the run.
    pub fn fork(&mut self) -> Self {
        Self(self.next())
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).expect("below a usize")
    }

    /// Whether something happens that happens so often in a hundred.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// Any bytes.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}
