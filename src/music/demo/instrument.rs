//! Pitched instruments: a few oscillators, an envelope and a filter, all described as data.

use std::f32::consts::PI;

/// How many samples pass between two looks at the slow controls (vibrato, filter).
const CONTROL: usize = 32;
/// The most oscillators one note uses.
const MOST: usize = 5;

/// Where a phase begins again: whole for every FM ratio that is a multiple of 1/2.
const PHASES: f32 = 64.0;

/// The shape of an oscillator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wave {
    Sine,
    Triangle,
    Saw,
    Square,
    /// A sine whose phase is moved by a sine of `ratio` times its pitch, fading from `index`.
    Fm {
        ratio: f32,
        index: f32,
        fade_s: f32,
    },
}

/// A sound that plays notes. Times are in seconds, levels are ratios.
#[derive(Clone, Copy, Debug)]
pub struct Patch {
    pub wave: Wave,
    /// Counts the oscillators, 1 to 5, spread over `detune_cents` and over the stereo `width`.
    pub voices: usize,
    pub detune_cents: f32,
    pub width: f32,
    /// The level of a sine one octave below.
    pub sub: f32,
    /// The level of breath: noise through the filter.
    pub noise: f32,
    pub attack_s: f32,
    pub decay_s: f32,
    pub sustain: f32,
    pub release_s: f32,
    /// Where the low-pass filter rests, and from how many octaves above it falls in `sweep_s`.
    pub cutoff_hz: f32,
    pub sweep_octaves: f32,
    pub sweep_s: f32,
    /// 0 is none, 0.95 nearly whistles.
    pub resonance: f32,
    pub vibrato_cents: f32,
}

/// The patch that others start from: one soft saw.
pub const PLAIN: Patch = Patch {
    wave: Wave::Saw,
    voices: 1,
    detune_cents: 0.0,
    width: 0.0,
    sub: 0.0,
    noise: 0.0,
    attack_s: 0.005,
    decay_s: 0.2,
    sustain: 0.7,
    release_s: 0.08,
    cutoff_hz: 4000.0,
    sweep_octaves: 0.0,
    sweep_s: 0.2,
    resonance: 0.1,
    vibrato_cents: 0.0,
};

/// One note of a patch while it sounds.
pub struct Voice {
    patch: Patch,
    rate: f32,
    hz: f32,
    brightness: f32,
    gate: usize,
    age: usize,
    phases: [f32; MOST],
    sub_phase: f32,
    level: f32,
    attacking: bool,
    /// What the envelope moves by in one frame: attack, decay, release.
    slopes: [f32; 3],
    noise: Noise,
    left: Filter,
    right: Filter,
}

impl Voice {
    /// Starts a note that is held for `gate` frames; `octaves` opens (or closes) its filter.
    pub fn new(patch: Patch, rate: f32, hz: f32, gate: usize, octaves: f32, seed: u32) -> Self {
        let mut noise = Noise::new(seed);
        let phases = std::array::from_fn(|_| noise.next().mul_add(0.5, 0.5));
        let phases = if patch.voices > 1 { phases } else { [0.0; MOST] };
        Self {
            patch,
            rate,
            hz,
            brightness: octaves.exp2(),
            gate,
            age: 0,
            phases,
            sub_phase: 0.0,
            level: 0.0,
            attacking: true,
            slopes: [1.0 / patch.attack_s, 4.0 / patch.decay_s, 4.0 / patch.release_s].map(|s| (s / rate).min(1.0)),
            noise,
            left: Filter::default(),
            right: Filter::default(),
        }
    }

    /// Adds the next frames to `out`; answers false when the note is over.
    pub fn add(&mut self, out: &mut [[f32; 2]], gain: f32) -> bool {
        for frames in out.chunks_mut(CONTROL) {
            let (steps, fade) = self.control();
            let mut raw = [[0.0; CONTROL]; 2];
            self.oscillate(&mut raw, frames.len(), &steps, fade);
            let wide = self.patch.width > 0.0;
            for (i, frame) in frames.iter_mut().enumerate() {
                let level = self.envelope() * gain;
                let left = self.left.low_pass(raw[0][i]);
                let right = if wide { self.right.low_pass(raw[1][i]) } else { left };
                frame[0] += left * level;
                frame[1] += right * level;
                self.age += 1;
            }
        }
        self.age < self.gate || self.level > 3e-4
    }

    fn seconds(&self) -> f32 {
        self.age as f32 / self.rate
    }

    /// Sets the filters and answers the phase step of each oscillator and the strength of FM.
    fn control(&mut self) -> ([f32; MOST], f32) {
        let p = &self.patch;
        let fall = (-self.seconds() / p.sweep_s).exp();
        let cutoff = (p.cutoff_hz * self.brightness * (p.sweep_octaves * fall).exp2()).min(self.rate * 0.45);
        self.left.tune(cutoff / self.rate, p.resonance);
        self.right = Filter { memory: self.right.memory, ..self.left };
        let rise = (self.seconds() * 2.5 - 0.5).clamp(0.0, 1.0);
        let wobble = sine(turn(self.seconds() * 5.3)) * p.vibrato_cents * rise;
        let steps = std::array::from_fn(|i| {
            let place = if p.voices > 1 { 2.0 * i as f32 / (p.voices - 1) as f32 - 1.0 } else { 0.0 };
            self.hz * ((wobble + place * p.detune_cents) / 1200.0).exp2() / self.rate
        });
        let fade = if let Wave::Fm { fade_s, .. } = p.wave { (-self.seconds() / fade_s).exp() } else { 1.0 };
        (steps, fade)
    }

