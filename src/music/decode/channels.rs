//! Any number of channels to two.

use symphonia::core::audio::{Channels, Position};

/// Is the level of a channel that is heard on both sides: -3 dB, as ITU-R BS.775 mixes down.
const HALF_POWER: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// Mixes interleaved samples down, or up, to interleaved stereo.
pub struct Downmix {
    gains: Vec<[f32; 2]>,
}

impl Downmix {
    /// Prepares for a set of channels; the low-frequency channel is left out, as BS.775 does.
    pub fn new(channels: &Channels) -> Self {
        let mut gains = match channels {
            _ if channels.count() == 1 => vec![[1.0, 1.0]],
            Channels::Positioned(positions) => positions.iter().map(gain).collect(),
            _ => (0..channels.count()).map(|n| if n % 2 == 0 { [1.0, 0.0] } else { [0.0, 1.0] }).collect(),
        };
        let loudest = (0..2).map(|side| gains.iter().map(|gain: &[f32; 2]| gain[side]).sum::<f32>());
        let scale = 1.0 / loudest.fold(1.0, f32::max);
        gains.iter_mut().flatten().for_each(|gain| *gain *= scale);
        Self { gains }
    }

    /// Appends the stereo form of interleaved samples.
    pub fn apply(&self, samples: &[f32], stereo: &mut Vec<f32>) {
        if self.gains == [[1.0, 0.0], [0.0, 1.0]] {
            stereo.extend_from_slice(samples);
            return;
        }
        for frame in samples.chunks_exact(self.gains.len().max(1)) {
            for side in 0..2 {
                stereo.push(frame.iter().zip(&self.gains).map(|(sample, gain)| sample * gain[side]).sum());
            }
        }
    }
}

fn gain(position: Position) -> [f32; 2] {
    const LEFT: [Position; 4] =
        [Position::FRONT_LEFT, Position::REAR_LEFT, Position::SIDE_LEFT, Position::FRONT_LEFT_CENTER];
    const RIGHT: [Position; 4] =
        [Position::FRONT_RIGHT, Position::REAR_RIGHT, Position::SIDE_RIGHT, Position::FRONT_RIGHT_CENTER];
    match position {
        Position::FRONT_LEFT => [1.0, 0.0],
        Position::FRONT_RIGHT => [0.0, 1.0],
        Position::LFE1 => [0.0, 0.0],
        _ if LEFT.contains(&position) => [HALF_POWER, 0.0],
        _ if RIGHT.contains(&position) => [0.0, HALF_POWER],
        _ => [HALF_POWER, HALF_POWER],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use symphonia::core::audio::layouts::{CHANNEL_LAYOUT_5P1, CHANNEL_LAYOUT_MONO, CHANNEL_LAYOUT_STEREO};

    fn mixed(channels: &Channels, samples: &[f32]) -> Vec<f32> {
        let mut stereo = Vec::new();
        Downmix::new(channels).apply(samples, &mut stereo);
        stereo
    }

    #[test]
    fn mono_is_heard_on_both_sides_and_stereo_is_left_alone() {
        assert_eq!(mixed(&CHANNEL_LAYOUT_MONO, &[0.5, 0.25]), [0.5, 0.5, 0.25, 0.25]);
        assert_eq!(mixed(&CHANNEL_LAYOUT_STEREO, &[0.5, 0.25]), [0.5, 0.25]);
    }

    #[test]
    fn surround_is_mixed_down_without_clipping_and_without_the_subwoofer() {
        let full = mixed(&CHANNEL_LAYOUT_5P1, &[1.0; 6]);
        assert!((full[0] - 1.0).abs() < 1e-6 && (full[1] - 1.0).abs() < 1e-6);
        let centre = mixed(&CHANNEL_LAYOUT_5P1, &[0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
        assert!(centre[0] == centre[1] && (0.28..0.30).contains(&centre[0]), "{centre:?}");
    }
}
