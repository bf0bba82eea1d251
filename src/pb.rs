//! The contract in Rust: everything `build.rs` derives from `proto/`, under one roof.
//!
//! Messages live in `pb::cantina::<feature>::v1`, as in the proto. [`registry`] holds the tables
//! and types made from the contract's options.

pub mod registry;

use std::sync::OnceLock;

use prost_reflect::DescriptorPool;

pub use generated::*;

/// The descriptor set with comments: served at `/contract.binpb` and by reflection.
pub const CONTRACT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/contract.binpb"));

/// The descriptor set without comments.
const CONTRACT_SLIM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/contract_slim.binpb"));

/// The descriptors of the contract, decoded when first needed.
pub fn descriptors() -> &'static DescriptorPool {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    POOL.get_or_init(|| DescriptorPool::decode(CONTRACT_SLIM).expect("build.rs wrote the descriptor set"))
}

/// Counts up with every change of the contract.
pub const API_REVISION: u32 = 1;

#[allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated; its comments are those of the proto")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/protos.rs"));
    include!(concat!(env!("OUT_DIR"), "/validate_impl.rs"));
}
