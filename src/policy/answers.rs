//! Commands that are repeated: the same request id gets the same answer, and has one effect.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OwnedMutexGuard;

use crate::{
    call::Request,
    error::Failure,
    event::EventLog,
    pb::cantina::{command::v1::CommitInfo, error::v1::ErrorReason},
};

/// The request ids under way. A second request with the same id waits for the first.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    under_way: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// Holds a request id while its command is under way.
pub(super) struct Turn {
    answers: Arc<Answers>,
    id: String,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Answers {
    /// Waits until no other request with this id is under way.
    pub(super) async fn turn(self: &Arc<Self>, request: &Request) -> Turn {
        let lock = Arc::clone(self.lock().entry(request.id.clone()).or_default());
        let guard = lock.lock_owned().await;
        Turn { answers: Arc::clone(self), id: request.id.clone(), guard: Some(guard) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<tokio::sync::Mutex<()>>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.guard = None;
        let mut under_way = self.answers.lock();
        if under_way.get(&self.id).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            under_way.remove(&self.id);
        }
    }
}

/// The stored answer of a request that was carried out before; `None` for a new one.
///
/// # Errors
/// REQUEST_ID_REUSED for an id that stood for another request, REQUEST_INTERRUPTED for one whose
/// answer was never known.
pub(super) async fn stored(log: &EventLog, request: &Request) -> Result<Option<(Vec<u8>, CommitInfo)>, Failure> {
    let Some(answer) = log.answer(&request.id).await? else { return Ok(None) };
    if answer.hash != request.hash {
        let message = format!("The request id {} was used for another request", request.id);
        return Err(Failure::new(ErrorReason::RequestIdReused, message).field("request_id", "unique", "must be new"));
    }
    let Some(outcome) = answer.outcome else {
        let message = "The daemon ended while the request was carried out, so its answer is not known";
        return Err(Failure::new(ErrorReason::RequestInterrupted, message));
    };
    Ok(Some((outcome.answer, CommitInfo { sequence: outcome.sequence, replayed: true })))
}
