//! Any sample rate to that of the engine.

use rubato::{Fft, FixedSync, Indexing, Resampler as _, audioadapter_buffers::direct::InterleavedSlice};

use super::Error;
use crate::audio::{CHANNELS, SAMPLE_RATE_HZ};

/// Is how many frames are converted at once.
const CHUNK_FRAMES: usize = 1024;

/// Converts interleaved stereo samples to 48 kHz. What comes out begins with what went in: the
/// filter's delay is cut off, and the end is flushed.
pub struct Resampler {
    fft: Fft<f32>,
    pending: Vec<f32>,
    block: Vec<f32>,
    delay: usize,
    taken: u64,
    given: u64,
    ratio: f64,
}

impl Resampler {
    /// Converts from a sample rate, or is absent when there is nothing to do.
    ///
    /// # Errors
    /// [`Error::Undecodable`] for a rate that cannot be converted.
    pub fn new(sample_rate_hz: u32) -> Result<Option<Self>, Error> {
        if sample_rate_hz == SAMPLE_RATE_HZ {
            return Ok(None);
        }
        let (from, to) = (sample_rate_hz as usize, SAMPLE_RATE_HZ as usize);
        let fft = Fft::new(from, to, CHUNK_FRAMES, CHANNELS, FixedSync::Input).map_err(broken)?;
        let block = vec![0.0; fft.output_frames_max() * CHANNELS];
        let (delay, ratio) = (fft.output_delay(), to as f64 / from as f64);
        Ok(Some(Self { fft, pending: Vec::new(), block, delay, taken: 0, given: 0, ratio }))
    }

    /// Takes samples and appends what they make.
    ///
    /// # Errors
    /// [`Error::Undecodable`] when the conversion fails.
    pub fn push(&mut self, samples: &[f32], out: &mut Vec<f32>) -> Result<(), Error> {
        self.taken += (samples.len() / CHANNELS) as u64;
        self.pending.extend_from_slice(samples);
        while self.pending.len() >= self.fft.input_frames_next() * CHANNELS {
            self.convert(None, out)?;
        }
        Ok(())
    }

    /// Appends what is still on its way.
    ///
    /// # Errors
    /// As [`Resampler::push`].
    pub fn finish(&mut self, out: &mut Vec<f32>) -> Result<(), Error> {
        let all = (self.taken as f64 * self.ratio).round() as u64;
        while self.given < all {
            let left = self.pending.len() / CHANNELS;
            self.pending.resize(self.fft.input_frames_next() * CHANNELS, 0.0);
            let before = out.len();
            self.convert(Some(left), out)?;
            if self.given > all {
                let surplus = (self.given - all) as usize * CHANNELS;
                out.truncate((out.len() - surplus).max(before));
                self.given = all;
            }
        }
        Ok(())
    }

    fn convert(&mut self, partial: Option<usize>, out: &mut Vec<f32>) -> Result<(), Error> {
        let frames_in = self.fft.input_frames_next();
        let frames_out = self.block.len() / CHANNELS;
        let input = InterleavedSlice::new(&self.pending, CHANNELS, frames_in).map_err(broken)?;
        let mut output = InterleavedSlice::new_mut(&mut self.block, CHANNELS, frames_out).map_err(broken)?;
        let indexing = Indexing { partial_len: partial, ..Indexing::default() };
        let (_, made) = self.fft.process_into_buffer(&input, &mut output, Some(&indexing)).map_err(broken)?;
        self.pending.drain(..frames_in * CHANNELS);
        let skipped = self.delay.min(made);
        self.delay -= skipped;
        out.extend_from_slice(&self.block[skipped * CHANNELS..made * CHANNELS]);
        self.given += (made - skipped) as u64;
        Ok(())
    }
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::Undecodable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(rate: u32, frames: usize) -> Vec<f32> {
        let step = std::f32::consts::TAU * 997.0 / rate as f32;
        (0..frames * CHANNELS).map(|n| ((n / CHANNELS) as f32 * step).sin() * 0.5).collect()
    }

    #[test]
    fn a_sine_comes_out_in_place_and_at_full_length() {
        for rate in [8_000, 22_050, 44_100, 96_000, 192_000] {
            let mut resampler = Resampler::new(rate).unwrap().unwrap();
            let mut out = Vec::new();
            for part in sine(rate, rate as usize).chunks(777 * CHANNELS) {
                resampler.push(part, &mut out).unwrap();
            }
            resampler.finish(&mut out).unwrap();
            assert_eq!(out.len(), SAMPLE_RATE_HZ as usize * CHANNELS, "{rate}");
            let expected = sine(SAMPLE_RATE_HZ, SAMPLE_RATE_HZ as usize);
            let middle = 4800..out.len() - 4800;
            let worst = out[middle.clone()].iter().zip(&expected[middle]).map(|(a, b)| (a - b).abs());
            let worst = worst.fold(0.0, f32::max);
            assert!(worst < 1e-3, "{rate}: {worst}");
        }
    }
}
