//! How the daemon ends, and whether it comes back.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;
use tracing::info;

use crate::{
    call::Cause,
    clock::proto_duration,
    context::Context,
    event::Publisher,
    pb::{
        cantina::{
            event::v1::{EventSeverity, Goodbye, GoodbyeReason},
            system::v1::DaemonStopping,
        },
        registry::producer,
    },
};

/// How long clients are told to wait before they connect again after a restart.
const RECONNECT_AFTER: Duration = Duration::from_secs(2);

/// How the daemon ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It does not come back by itself.
    Shutdown,
    /// It starts again in the same process.
    Restart,
}

/// Ends the daemon. Cheap to clone.
#[derive(Clone, Debug)]
pub struct EndingHandle {
    context: Context,
    publisher: Publisher<producer::System>,
    goodbye: Arc<watch::Sender<Goodbye>>,
    ending: Arc<watch::Sender<Ending>>,
}

impl EndingHandle {
    /// Nothing ends yet.
    #[must_use]
    pub fn new(context: &Context) -> Self {
        let goodbye = Goodbye { reason: GoodbyeReason::Shutdown.into(), reconnect_after: None };
        Self {
            context: context.clone(),
            publisher: context.publisher(),
            goodbye: Arc::new(watch::Sender::new(goodbye)),
            ending: Arc::new(watch::Sender::new(Ending::Shutdown)),
        }
    }

    /// What open streams are told when the daemon ends.
    #[must_use]
    pub fn goodbye(&self) -> watch::Receiver<Goodbye> {
        self.goodbye.subscribe()
    }

    /// How the daemon ends, once it does.
    #[must_use]
    pub fn ending(&self) -> Ending {
        *self.ending.borrow()
    }

    /// Ends the daemon after a delay, unless it is ended before. Answers at once.
    pub fn end(&self, ending: Ending, delay: Duration, reason: String, cause: &Cause) {
        let reconnect_after = (ending == Ending::Restart).then(|| proto_duration(RECONNECT_AFTER));
        let event = DaemonStopping {
            restarting: ending == Ending::Restart,
            reconnect_after: (ending == Ending::Restart).then(|| proto_duration(delay + RECONNECT_AFTER)),
            reason,
        };
        self.publisher.commit(cause).event(event).resource("daemon").severity(EventSeverity::Warning).send();
        let handle = self.clone();
        self.context.spawn("ending", async move {
            tokio::select! {
                () = handle.context.shutdown().cancelled() => {}
                () = tokio::time::sleep(delay) => {
                    let reason = if ending == Ending::Restart { GoodbyeReason::Restart } else { GoodbyeReason::Shutdown };
                    handle.goodbye.send_replace(Goodbye { reason: reason.into(), reconnect_after });
                    handle.ending.send_replace(ending);
                    info!(?ending, "the daemon ends");
                    handle.context.shutdown().cancel();
                }
            }
        });
    }
}
