//! The room: a reverb, an echo, and the limiter at the end.

use super::instrument::Filter;

/// Keeps what fades away from numbers so small that processors slow down.
const QUIET: f32 = 1e-18;

/// A feedback delay network: eight delays of different lengths, each feeding all others.
pub struct Reverb {
    lines: [Vec<f32>; 8],
    places: [usize; 8],
    damped: [f32; 8],
    feedback: f32,
}

/// Lengths of the delays in milliseconds: no two share a factor, so that no echo repeats.
const LENGTHS_MS: [f32; 8] = [29.7, 37.1, 41.1, 43.7, 53.9, 61.3, 71.7, 79.3];

impl Reverb {
    /// Makes a room that fades by 60 dB in `seconds`.
    pub fn new(rate: f32, seconds: f32) -> Self {
        let lines = LENGTHS_MS.map(|ms| vec![0.0; (ms * rate / 1000.0) as usize]);
        let feedback = 10f32.powf(-3.0 * 0.052 / seconds);
        Self { lines, places: [0; 8], damped: [0.0; 8], feedback }
    }

    /// Takes one sample and answers the room's left and right.
    pub fn next(&mut self, input: f32) -> [f32; 2] {
        let heard: [f32; 8] = std::array::from_fn(|i| self.lines[i][self.places[i]]);
        let common = heard.iter().sum::<f32>() * 0.25;
        for (i, sample) in heard.iter().enumerate() {
            let back = (sample - common) * self.feedback;
            self.damped[i] += (back - self.damped[i]) * 0.62;
            let place = self.places[i];
            self.lines[i][place] = input + self.damped[i] + QUIET;
            self.places[i] = if place + 1 < self.lines[i].len() { place + 1 } else { 0 };
        }
        [heard[0] + heard[2] - heard[4] + heard[6], heard[1] - heard[3] + heard[5] + heard[7]].map(|s| s * 0.35)
    }
}

/// An echo that goes from side to side and grows darker.
pub struct Echo {
    lines: [Vec<f32>; 2],
    place: usize,
    feedback: f32,
    dark: Filter,
    thin: Filter,
}

impl Echo {
    /// Makes an echo that comes every `seconds`.
    pub fn new(rate: f32, seconds: f32, feedback: f32) -> Self {
        let length = (seconds * rate) as usize;
        let (mut dark, mut thin) = (Filter::default(), Filter::default());
        dark.tune(3200.0 / rate, 0.0);
        thin.tune(240.0 / rate, 0.0);
        Self { lines: [vec![0.0; length], vec![0.0; length]], place: 0, feedback, dark, thin }
    }

    /// Takes one sample and answers the echo's left and right.
    pub fn next(&mut self, input: f32) -> [f32; 2] {
        let heard = [self.lines[0][self.place], self.lines[1][self.place]];
        self.lines[0][self.place] = self.thin.high_pass(self.dark.low_pass(input + heard[1] * self.feedback));
        self.lines[1][self.place] = heard[0];
        self.place = (self.place + 1) % self.lines[0].len();
        heard
    }
}

/// Sets the whole piece to −16 LUFS and holds every sample below `ceiling`.
pub fn master(frames: &mut [[f32; 2]], rate: u32, ceiling: f32) -> Result<(), ebur128::Error> {
    for target in [-16.0, -16.0] {
        let gain = 10f64.powf((target - loudness(frames, rate)?) / 20.0) as f32;
        frames.iter_mut().flatten().for_each(|s| *s *= gain);
        limit(frames, ceiling);
    }
    Ok(())
}

/// The integrated loudness in LUFS (EBU R 128); −70 for silence.
fn loudness(frames: &[[f32; 2]], rate: u32) -> Result<f64, ebur128::Error> {
    let mut meter = ebur128::EbuR128::new(2, rate, ebur128::Mode::I)?;
    meter.add_frames_f32(frames.as_flattened())?;
    Ok(meter.loudness_global()?.max(-70.0))
}

/// Limits by blocks: the gain of a block is what it and its neighbours need, and moves in a
/// straight line from block to block, so that no sample passes and nothing clicks.
fn limit(frames: &mut [[f32; 2]], ceiling: f32) {
    const BLOCK: usize = 96;
    let peak = |block: &[[f32; 2]]| block.iter().flatten().fold(0f32, |most, s| most.max(s.abs()));
    let needed: Vec<f32> = frames.chunks(BLOCK).map(|b| (ceiling / peak(b).max(1e-9)).min(1.0)).collect();
    let held: Vec<f32> = (0..needed.len())
        .map(|i| needed[i.saturating_sub(8)..(i + 3).min(needed.len())].iter().fold(1f32, |a, b| a.min(*b)))
        .collect();
    let mut from = held.first().copied().unwrap_or(1.0);
    for (i, block) in frames.chunks_mut(BLOCK).enumerate() {
        let to = held[i].min(held.get(i + 1).copied().unwrap_or(1.0));
        for (n, frame) in block.iter_mut().enumerate() {
            let gain = from + (to - from) * n as f32 / BLOCK as f32;
            *frame = frame.map(|s| s * gain);
        }
        from = to;
    }
}
