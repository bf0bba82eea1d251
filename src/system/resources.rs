//! What the process uses of the machine.

use std::{fs, path::Path, sync::Arc, time::Duration};

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::{
    context::Context,
    error::Failure,
    event::StorageHealth,
    pb::{
        cantina::{
            error::v1::ErrorReason,
            event::v1::{EventRate, EventRates, telemetry::Value},
            system::v1::ResourceUsage,
        },
        registry::EVENTS,
    },
    policy::Limits,
};

const SAMPLE_EVERY: Duration = Duration::from_secs(1);
/// Over how many samples the event rates are taken.
const RATE_SAMPLES: usize = 5;
/// Clock ticks per second in /proc, which Linux fixes at 100 for user space.
const TICKS_PER_SECOND: f64 = 100.0;

/// Counts the audio blocks that came too late.
pub type Underruns = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Samples the process.
pub struct Resources {
    context: Context,
    limits: Arc<Limits>,
    underruns: Underruns,
}

impl Resources {
    /// Begins to sample once a second into the telemetry channels.
    pub fn start(context: &Context, limits: Arc<Limits>, underruns: Underruns) {
        let resources = Self { context: context.clone(), limits, underruns };
        context.spawn("resources", resources.run());
    }

    async fn run(self) {
        let mut ticks = interval(SAMPLE_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut sampled_at, mut cpu_before) = (Instant::now(), cpu_seconds());
        let mut history = std::collections::VecDeque::new();
        while !self.context.shutdown().is_cancelled() {
            tokio::select! {
                () = self.context.shutdown().cancelled() => return,
                _ = ticks.tick() => {}
            }
            let (elapsed, cpu) = (sampled_at.elapsed().as_secs_f64().max(0.001), cpu_seconds());
            self.context.telemetry().put(Value::Resources(ResourceUsage {
                resident_bytes: resident_bytes(),
                cpu_cores: (cpu - cpu_before) / elapsed,
                open_streams: self.limits.open_streams(),
                disk_free_bytes: disk_free_bytes(self.context.database().folder()),
                audio_underruns: (self.underruns)(),
            }));
            (sampled_at, cpu_before) = (Instant::now(), cpu);
            history.push_back((Instant::now(), self.context.log().counts()));
            if history.len() > RATE_SAMPLES + 1 {
                history.pop_front();
            }
            if let (Some(oldest), Some(newest)) = (history.front(), history.back()) {
                self.context.telemetry().put(Value::EventRates(rates(oldest, newest)));
            }
        }
    }
}

fn rates(oldest: &(Instant, Vec<u64>), newest: &(Instant, Vec<u64>)) -> EventRates {
    let seconds = newest.0.duration_since(oldest.0).as_secs_f64().max(1.0);
    let rate = |index: usize| EventRate {
        r#type: EVENTS[index].name.to_owned(),
        #[allow(clippy::cast_precision_loss, reason = "a count of a few seconds is exact in a double")]
        rate_per_second: (newest.1[index] - oldest.1[index]) as f64 / seconds,
        total_count: newest.1[index],
    };
    EventRates { rates: (0..EVENTS.len()).filter(|index| newest.1[*index] > oldest.1[*index]).map(rate).collect() }
}

/// The resident memory of this process in bytes; 0 where /proc does not tell.
#[must_use]
pub fn resident_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.map_or(0, |kilobytes| kilobytes * 1024)
}

/// The free space of the disk that holds a folder, in bytes; 0 where the system does not tell.
#[must_use]
pub fn disk_free_bytes(folder: &Path) -> u64 {
    rustix::fs::statvfs(folder).map_or(0, |stat| stat.f_bavail * stat.f_frsize)
}

/// The processor time of this process so far, in seconds.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in parentheses may hold spaces; user and system time are fields 14 and 15.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}

/// Reports the health of the event log's writer as the component `storage`.
pub(super) fn watch_storage(context: &Context) {
    let health = context.component("storage");
    let mut storage = context.log().storage();
    let shutdown = context.shutdown().clone();
    let folder = context.database().folder().display().to_string();
    context.spawn("storage health", async move {
        while !shutdown.is_cancelled() {
            match storage.borrow_and_update().clone() {
                StorageHealth::Writable => health.running(&folder),
                StorageHealth::Full => {
                    let failure =
                        Failure::new(ErrorReason::StorageFull, "The disk that holds the data directory is full");
                    health.failed(&failure.component("storage"), &folder);
                }
                StorageHealth::Failed(why) => {
                    let failure =
                        Failure::new(ErrorReason::StorageFailed, format!("The database cannot be written: {why}"));
                    health.failed(&failure.component("storage"), &folder);
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                changed = storage.changed() => if changed.is_err() { return },
            }
        }
    });
}
