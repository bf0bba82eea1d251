//! The outputs: whatever takes the samples of the engine at the pace of its own clock.

use std::time::Duration;

use super::{Error, engine::Lease};

mod clocked;
mod null;
mod wav;
#[cfg(feature = "playback")]
mod rodio;

/// Names the kinds of outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputKind {
    /// Is a sound card or a sound server.
    Device,
    /// Keeps time and makes no sound.
    Null,
    /// Writes a WAV file.
    Wav,
}

/// Describes an output that exists or runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputDescription {
    /// Is the name by which it is selected.
    pub name: String,
    /// Is the name for people.
    pub display_name: String,
    /// Is its kind.
    pub kind: OutputKind,
    /// Is the sample rate it runs at; 0 while it does not run.
    pub sample_rate_hz: u32,
    /// Is the time from the mixer to the ear, as far as it is known.
    pub latency: Option<Duration>,
}

/// Is an output that pulls the engine through its lease. Dropping it stops it.
pub trait RunningOutput: Send {
    /// Describes the output as it runs.
    fn description(&self) -> OutputDescription;

    /// Says what is wrong, once it has stopped taking samples for good.
    fn problem(&self) -> Option<String>;
}

/// Is an output that runs, or why it does not.
pub type Opened = Result<Box<dyn RunningOutput>, Error>;

/// Is one kind of output.
pub struct Backend {
    /// Tells whether a name means this kind.
    pub claims: fn(&str) -> bool,
    /// Opens the output of that name so that it pulls the lease in blocks of so many frames. Takes at
    /// most a few seconds; fails with [`Error::OutputUnknown`] or [`Error::OutputUnavailable`].
    pub open: fn(&str, u32, Lease) -> Opened,
    /// Lists the outputs of this kind that can be selected by name now.
    pub list: fn() -> Vec<OutputDescription>,
}

/// Is every kind of output; the first that claims a name takes it, and the device claims every name
/// that the others leave.
pub const BACKENDS: &[Backend] = &[
    null::BACKEND,
    wav::BACKEND,
    #[cfg(feature = "playback")]
    rodio::BACKEND,
];

/// Opens the output of a name.
pub fn open(name: &str, block_frames: u32, lease: Lease) -> Opened {
    let backend = BACKENDS.iter().find(|backend| (backend.claims)(name));
    let backend = backend.ok_or_else(|| Error::OutputUnknown { name: name.to_owned() })?;
    (backend.open)(name, block_frames, lease)
}

/// Lists what can be selected by name: the default first, then devices, then `null`.
#[must_use]
pub fn list() -> Vec<OutputDescription> {
    BACKENDS.iter().rev().flat_map(|backend| (backend.list)()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_ends_with_null() {
        assert_eq!(list().last().map(|output| output.kind), Some(OutputKind::Null));
    }

    #[test]
    fn a_wav_output_without_a_file_is_unknown() {
        let (engine, _control) = crate::audio::engine::Engine::new();
        assert!(matches!(open("wav:", 480, engine.lease()), Err(Error::OutputUnknown { .. })));
    }
}
