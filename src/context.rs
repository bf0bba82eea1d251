//! What every part of the daemon is given: the clock, the event log, telemetry, health, and tasks
//! that cannot die unseen.

use std::{
    fmt,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::{FutureExt, future::BoxFuture};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::error;

use crate::{
    call::Cause,
    clock::Clock,
    component::{Components, Health},
    event::{EventLog, Publisher},
    pb::registry::Producer,
    storage::Database,
    telemetry::TelemetryHub,
};

/// Silences a feature when StopAll is called.
pub type Stopper = Arc<dyn Fn(Cause) -> BoxFuture<'static, ()> + Send + Sync>;

/// What every part of the daemon is given. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    clock: Clock,
    database: Database,
    log: EventLog,
    telemetry: TelemetryHub,
    components: Components,
    shutdown: CancellationToken,
    tasks: TaskTracker,
    stoppers: Arc<Mutex<Vec<Stopper>>>,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

impl Context {
    /// The context over an open log.
    #[must_use]
    pub fn new(clock: Clock, database: Database, log: EventLog) -> Self {
        Self {
            telemetry: TelemetryHub::new(clock.clone()),
            components: Components::new(&log, clock.clone()),
            clock,
            database,
            log,
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
            stoppers: Arc::default(),
        }
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The database, for reading.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The event log.
    #[must_use]
    pub fn log(&self) -> &EventLog {
        &self.log
    }

    /// The publisher of one feature.
    #[must_use]
    pub fn publisher<P: Producer>(&self) -> Publisher<P> {
        self.log.publisher()
    }

    /// The telemetry channels.
    #[must_use]
    pub fn telemetry(&self) -> &TelemetryHub {
        &self.telemetry
    }

    /// All components.
    #[must_use]
    pub fn components(&self) -> &Components {
        &self.components
    }

    /// Adds a component in the state STARTING.
    #[must_use]
    pub fn component(&self, name: &str) -> Health {
        self.components.add(name)
    }

    /// Is cancelled when the daemon ends: every loop and stream ends with it.
    #[must_use]
    pub fn shutdown(&self) -> &CancellationToken {
        &self.shutdown
    }

    /// Runs a task to its end, which is expected to be the shutdown. A task that panics ends the
    /// daemon, so that it never runs with half of its parts.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let shutdown = self.shutdown.clone();
        self.tasks.spawn(async move {
            if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                error!(task = name, "a task has died; the daemon ends");
                shutdown.cancel();
            }
        });
    }

    /// Waits until every task has ended.
    pub async fn wait(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Adds what StopAll silences.
    pub fn on_stop(&self, stopper: Stopper) {
        self.stoppers.lock().unwrap_or_else(PoisonError::into_inner).push(stopper);
    }

    /// Silences everything.
    pub async fn stop_all(&self, cause: &Cause) {
        let stoppers = self.stoppers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        futures_util::future::join_all(stoppers.iter().map(|stop| stop(cause.clone()))).await;
    }
}
