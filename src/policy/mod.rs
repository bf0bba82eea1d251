//! One gate before every method: who may call it, when, how often, how long; and the record of what
//! was done.
//!
//! The gate works on encoded messages, so that no feature has to know of it: it finds `request_id`
//! and fills in `commit` by their field numbers.

mod answers;
mod audit;
mod figures;
mod gate;
mod limits;
mod roles;
mod wire;

use std::sync::Arc;

use tokio::sync::watch;

use crate::{event::EventLog, event::StorageHealth};

pub use figures::{Figures, MethodFigures};
pub use gate::Gate;
pub use limits::Limits;
pub use roles::Roles;
pub(crate) use wire::unreadable;

/// The largest request in bytes.
pub const MAX_REQUEST_BYTES: usize = 4 * 1024 * 1024;

/// What the gate needs to know. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) log: EventLog,
    pub(crate) stopped: watch::Receiver<bool>,
    pub(crate) storage: watch::Receiver<StorageHealth>,
    pub(crate) roles: Roles,
    pub(crate) limits: Arc<Limits>,
    pub(crate) figures: Arc<Figures>,
    pub(crate) answers: Arc<answers::Answers>,
}

impl Policy {
    /// The policy over a log. `stopped` tells whether StopAll is latched.
    #[must_use]
    pub fn new(log: EventLog, stopped: watch::Receiver<bool>, roles: Roles, limits: Limits) -> Self {
        Self {
            roles,
            storage: log.storage(),
            log,
            stopped,
            limits: Arc::new(limits),
            figures: Arc::default(),
            answers: Arc::default(),
        }
    }

    /// What was called how often, and how it ended.
    #[must_use]
    pub fn figures(&self) -> &Arc<Figures> {
        &self.figures
    }

    /// The limits and how much of them is used.
    #[must_use]
    pub fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }
}
