//! Cantina: the daemon inside things that talk, play and glow.
//!
//! The modules stand in order of dependency: each uses only those above it.

#![warn(missing_docs)]

// Kernel: knows nothing about this device.
pub mod pb;
pub mod clock;
pub mod call;
pub mod error;
pub mod codec;
pub mod telemetry;
pub mod storage;
pub mod event;
pub mod component;
pub mod context;
pub mod config;
pub mod policy;

// Devices: what the daemon drives.
pub mod audio;

// Capabilities: what it can do.
pub mod music;

// Behaviours: what combines them.
pub mod system;

// Views and access.
pub mod stats;
pub mod server;

// The program.
pub mod doctor;
pub mod docs;
pub mod cli;
pub mod app;
