//! The health of every component: reported where the work is done, seen in the feed.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::future::BoxFuture;

use crate::{
    call::Cause,
    clock::Clock,
    error::Failure,
    event::{EventLog, Publisher},
    pb::{
        cantina::{
            event::v1::{EventSeverity, snapshot_part::Part},
            system::v1::{Component, ComponentChanged, ComponentState},
        },
        registry::producer,
    },
};

/// Restarts a component; answers when its own check has passed or failed.
pub type Restart = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// All components. Cheap to clone.
#[derive(Clone)]
pub struct Components {
    rows: Arc<Mutex<BTreeMap<String, Row>>>,
    publisher: Publisher<producer::System>,
    clock: Clock,
}

struct Row {
    component: Component,
    restart: Option<Restart>,
}

impl fmt::Debug for Components {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Components").finish_non_exhaustive()
    }
}

impl Components {
    /// No component yet.
    #[must_use]
    pub fn new(log: &EventLog, clock: Clock) -> Self {
        Self { rows: Arc::default(), publisher: log.publisher(), clock }
    }

    /// Adds a component in the state STARTING. Its health is reported through the handle.
    #[must_use]
    pub fn add(&self, name: &str) -> Health {
        let component = Component { name: name.to_owned(), ..Component::default() };
        self.lock().insert(name.to_owned(), Row { component, restart: None });
        let health = Health { components: self.clone(), name: name.into() };
        health.set(ComponentState::Starting, None, "");
        health
    }

    /// All components by name.
    #[must_use]
    pub fn list(&self) -> Vec<Component> {
        self.lock().values().map(|row| row.component.clone()).collect()
    }

    /// One component.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Component> {
        self.lock().get(name).map(|row| row.component.clone())
    }

    /// How to restart a component; `None` when it cannot be restarted alone.
    #[must_use]
    pub fn restart(&self, name: &str) -> Option<Restart> {
        self.lock().get(name)?.restart.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reports the health of one component. Reporting the same again only renews its check time.
#[derive(Clone, Debug)]
pub struct Health {
    components: Components,
    name: Arc<str>,
}

impl Health {
    /// Its own check passed. `detail` is one line about what it works with.
    pub fn running(&self, detail: &str) {
        self.set(ComponentState::Running, None, detail);
    }

    /// It works in part.
    pub fn degraded(&self, reason: &Failure, detail: &str) {
        self.set(ComponentState::Degraded, Some(reason), detail);
    }

    /// It does not work.
    pub fn failed(&self, reason: &Failure, detail: &str) {
        self.set(ComponentState::Failed, Some(reason), detail);
    }

    /// It is switched off.
    pub fn disabled(&self, detail: &str) {
        self.set(ComponentState::Disabled, None, detail);
    }

    /// It starts again.
    pub fn starting(&self) {
        self.set(ComponentState::Starting, None, "");
    }

    /// Marks it as driving simulated hardware.
    pub fn simulated(&self) {
        if let Some(row) = self.components.lock().get_mut(&*self.name) {
            row.component.simulated = true;
        }
    }

    /// Makes it restartable.
    pub fn on_restart(&self, restart: Restart) {
        if let Some(row) = self.components.lock().get_mut(&*self.name) {
            row.component.restartable = true;
            row.restart = Some(restart);
        }
    }

    fn set(&self, state: ComponentState, reason: Option<&Failure>, detail: &str) {
        let now = self.components.clock.now();
        let mut rows = self.components.lock();
        let Some(row) = rows.get_mut(&*self.name) else { return };
        let previous = row.component.state();
        let component = &mut row.component;
        let reasons = |component: &Component| component.reason.as_ref().map(|status| status.message.clone());
        let same_reason = reasons(component) == reason.map(ToString::to_string);
        let changed = previous != state || component.detail != detail || !same_reason;
        component.last_check_time = Some(now);
        if !changed {
            return;
        }
        if previous != state {
            component.since = Some(now);
        }
        component.set_state(state);
        component.reason = reason.map(Failure::to_status);
        detail.clone_into(&mut component.detail);
        let component = component.clone();
        let severity = match state {
            ComponentState::Failed => EventSeverity::Error,
            ComponentState::Degraded => EventSeverity::Warning,
            _ => EventSeverity::Info,
        };
        self.components
            .publisher
            .commit(&Cause::daemon(&self.name))
            .event(ComponentChanged { component: Some(component.clone()), previous_state: previous.into() })
            .resource(format!("components/{}", self.name))
            .severity(severity)
            .simulated(component.simulated)
            .part(Part::Component(component))
            .send();
    }
}
