//! Who asked for what: the cause that travels with every command and event, and the call that the
//! current task serves.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::pb::cantina::command::v1::{Actor, ActorKind, Cause as CauseMessage};

tokio::task_local! {
    static CALL: Call;
}

/// The call that the current task serves.
#[derive(Clone, Debug)]
pub struct Call {
    /// The full method name, `package.Service/Method`.
    pub method: &'static str,
    /// Who asked, and the trace of what follows from it.
    pub cause: Cause,
}

impl Call {
    /// The call that the current task serves, if it serves one.
    #[must_use]
    pub fn current() -> Option<Self> {
        CALL.try_with(Clone::clone).ok()
    }

    /// Runs a future as part of this call.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        CALL.scope(self, future).await
    }
}

/// Why something happens. Clones share one trace: the first event that is published with a cause
/// becomes the root of all others.
#[derive(Clone, Debug)]
pub struct Cause {
    shared: Arc<Shared>,
    parent: u64,
}

#[derive(Debug)]
struct Shared {
    actor: Actor,
    request: Option<Request>,
    traceparent: String,
    root: AtomicU64,
}

/// The identity of a command with a request id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The request id.
    pub id: String,
    /// BLAKE3 of the method and the encoded request: the same id with another hash is a misuse.
    pub hash: [u8; 32],
}

impl Cause {
    /// A new trace, begun by a client.
    #[must_use]
    pub fn client(actor: Actor, request: Option<Request>, traceparent: String) -> Self {
        let shared = Shared { actor, request, traceparent, root: AtomicU64::new(0) };
        Self { shared: Arc::new(shared), parent: 0 }
    }

    /// A new trace, begun by a feature of the daemon itself.
    #[must_use]
    pub fn daemon(feature: &str) -> Self {
        let actor = Actor { kind: ActorKind::Daemon.into(), name: feature.to_owned(), address: String::new() };
        Self::client(actor, None, String::new())
    }

    /// The cause of the current call, or the daemon itself outside one.
    #[must_use]
    pub fn current() -> Self {
        Call::current().map_or_else(|| Self::daemon("cantinad"), |call| call.cause)
    }

    /// The same trace, for what follows from the event with this sequence number.
    #[must_use]
    pub fn follow(&self, sequence: u64) -> Self {
        Self { shared: Arc::clone(&self.shared), parent: sequence }
    }

    /// Who began the trace.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.shared.actor
    }

    /// The command's request, when it has an id.
    #[must_use]
    pub fn request(&self) -> Option<&Request> {
        self.shared.request.as_ref()
    }

    /// The sequence of the first event of the trace; 0 before there is one.
    #[must_use]
    pub fn root(&self) -> u64 {
        self.shared.root.load(Ordering::Acquire)
    }

    /// The message for an event that is about to take `sequence`: the first event of a trace is its
    /// own root, later ones descend from it.
    #[must_use]
    pub fn message(&self, sequence: u64) -> CauseMessage {
        let root = match self.shared.root.compare_exchange(0, sequence, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => sequence,
            Err(root) => root,
        };
        let parent = if self.parent == 0 && root != sequence { root } else { self.parent };
        CauseMessage {
            actor: Some(self.shared.actor.clone()),
            request_id: self.request().map(|request| request.id.clone()).unwrap_or_default(),
            parent_sequence: parent,
            root_sequence: root,
            traceparent: self.shared.traceparent.clone(),
        }
    }
}
