//! Music: the library, the queue and the player.

mod decode;
pub mod demo;
mod error;
mod library;
mod store;
#[cfg(test)]
mod testing;

pub use error::Error;
pub use library::Library;

use crate::pb::cantina::music::v1 as proto;

/// Is a volume, 0 to 1, where 1 leaves the samples as they are.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Volume(f64);

impl Volume {
    /// Leaves the samples as they are.
    pub const FULL: Self = Self(1.0);

    /// Takes a ratio; what lies outside, or is not a number, becomes the nearest volume (0 for NaN).
    #[must_use]
    pub fn new(ratio: f64) -> Self {
        Self(if ratio.is_nan() { 0.0 } else { ratio.clamp(0.0, 1.0) })
    }

    /// Is the ratio, 0 to 1.
    #[must_use]
    pub fn ratio(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_is_always_between_silence_and_full() {
        assert_eq!([-1.0, 0.3, 7.0, f64::NAN].map(|ratio| Volume::new(ratio).ratio()), [0.0, 0.3, 1.0, 0.0]);
    }
}
