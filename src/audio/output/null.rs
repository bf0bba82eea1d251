//! The output that keeps time and makes no sound.

use std::{io, time::Duration};

use super::{
    Backend, OutputDescription, OutputKind, RunningOutput,
    clocked::{Clocked, Recorder},
};
use crate::audio::{Error, SAMPLE_RATE_HZ, engine::Lease};

/// Is the row of the table.
pub const BACKEND: Backend = Backend { claims: |name| name == "null", open, list: || vec![describe(0)] };

struct Null(Clocked);

struct Nowhere;

impl Recorder for Nowhere {
    fn write(&mut self, _samples: &[f32]) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn open(name: &str, block_frames: u32, lease: Lease) -> Result<Box<dyn RunningOutput>, Error> {
    Ok(Box::new(Null(Clocked::start(name, block_frames, lease, Nowhere)?)))
}

fn describe(sample_rate_hz: u32) -> OutputDescription {
    OutputDescription {
        name: "null".into(),
        display_name: "No sound (keeps time)".into(),
        kind: OutputKind::Null,
        sample_rate_hz,
        latency: Some(Duration::ZERO),
    }
}

impl RunningOutput for Null {
    fn description(&self) -> OutputDescription {
        describe(SAMPLE_RATE_HZ)
    }

    fn problem(&self) -> Option<String> {
        self.0.problem()
    }
}
