//! Gains that move without a click.

use std::f32::consts::{FRAC_PI_2, PI};

/// Names the shape of a fade. Both begin and end with slope zero, so that neither end clicks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// Sums to a constant level when equal signals are crossfaded.
    EqualGain,
    /// Sums to a constant power when unrelated signals are crossfaded.
    EqualPower,
}

/// Is a gain on its way from one value to another, one step a frame.
#[derive(Clone, Copy, Debug)]
pub struct Ramp {
    from: f32,
    to: f32,
    elapsed: u32,
    frames: u32,
    curve: Curve,
}

impl Ramp {
    /// Holds a gain.
    #[must_use]
    pub fn at(gain: f32) -> Self {
        Self { from: gain, to: gain, elapsed: 0, frames: 0, curve: Curve::EqualGain }
    }

    /// Goes on from the gain of this moment to `to` within `frames` frames.
    pub fn go(&mut self, to: f32, frames: u32, curve: Curve) {
        *self = Self { from: self.gain(), to, elapsed: 0, frames, curve };
    }

    /// Is the gain of this frame.
    #[must_use]
    pub fn gain(&self) -> f32 {
        if self.elapsed >= self.frames {
            return self.to;
        }
        let progress = self.elapsed as f32 / self.frames as f32;
        let eased = 0.5 - 0.5 * (PI * progress).cos();
        match self.curve {
            Curve::EqualGain => self.from + (self.to - self.from) * eased,
            Curve::EqualPower => {
                let share = (FRAC_PI_2 * eased).sin().powi(2);
                (self.from.powi(2) + (self.to.powi(2) - self.from.powi(2)) * share).max(0.0).sqrt()
            }
        }
    }

    /// Counts the frames until the gain rests.
    #[must_use]
    pub fn remaining(&self) -> u32 {
        self.frames - self.elapsed.min(self.frames)
    }

    /// Moves on by some frames.
    pub fn skip(&mut self, frames: u32) {
        self.elapsed = self.elapsed.saturating_add(frames).min(self.frames);
    }

    /// Multiplies interleaved stereo samples by the gain, moving on one step a frame.
    pub fn apply(&mut self, samples: &mut [f32]) {
        if self.remaining() == 0 {
            if self.to != 1.0 {
                samples.iter_mut().for_each(|sample| *sample *= self.to);
            }
            return;
        }
        for frame in samples.chunks_exact_mut(super::CHANNELS) {
            let gain = self.gain();
            frame.iter_mut().for_each(|sample| *sample *= gain);
            self.skip(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_that_is_turned_around_goes_on_from_where_it_is() {
        let mut ramp = Ramp::at(0.0);
        ramp.go(1.0, 480, Curve::EqualGain);
        ramp.skip(300);
        let before = ramp.gain();
        ramp.go(0.0, 480, Curve::EqualGain);
        assert!((ramp.gain() - before).abs() < 1e-6);
        ramp.skip(480);
        assert_eq!(ramp.gain(), 0.0);
    }

    #[test]
    fn an_equal_power_pair_keeps_the_power() {
        let (mut rise, mut fall) = (Ramp::at(0.0), Ramp::at(1.0));
        rise.go(1.0, 1000, Curve::EqualPower);
        fall.go(0.0, 1000, Curve::EqualPower);
        for _ in 0..1000 {
            assert!((rise.gain().powi(2) + fall.gain().powi(2) - 1.0).abs() < 1e-5);
            rise.skip(1);
            fall.skip(1);
        }
    }
}
