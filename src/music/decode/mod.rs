//! Files to samples: decoding, exact seeking, two channels, 48 kHz.

mod channels;
mod file;
mod resample;
mod stream;

pub use file::AudioFile;
pub use stream::{Source, Stream, open};

/// Says why a file gives no samples.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file is gone or may not be read.
    #[error("The file cannot be read: {0}.")]
    Unreadable(String),
    /// The file is not audio that can be decoded.
    #[error("The file cannot be decoded: {0}.")]
    Undecodable(String),
    /// The file ends before the position.
    #[error("The file ends before that position.")]
    PastEnd,
}

#[cfg(test)]
mod tests;
