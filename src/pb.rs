//! The contract in Rust: everything `build.rs` derives from `proto/`, under one roof.
//!
//! Messages live in `pb::cantina::<feature>::v1`, as in the proto. [`registry`] holds the tables
//! and types made from the contract's options.

#![allow(missing_docs, reason = "generated from documented protos; comments of oneofs are not carried over")]
#![allow(clippy::all, clippy::pedantic, reason = "generated code is not ours to style")]

include!(concat!(env!("OUT_DIR"), "/protos.rs"));
include!(concat!(env!("OUT_DIR"), "/validate_impl.rs"));
