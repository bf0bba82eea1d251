//! Figures over time, made from the feed and from the gate: `/metrics` in the format of Prometheus.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
};

use crate::{
    context::Context,
    pb::{
        cantina::{music::v1::EndReason, system::v1::ComponentState},
        registry::{EVENTS, consumer},
    },
    policy::Policy,
    system::resident_bytes,
};

/// The figures of the daemon. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Stats {
    context: Context,
    policy: Policy,
    counted: Arc<Mutex<Counted>>,
}

/// What is counted from events.
#[derive(Debug, Default)]
struct Counted {
    tracks_started: u64,
    tracks_finished: BTreeMap<&'static str, u64>,
    commands_failed: u64,
    tracks_in_library: u32,
    components: BTreeMap<String, ComponentState>,
}

impl Stats {
    /// Begins to count.
    #[must_use]
    pub fn start(context: &Context, policy: Policy) -> Self {
        let stats = Self { context: context.clone(), policy, counted: Arc::default() };
        let (counted, mut events, shutdown) =
            (Arc::clone(&stats.counted), context.log().consume::<consumer::Stats>(), context.shutdown().clone());
        for component in context.components().list() {
            let state = component.state();
            lock(&counted).components.insert(component.name, state);
        }
        context.spawn("stats", async move {
            loop {
                tokio::select! {
                    () = shutdown.cancelled() => return,
                    event = events.next() => match event {
                        Some((_, event)) => lock(&counted).count(event),
                        None => return,
                    },
                }
            }
        });
        stats
    }

    /// All figures as Prometheus reads them.
    #[must_use]
    pub fn prometheus(&self) -> String {
        let mut text = Exposition::default();
        text.family("cantina_uptime_seconds", "gauge", "Time since the daemon started.");
        text.sample("cantina_uptime_seconds", "", self.context.clock().uptime().as_secs_f64());
        text.family("cantina_resident_bytes", "gauge", "Resident memory of the daemon.");
        text.sample("cantina_resident_bytes", "", resident_bytes());
        text.family("cantina_open_streams", "gauge", "Watch streams that are open.");
        text.sample("cantina_open_streams", "", self.policy.limits().open_streams());
        text.family("cantina_event_sequence", "counter", "Newest sequence number of the feed.");
        text.sample("cantina_event_sequence", "", self.context.log().head());
        self.write_events(&mut text);
        self.write_methods(&mut text);
        lock(&self.counted).write(&mut text);
        text.0
    }

    fn write_events(&self, text: &mut Exposition) {
        text.family("cantina_events_total", "counter", "Events published since the start.");
        for (event, count) in EVENTS.iter().zip(self.context.log().counts()) {
            text.sample("cantina_events_total", &format!("type={:?}", event.name), count);
        }
    }

    fn write_methods(&self, text: &mut Exposition) {
        let families = [
            ("cantina_calls_total", "Calls that were answered."),
            ("cantina_calls_failed_total", "Calls that failed, for whatever reason."),
            ("cantina_calls_invalid_total", "Calls that broke a rule of the contract."),
        ];
        for (index, (name, help)) in families.into_iter().enumerate() {
            text.family(name, "counter", help);
            for (method, row) in self.policy.figures().rows() {
                let counter = [&row.calls, &row.failures, &row.invalid][index];
                text.sample(name, &format!("method={:?}", method.name), counter.load(Ordering::Relaxed));
            }
        }
        text.family("cantina_calls_seconds_total", "counter", "Time that calls took.");
        for (method, row) in self.policy.figures().rows() {
            let micros = row.micros.load(Ordering::Relaxed);
            #[allow(clippy::cast_precision_loss, reason = "a sum of microseconds is exact for 285 years")]
            text.sample("cantina_calls_seconds_total", &format!("method={:?}", method.name), micros as f64 / 1e6);
        }
    }
}

impl Counted {
    fn count(&mut self, event: consumer::Stats) {
        match event {
            consumer::Stats::CommandCompleted(command) => self.commands_failed += u64::from(command.status.is_some()),
            consumer::Stats::SystemComponentChanged(change) => {
                if let Some(component) = change.component {
                    let state = component.state();
                    self.components.insert(component.name, state);
                }
            }
            consumer::Stats::MusicTrackStarted(_) => self.tracks_started += 1,
            consumer::Stats::MusicTrackFinished(track) => {
                *self.tracks_finished.entry(EndReason::as_str_name(&track.end_reason())).or_default() += 1;
            }
            consumer::Stats::MusicScanCompleted(scan) => {
                self.tracks_in_library = scan.library.map_or(0, |library| library.track_count);
            }
        }
    }

    fn write(&self, text: &mut Exposition) {
        text.family("cantina_commands_failed_total", "counter", "Audited commands that failed.");
        text.sample("cantina_commands_failed_total", "", self.commands_failed);
        text.family("cantina_tracks_started_total", "counter", "Tracks that were heard.");
        text.sample("cantina_tracks_started_total", "", self.tracks_started);
        text.family("cantina_tracks_finished_total", "counter", "Tracks that ended, by reason.");
        for (reason, count) in &self.tracks_finished {
            text.sample("cantina_tracks_finished_total", &format!("reason={reason:?}"), count);
        }
        text.family("cantina_library_tracks", "gauge", "Tracks in the library after the last scan.");
        text.sample("cantina_library_tracks", "", self.tracks_in_library);
        text.family("cantina_component_running", "gauge", "1 for a component whose own check passes.");
        for (name, state) in &self.components {
            let running = u8::from(*state == ComponentState::Running);
            text.sample(
                "cantina_component_running",
                &format!("component={name:?},state={:?}", state.as_str_name()),
                running,
            );
        }
    }
}

/// Text in the exposition format 0.0.4 of Prometheus.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let written = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
        debug_assert!(written.is_ok(), "a string takes everything");
    }

    fn sample(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let written = match labels {
            "" => writeln!(self.0, "{name} {value}"),
            labels => writeln!(self.0, "{name}{{{labels}}} {value}"),
        };
        debug_assert!(written.is_ok(), "a string takes everything");
    }
}

fn lock(counted: &Mutex<Counted>) -> std::sync::MutexGuard<'_, Counted> {
    counted.lock().unwrap_or_else(PoisonError::into_inner)
}
