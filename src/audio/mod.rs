//! Sound: one engine that mixes scheduled voices, and the outputs that take its samples.
//!
//! Everything is "start this voice at frame N with a fade" or "fade that voice from frame M". The
//! engine runs at 48 kHz, stereo, 32-bit float. It knows nothing of tracks: a voice is a ring of
//! samples that somebody fills.
//!
//! The render path never waits, allocates or frees: commands come through a lock-free ring, dead
//! voices leave through another one, and the engine's mutex is only ever *tried*
//! (`a_render_never_allocates` and the type [`engine::Lease`] hold this).

use std::time::Duration;

mod ramp;
mod limiter;
mod meter;
mod voice;
mod mixer;
mod engine;
mod output;
mod supervisor;
mod handle;
mod report;
#[cfg(test)]
mod allocation;
#[cfg(test)]
mod testing;

pub use handle::{Audio, AudioConfig, Ticket};
pub use meter::{Levels, MeterReader};
pub use mixer::Bus;
pub use output::{OutputDescription, OutputKind};
pub use ramp::Curve;
pub use report::start;
pub use supervisor::OutputState;
pub use voice::{Fade, Phase, Then, Voice, VoiceFeed, VoiceHandle, voice};

/// Is the sample rate of the engine. Decoders convert to it.
pub const SAMPLE_RATE_HZ: u32 = 48_000;

/// Counts the channels of the engine; samples are interleaved left, right.
pub const CHANNELS: usize = 2;

/// Says why the sound layer could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No output has the name.
    #[error("There is no sound output called \"{name}\".")]
    OutputUnknown {
        /// Is the name that was asked for.
        name: String,
    },
    /// The output exists but cannot be opened, or stopped taking samples.
    #[error("The sound output \"{name}\" is not available: {detail}.")]
    OutputUnavailable {
        /// Is the name of the output.
        name: String,
        /// Says what went wrong, in words.
        detail: String,
    },
    /// More voices were started than the engine holds.
    #[error("The sound engine holds at most {limit} voices at once.")]
    TooManyVoices {
        /// Is the limit.
        limit: usize,
    },
}

/// Converts a number of frames of the engine to time.
#[must_use]
pub fn frames_to_duration(frames: u64) -> Duration {
    let rate = u64::from(SAMPLE_RATE_HZ);
    Duration::from_secs(frames / rate) + Duration::from_nanos(frames % rate * 1_000_000_000 / rate)
}

/// Converts time to frames of the engine, rounding down; what [`frames_to_duration`] made comes back
/// as it was.
#[must_use]
pub fn duration_to_frames(time: Duration) -> u64 {
    let rate = u64::from(SAMPLE_RATE_HZ);
    time.as_secs().saturating_mul(rate) + (u64::from(time.subsec_nanos()) * rate + rate - 1) / 1_000_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_survive_the_way_through_time() {
        for frames in [0, 1, 479, 48_000, 12_345_677, 48_000 * 86_400 + 1] {
            assert_eq!(duration_to_frames(frames_to_duration(frames)), frames);
        }
    }
}
