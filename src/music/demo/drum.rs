//! Drums: a falling tone, a burst of noise and a ring of metal, mixed as data says.

use super::instrument::{Filter, Noise, sine, turn};

/// A drum. Times are in seconds, levels are ratios.
#[derive(Clone, Copy, Debug)]
pub struct Drum {
    /// The tone falls from `from_hz` to `hz` within about `fall_s` and rings for `ring_s`.
    pub tone: f32,
    pub hz: f32,
    pub from_hz: f32,
    pub fall_s: f32,
    pub ring_s: f32,
    /// The noise between `low_hz` and `high_hz` lasts `noise_s`, after `bursts` short ones (a clap).
    pub noise: f32,
    pub low_hz: f32,
    pub high_hz: f32,
    pub noise_s: f32,
    pub bursts: u32,
    /// Squares without a common pitch, through the noise's filter.
    pub metal: f32,
    /// The noise swells for this long instead of falling.
    pub swell_s: f32,
}

/// The drum that others start from: silence.
pub const NONE: Drum = Drum {
    tone: 0.0,
    hz: 50.0,
    from_hz: 50.0,
    fall_s: 0.03,
    ring_s: 0.2,
    noise: 0.0,
    low_hz: 200.0,
    high_hz: 9000.0,
    noise_s: 0.1,
    bursts: 0,
    metal: 0.0,
    swell_s: 0.0,
};

/// Pairs of squares that are multiplied: their sums and differences are dense and have no pitch.
const METAL_HZ: [(f32, f32); 3] = [(2_631.0, 797.0), (4_213.0, 1_277.0), (5_871.0, 1_811.0)];
const BURST_S: f32 = 0.011;
/// The level at which a stroke is over: −66 dB.
const QUIET: f32 = 5e-4;

/// One stroke of a drum while it sounds.
pub struct Stroke {
    drum: Drum,
    rate: f32,
    age: usize,
    phase: f32,
    /// How far the tone still has to fall, how loud it and the noise are, in ratios.
    above: Decay,
    tone: Decay,
    hiss: Decay,
    noise: Noise,
    low: Filter,
    high: Filter,
}

impl Stroke {
    /// Starts a stroke.
    pub fn new(drum: Drum, rate: f32, seed: u32) -> Self {
        let (mut low, mut high) = (Filter::default(), Filter::default());
        low.tune(drum.low_hz / rate, 0.0);
        high.tune(drum.high_hz / rate, 0.0);
        let [above, tone, hiss] = [drum.fall_s, drum.ring_s, drum.noise_s].map(|s| Decay::new(s, rate));
        Self { drum, rate, age: 0, phase: 0.0, above, tone, hiss, noise: Noise::new(seed), low, high }
    }

    /// Adds the next frames to `out`; answers false when the stroke is over.
    pub fn add(&mut self, out: &mut [[f32; 2]], gain: f32) -> bool {
        for frame in out {
            let sample = self.next() * gain;
            frame[0] += sample;
            frame[1] += sample;
        }
        let d = &self.drum;
        (d.tone > 0.0 && self.tone.0 > QUIET) || (d.noise + d.metal > 0.0 && self.hiss.0 > QUIET)
    }

    fn next(&mut self) -> f32 {
        let d = self.drum;
        let t = self.age as f32 / self.rate;
        self.age += 1;
        let mut sum = 0.0;
        if d.tone > 0.0 {
            let hz = d.hz + (d.from_hz - d.hz) * self.above.next();
            self.phase = turn(self.phase + hz / self.rate);
            sum += d.tone * sine(self.phase) * self.tone.next() * (t * 1000.0).min(1.0);
        }
        if d.noise > 0.0 || d.metal > 0.0 {
            let source = d.noise * self.noise.next() + d.metal * self.metal(t);
            sum += self.high.low_pass(self.low.high_pass(source)) * self.noise_level(t);
        }
        sum
    }

    fn noise_level(&mut self, t: f32) -> f32 {
        let d = &self.drum;
        if t < d.swell_s {
            (t / d.swell_s).powi(3)
        } else if t < d.bursts as f32 * BURST_S {
            (-(t % BURST_S) / 0.004).exp()
        } else {
            self.hiss.next()
        }
    }

    fn metal(&self, t: f32) -> f32 {
        if self.drum.metal == 0.0 {
            return 0.0;
        }
        let square = |hz: f32| if turn(t * hz) < 0.5 { 1.0 } else { -1.0 };
        METAL_HZ.iter().map(|(a, b)| square(*a) * square(*b) * 0.33).sum()
    }
}

/// A level that falls from 1 by the same ratio with each sample.
struct Decay(f32, f32);

impl Decay {
    /// Falls to 37 % in `seconds`.
    fn new(seconds: f32, rate: f32) -> Self {
        Self(1.0, (-1.0 / (seconds * rate)).exp())
    }

    fn next(&mut self) -> f32 {
        let level = self.0;
        self.0 *= self.1;
        level
    }
}
