//! Keeps the sum of all voices at or below full scale without distorting it.

use super::CHANNELS;

/// Is how far the limiter looks ahead, in frames: 2 ms. It delays the signal by one frame less.
pub const LOOK_AHEAD: usize = 96;

/// Is the share by which the gain returns to 1 in each frame: 63 % in 60 ms, slow enough not to
/// shape single periods of a bass note.
const RELEASE: f32 = 1.0 / (0.060 * super::SAMPLE_RATE_HZ as f32);

/// Is a look-ahead peak limiter. What stays below full scale passes bit by bit, only later; what
/// would exceed it is turned down by a gain that is already low when the peak arrives.
///
/// The gain is the mean of the last `LOOK_AHEAD` values of a minimum over the same window, so each
/// value that enters the mean has seen the peak: the product never exceeds 1.
pub struct Limiter {
    delay: [[f32; CHANNELS]; LOOK_AHEAD],
    wanted: [f32; LOOK_AHEAD],
    held: [f32; LOOK_AHEAD],
    last_held: f32,
    sum: f64,
    at: usize,
}

impl Limiter {
    /// Starts with silence.
    #[must_use]
    pub fn new() -> Self {
        Self {
            delay: [[0.0; CHANNELS]; LOOK_AHEAD],
            wanted: [1.0; LOOK_AHEAD],
            held: [1.0; LOOK_AHEAD],
            last_held: 1.0,
            sum: LOOK_AHEAD as f64,
            at: 0,
        }
    }

    /// Limits interleaved stereo samples in place. Samples that are not numbers become silence.
    pub fn apply(&mut self, samples: &mut [f32]) {
        for frame in samples.chunks_exact_mut(CHANNELS) {
            let mut peak = 0.0_f32;
            for sample in frame.iter_mut() {
                if !sample.is_finite() {
                    *sample = 0.0;
                }
                peak = peak.max(sample.abs());
            }
            let gain = self.step(if peak > 1.0 { 1.0 / peak } else { 1.0 });
            let oldest = (self.at + 1) % LOOK_AHEAD;
            self.delay[self.at] = [frame[0], frame[1]];
            for (sample, delayed) in frame.iter_mut().zip(self.delay[oldest]) {
                *sample = (delayed * gain).clamp(-1.0, 1.0);
            }
            self.at = oldest;
        }
    }

    /// Takes the gain that the newest frame needs and answers the gain for the oldest one.
    fn step(&mut self, wanted: f32) -> f32 {
        self.wanted[self.at] = wanted;
        if wanted < 1.0 || self.last_held < 1.0 {
            let least = self.wanted.iter().copied().fold(1.0, f32::min);
            let risen = self.last_held + (1.0 - self.last_held) * RELEASE;
            let risen = if risen > 0.999_99 { 1.0 } else { risen };
            self.last_held = least.min(risen);
        }
        self.sum += f64::from(self.last_held) - f64::from(self.held[self.at]);
        self.held[self.at] = self.last_held;
        (self.sum / LOOK_AHEAD as f64).min(1.0) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_below_full_scale_passes_unchanged() {
        let input: Vec<f32> = (0..9600).map(|n| ((n / 2) as f32 * 0.05).sin() * 0.999).collect();
        let mut output = input.clone();
        Limiter::new().apply(&mut output);
        let delay = (LOOK_AHEAD - 1) * CHANNELS;
        assert_eq!(&output[delay..], &input[..input.len() - delay]);
    }

    #[test]
    fn what_exceeds_full_scale_never_clips() {
        let mut seed = 7_u32;
        let mut output: Vec<f32> = (0..96_000)
            .map(|n| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed as f32 / u32::MAX as f32 - 0.5) * if n % 9000 < 300 { 16.0 } else { 1.5 }
            })
            .collect();
        let mut limiter = Limiter::new();
        let mut unclamped: Vec<f32> = output.clone();
        limiter.apply(&mut output);
        assert!(output.iter().all(|sample| sample.abs() <= 1.0));
        let mut limiter = Limiter::new();
        for (n, frame) in unclamped.chunks_exact_mut(2).enumerate() {
            let peak = frame[0].abs().max(frame[1].abs());
            let gain = limiter.step(if peak > 1.0 { 1.0 / peak } else { 1.0 });
            limiter.delay[limiter.at] = [frame[0], frame[1]];
            limiter.at = (limiter.at + 1) % LOOK_AHEAD;
            let delayed = limiter.delay[limiter.at];
            assert!(delayed[0].abs() * gain <= 1.000_01, "frame {n} relies on the clamp");
        }
    }

    #[test]
    fn what_is_not_a_number_becomes_silence() {
        let mut samples = [f32::NAN, f32::INFINITY, 0.5, 0.5];
        let mut limiter = Limiter::new();
        limiter.apply(&mut samples);
        let mut tail = [0.0; LOOK_AHEAD * 2];
        limiter.apply(&mut tail);
        assert!(tail.iter().all(|sample| sample.is_finite()));
        assert_eq!(tail.iter().filter(|sample| **sample == 0.5).count(), 2);
    }
}
