//! Time, as everything in the daemon sees it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use pbjson_types::Timestamp;
use tokio::time::Instant;

/// A clock: the machine's, or one that a test moves.
#[derive(Clone, Debug)]
pub struct Clock {
    start: Instant,
    wall: Wall,
}

#[derive(Clone, Debug)]
enum Wall {
    System,
    Manual(Arc<Mutex<SystemTime>>),
}

impl Clock {
    /// The machine's clock; uptime counts from now.
    #[must_use]
    pub fn system() -> Self {
        Self { start: Instant::now(), wall: Wall::System }
    }

    /// A clock whose wall time stands at `time` until [`Clock::set`]. Uptime follows `tokio::time`.
    #[must_use]
    pub fn manual(time: SystemTime) -> Self {
        Self { start: Instant::now(), wall: Wall::Manual(Arc::new(Mutex::new(time))) }
    }

    /// Sets the wall time of a manual clock; the machine's clock ignores it.
    pub fn set(&self, time: SystemTime) {
        if let Wall::Manual(wall) = &self.wall {
            *wall.lock().unwrap_or_else(PoisonError::into_inner) = time;
        }
    }

    /// The wall time. It may jump.
    #[must_use]
    pub fn wall(&self) -> SystemTime {
        match &self.wall {
            Wall::System => SystemTime::now(),
            Wall::Manual(wall) => *wall.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// The wall time as the contract carries it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        timestamp(self.wall())
    }

    /// The time since the daemon started. It never jumps.
    #[must_use]
    pub fn uptime(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A wall time as the contract carries it; times before 1970 become 1970.
#[must_use]
pub fn timestamp(time: SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp { seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX), nanos: nanos(since) }
}

/// A wall time from the contract; `None` before 1970 or beyond what the machine can tell.
#[must_use]
pub fn system_time(time: &Timestamp) -> Option<SystemTime> {
    let since = duration(&pbjson_types::Duration { seconds: time.seconds, nanos: time.nanos })?;
    UNIX_EPOCH.checked_add(since)
}

/// A length of time from the contract; `None` when negative.
#[must_use]
pub fn duration(value: &pbjson_types::Duration) -> Option<Duration> {
    Some(Duration::new(u64::try_from(value.seconds).ok()?, u32::try_from(value.nanos).ok()?))
}

/// A length of time as the contract carries it.
#[must_use]
pub fn proto_duration(value: Duration) -> pbjson_types::Duration {
    pbjson_types::Duration { seconds: i64::try_from(value.as_secs()).unwrap_or(i64::MAX), nanos: nanos(value) }
}

fn nanos(value: Duration) -> i32 {
    i32::try_from(value.subsec_nanos()).expect("less than a thousand million")
}
