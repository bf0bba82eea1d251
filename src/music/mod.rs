//! Music.
pub mod decode;
