//! The log lines that people see: a ring of the newest, and the feed.
//!
//! The tap is a tracing layer. It only puts lines into the ring and wakes the task that publishes
//! them; lines about the event log and the database stay out of the feed, so that publishing never
//! causes lines that are published.

use std::{
    collections::VecDeque,
    fmt::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;
use tracing::{Event, Level, Subscriber, field::Field};
use tracing_subscriber::{Layer, layer::Context as LayerContext};

use crate::{
    call::Cause,
    clock::Clock,
    context::Context,
    pb::{
        cantina::{
            event::v1::EventSeverity,
            system::v1::{LogLevel, LogLine, LogRecorded},
        },
        registry::producer,
    },
};

/// How many lines are kept.
const LINES: usize = 1000;
/// How many lines wait for the feed at the most.
const WAITING: usize = 256;
/// How long one line may be.
const LINE_BYTES: usize = 2000;
/// What the feed itself is made of.
const SILENT: &[&str] = &["cantina::event", "cantina::storage", "sqlx"];

/// The log lines. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Logs {
    shared: Arc<Shared>,
    clock: Clock,
}

#[derive(Debug, Default)]
struct Shared {
    ring: Mutex<Ring>,
    waiting: Notify,
}

#[derive(Debug, Default)]
struct Ring {
    lines: VecDeque<LogLine>,
    feed: VecDeque<LogLine>,
    written: u64,
    dropped: u64,
}

impl Logs {
    /// No line yet.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { shared: Arc::default(), clock }
    }

    /// The layer that fills the ring.
    #[must_use]
    pub fn tap(&self) -> LogTap {
        LogTap(self.clone())
    }

    /// The newest lines at or above a level, of one component or of all (empty), before a number (0
    /// for the newest); oldest first. Also counts the lines that the feed has lost.
    #[must_use]
    pub fn list(&self, level: LogLevel, component: &str, before: u64, limit: usize) -> (Vec<LogLine>, u64) {
        let ring = self.lock();
        let wanted = |line: &&LogLine| {
            line.level >= level as i32
                && (component.is_empty() || line.component == component)
                && (before == 0 || line.number < before)
        };
        let mut lines: Vec<_> = ring.lines.iter().rev().filter(wanted).take(limit).cloned().collect();
        lines.reverse();
        (lines, ring.dropped)
    }

    /// Publishes lines at INFO and above until the daemon ends.
    pub fn publish(&self, context: &Context) {
        let (logs, publisher) = (self.clone(), context.publisher::<producer::System>());
        let shutdown = context.shutdown().clone();
        context.spawn("log feed", async move {
            while !shutdown.is_cancelled() {
                tokio::select! {
                    () = shutdown.cancelled() => {}
                    () = logs.shared.waiting.notified() => {}
                }
                let lines: Vec<_> = logs.lock().feed.drain(..).collect();
                for line in lines {
                    let severity = match line.level() {
                        LogLevel::Error => EventSeverity::Error,
                        LogLevel::Warning => EventSeverity::Warning,
                        _ => EventSeverity::Info,
                    };
                    let resource = format!("components/{}", line.component);
                    let event = LogRecorded { line: Some(line) };
                    publisher
                        .commit(&Cause::daemon("system"))
                        .event(event)
                        .resource(resource)
                        .severity(severity)
                        .send();
                }
            }
        });
    }

    fn record(&self, level: LogLevel, target: &str, message: String) {
        let component = target.split("::").nth(1).unwrap_or(target).to_owned();
        let mut ring = self.lock();
        if let Some(last) = ring.lines.back_mut()
            && last.message == message
            && last.component == component
        {
            last.repeat_count += 1;
            return;
        }
        ring.written += 1;
        let line = LogLine {
            number: ring.written,
            time: Some(self.clock.now()),
            level: level.into(),
            component,
            message,
            repeat_count: 1,
        };
        let repeated = ring.lines.back().filter(|last| last.repeat_count > 1).cloned();
        if level as i32 >= LogLevel::Info as i32 && !SILENT.iter().any(|silent| target.starts_with(silent)) {
            for line in repeated.into_iter().chain([line.clone()]) {
                if ring.feed.len() < WAITING { ring.feed.push_back(line) } else { ring.dropped += 1 }
            }
        }
        ring.lines.push_back(line);
        if ring.lines.len() > LINES {
            ring.lines.pop_front();
        }
        drop(ring);
        self.shared.waiting.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.shared.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A tracing layer that fills the ring.
#[derive(Debug)]
pub struct LogTap(Logs);

impl<S: Subscriber> Layer<S> for LogTap {
    fn on_event(&self, event: &Event<'_>, _context: LayerContext<'_, S>) {
        let level = match *event.metadata().level() {
            Level::ERROR => LogLevel::Error,
            Level::WARN => LogLevel::Warning,
            Level::INFO => LogLevel::Info,
            Level::DEBUG | Level::TRACE => LogLevel::Debug,
        };
        let mut text = Text::default();
        event.record(&mut text);
        self.0.record(level, event.metadata().target(), text.finish());
    }
}

/// The text of a line: the message, then its fields.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Text {
    fn finish(mut self) -> String {
        self.message.push_str(&self.fields);
        let end = (0..=LINE_BYTES.min(self.message.len())).rev().find(|at| self.message.is_char_boundary(*at));
        self.message.truncate(end.unwrap_or(0));
        self.message
    }
}

impl tracing::field::Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let written = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
        debug_assert!(written.is_ok(), "a string takes everything");
    }
}