    /// Fills the first `length` samples of left and right.
    fn oscillate(&mut self, raw: &mut [[f32; CONTROL]; 2], length: usize, steps: &[f32; MOST], fade: f32) {
        let p = self.patch;
        let scale = (p.voices as f32).sqrt().recip();
        let [lefts, rights] = raw;
        for (i, phase) in self.phases.iter_mut().enumerate().take(p.voices) {
            let side = if i % 2 == 0 { p.width } else { -p.width };
            let (near, far) = ((1.0 + side) * scale, (1.0 - side) * scale);
            for (left, right) in lefts.iter_mut().zip(rights.iter_mut()).take(length) {
                let sample = shape(p.wave, *phase, steps[i], fade);
                *left += sample * near;
                *right += sample * far;
                *phase += steps[i];
            }
            *phase %= PHASES;
        }
        if p.sub == 0.0 && p.noise == 0.0 {
            return;
        }
        for (left, right) in lefts.iter_mut().zip(rights.iter_mut()).take(length) {
            self.sub_phase = turn(self.sub_phase + self.hz * 0.5 / self.rate);
            let both = p.sub * sine(self.sub_phase) + p.noise * self.noise.next();
            *left += both;
            *right += both;
        }
    }

    fn envelope(&mut self) -> f32 {
        let [attack, decay, release] = self.slopes;
        if self.age >= self.gate {
            self.level -= self.level * release;
        } else if self.attacking {
            self.level += attack;
            self.attacking = self.level < 1.0;
        } else {
            self.level += (self.patch.sustain - self.level) * decay;
        }
        self.level
    }
}

/// One sample of a wave. Saw and square are smoothed at their steps (PolyBLEP) against aliasing.
fn shape(wave: Wave, phase: f32, step: f32, fade: f32) -> f32 {
    let now = turn(phase);
    match wave {
        Wave::Sine => sine(now),
        Wave::Triangle => 4.0 * (now - 0.5).abs() - 1.0,
        Wave::Saw => 2.0 * now - 1.0 - smooth(now, step),
        Wave::Square => {
            let square = if now < 0.5 { 1.0 } else { -1.0 };
            square + smooth(now, step) - smooth(turn(now + 0.5), step)
        }
        Wave::Fm { ratio, index, .. } => {
            let moved = now + index * fade * sine(turn(phase * ratio)) / (2.0 * PI);
            sine(turn(moved + 8.0))
        }
    }
}

/// The turn 0..1 of a phase that is not negative: what `fract` does, without a call.
pub fn turn(phase: f32) -> f32 {
    phase - (phase as u32) as f32
}

fn smooth(now: f32, step: f32) -> f32 {
    if now < step {
        let t = now / step;
        t + t - t * t - 1.0
    } else if now > 1.0 - step {
        let t = (now - 1.0) / step;
        t * t + t + t + 1.0
    } else {
        0.0
    }
}

/// A sine of a turn 0..1, within 0.1 %: a parabola and its correction.
pub fn sine(turn: f32) -> f32 {
    let x = turn - 0.5;
    let rough = -16.0 * x * (0.5 - x.abs());
    rough + 0.225 * (rough * rough.abs() - rough)
}

/// A state-variable filter (Zavalishin's topology-preserving form).
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    g: f32,
    damping: f32,
    scale: f32,
    memory: [f32; 2],
}

impl Filter {
    /// Sets the corner as a ratio of the sample rate, and the resonance 0..1.
    pub fn tune(&mut self, ratio: f32, resonance: f32) {
        self.g = (PI * ratio.clamp(0.0005, 0.45)).tan();
        self.damping = 2.0 - 1.9 * resonance;
        self.scale = (1.0 + self.g * (self.damping + self.g)).recip();
    }

    fn split(&mut self, input: f32) -> (f32, f32, f32) {
        let g = self.g;
        let high = (input - (self.damping + g) * self.memory[0] - self.memory[1]) * self.scale;
        let band = g * high + self.memory[0];
        let low = g * band + self.memory[1];
        self.memory = [g * high + band, g * band + low];
        (low, band, high)
    }

    pub fn low_pass(&mut self, input: f32) -> f32 {
        self.split(input).0
    }

    pub fn high_pass(&mut self, input: f32) -> f32 {
        self.split(input).2
    }
}

/// White noise from a seed: the same seed is the same noise (xorshift).
pub struct Noise(u32);

impl Noise {
    pub fn new(seed: u32) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9) | 1)
    }

    /// The next value, −1 to 1.
    pub fn next(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as f32 * (2.0 / u32::MAX as f32) - 1.0
    }
}
