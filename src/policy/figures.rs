//! What was called how often, and how it ended.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tonic::Code;

use crate::pb::registry::{METHODS, MethodInfo};

/// The figures of every method, in the order of the contract.
#[derive(Debug)]
pub struct Figures(Vec<MethodFigures>);

/// The figures of one method since the daemon started.
#[derive(Debug, Default)]
pub struct MethodFigures {
    /// Calls that were answered.
    pub calls: AtomicU64,
    /// Calls that failed, whatever the reason.
    pub failures: AtomicU64,
    /// Calls that broke a rule of the contract.
    pub invalid: AtomicU64,
    /// The time that all of them took, in microseconds.
    pub micros: AtomicU64,
}

impl Default for Figures {
    fn default() -> Self {
        Self(METHODS.iter().map(|_| MethodFigures::default()).collect())
    }
}

impl Figures {
    /// Every method with its figures.
    pub fn rows(&self) -> impl Iterator<Item = (&'static MethodInfo, &MethodFigures)> {
        METHODS.iter().zip(&self.0)
    }

    /// Counts one call of the method at an index of [`METHODS`].
    pub(super) fn count(&self, index: usize, code: Code, duration: Duration) {
        let row = &self.0[index];
        row.calls.fetch_add(1, Ordering::Relaxed);
        row.micros.fetch_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        if code != Code::Ok {
            row.failures.fetch_add(1, Ordering::Relaxed);
        }
        if code == Code::InvalidArgument {
            row.invalid.fetch_add(1, Ordering::Relaxed);
        }
    }
}
