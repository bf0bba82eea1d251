//! Levels of the output, written by the render path and read from anywhere.

use std::sync::{
    Arc,
    atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
};

use super::CHANNELS;

/// Collects peaks and power. One thread writes, one [`MeterReader`] reads.
#[derive(Debug, Default)]
pub struct Meter {
    peak: [AtomicU32; CHANNELS],
    power: [AtomicU64; CHANNELS],
    frames: AtomicU64,
}

impl Meter {
    /// Adds interleaved stereo samples. Only the render path calls this.
    pub fn add(&self, samples: &[f32]) {
        let (mut peak, mut power) = ([0.0_f32; CHANNELS], [0.0_f64; CHANNELS]);
        for frame in samples.chunks_exact(CHANNELS) {
            for channel in 0..CHANNELS {
                peak[channel] = peak[channel].max(frame[channel].abs());
                power[channel] += f64::from(frame[channel]).powi(2);
            }
        }
        for channel in 0..CHANNELS {
            // The bits of positive floats are in the order of the floats.
            self.peak[channel].fetch_max(peak[channel].to_bits(), Relaxed);
            let sum = f64::from_bits(self.power[channel].load(Relaxed)) + power[channel];
            self.power[channel].store(sum.to_bits(), Relaxed);
        }
        self.frames.fetch_add((samples.len() / CHANNELS) as u64, Relaxed);
    }
}

/// Is the level of the output over some time, in dBFS; silence is -120.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// Is the highest sample, left and right.
    pub peak_dbfs: [f64; CHANNELS],
    /// Is the mean power, left and right; a full-scale sine is at -3.01.
    pub rms_dbfs: [f64; CHANNELS],
}

/// Reads a meter; each reading covers the time since the one before. There should be one reader.
#[derive(Debug)]
pub struct MeterReader {
    meter: Arc<Meter>,
    power: [f64; CHANNELS],
    frames: u64,
}

impl MeterReader {
    /// Starts at this moment.
    #[must_use]
    pub fn new(meter: Arc<Meter>) -> Self {
        let mut reader = Self { meter, power: [0.0; CHANNELS], frames: 0 };
        reader.read();
        reader
    }

    /// Takes the levels since the last reading.
    pub fn read(&mut self) -> Levels {
        let frames = self.meter.frames.load(Relaxed);
        let count = (frames - self.frames).max(1) as f64;
        self.frames = frames;
        let peak_dbfs =
            [0, 1].map(|c: usize| decibels(f64::from(f32::from_bits(self.meter.peak[c].swap(0, Relaxed))), 20.0));
        let rms_dbfs = [0, 1].map(|c: usize| {
            let power = f64::from_bits(self.meter.power[c].load(Relaxed));
            let mean = (power - self.power[c]) / count;
            self.power[c] = power;
            decibels(mean, 10.0)
        });
        Levels { peak_dbfs, rms_dbfs }
    }
}

fn decibels(value: f64, factor: f64) -> f64 {
    (factor * value.max(1e-30).log10()).max(-120.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_scale_sine_reads_minus_three_decibels() {
        let meter = Arc::new(Meter::default());
        let mut reader = MeterReader::new(meter.clone());
        let samples: Vec<f32> =
            (0..96_000).map(|n| ((n / 2) as f32 * std::f32::consts::TAU * 1000.0 / 48_000.0).sin()).collect();
        meter.add(&samples);
        let levels = reader.read();
        assert!((levels.rms_dbfs[0] + 3.01).abs() < 0.02, "{levels:?}");
        assert!(levels.peak_dbfs[1].abs() < 0.01, "{levels:?}");
        assert_eq!(reader.read().peak_dbfs, [-120.0; 2]);
    }
}
