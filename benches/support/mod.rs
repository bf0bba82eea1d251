//! What the benches share: a daemon to measure, a bare tonic server to measure it against, and the
//! arithmetic of rounds.
//!
//! Machines are noisy: whatever is compared runs in turns within one run, and what is printed is the
//! median of the rounds.

#![allow(dead_code, reason = "each bench uses a part of it")]

pub mod bare;
pub mod feed;
#[path = "../../tests/support/mod.rs"]
pub mod server;

use std::{future::Future, path::Path, time::Duration};

use cantina::{app::App, clock::Clock, config::Loaded, system::Logs};
use tokio::time::Instant;
use tracing_subscriber::{EnvFilter, reload};

/// What a storm of calls has shown.
#[derive(Clone, Copy, Debug)]
pub struct Storm {
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
}

/// Calls again and again for a while, so many at a time.
pub async fn storm<F, C>(in_flight: usize, time: Duration, call: F) -> Storm
where
    F: Fn() -> C + Clone + Send + 'static,
    C: Future<Output = ()> + Send,
{
    let begun = Instant::now();
    let callers: Vec<_> = (0..in_flight)
        .map(|_| {
            let call = call.clone();
            tokio::spawn(async move {
                let mut times = Vec::new();
                while begun.elapsed() < time {
                    let sent = Instant::now();
                    call().await;
                    times.push(sent.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for caller in callers {
        times.extend(caller.await.expect("a caller"));
    }
    #[allow(clippy::cast_precision_loss, reason = "a count of calls")]
    let per_second = times.len() as f64 / begun.elapsed().as_secs_f64();
    Storm { per_second, p50: percentile(&mut times, 50), p99: percentile(&mut times, 99) }
}

/// The median of every figure of the rounds.
pub fn median_storm(rounds: &[Storm]) -> Storm {
    let middle = |times: Vec<Duration>| percentile(&mut { times }, 50);
    Storm {
        per_second: median(rounds.iter().map(|round| round.per_second)),
        p50: middle(rounds.iter().map(|round| round.p50).collect()),
        p99: middle(rounds.iter().map(|round| round.p99).collect()),
    }
}

/// The value that so many percent do not exceed.
pub fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// The median.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Prints one figure as scripts/bench.sh collects it: what, how much, and the goal it is held against.
pub fn figure(what: &str, value: &str, goal: &str) {
    println!("| {what} | {value} | {goal} |");
}

/// Prints how the figures were obtained.
pub fn method(text: &str) {
    println!("{text}");
}

/// A folder in memory where the system has one: a million events are stored in seconds, and reading
/// them back reads the page cache on any disk.
pub fn fast_folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}

/// Makes a folder of silent tracks of so many frames.
pub fn make_tracks(folder: &Path, count: u32, frames: u32) {
    std::fs::create_dir_all(folder).expect("a folder");
    let format = hound::WavSpec {
        channels: 2,
        sample_rate: 44_100,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    for number in 0..count {
        let mut file = hound::WavWriter::create(folder.join(format!("{number:05}.wav")), format).expect("a file");
        // The same content in two files would be one track.
        let own = i16::try_from(number).expect("fewer than 32,768 tracks");
        (0..frames * 2).try_for_each(|_| file.write_sample(own)).expect("a sample");
        file.finalize().expect("a file");
    }
}

/// The resident memory of a process in MB (10^6 bytes).
pub fn resident_mb(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("a size");
    let kib: f64 = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number");
    kib * 1024.0 / 1e6
}

/// The environment of every daemon of the benches: no limit of streams or of stored bytes is in the way.
pub const ENVIRONMENT: &[(&str, &str)] = &[
    ("CANTINA_LOG", "warn"),
    ("CANTINA_MAX_STREAMS", "2000"),
    ("CANTINA_MAX_STREAMS_PER_CLIENT", "1000"),
    ("CANTINA_RECORD_MAX_BYTES", "4294967296"),
    ("CANTINA_TRACE_MAX_BYTES", "4294967296"),
];

/// The whole daemon in this process, listening on a free port.
pub async fn app(folder: &Path) -> App {
    let text = |path: std::path::PathBuf| path.to_string_lossy().into_owned();
    let own = [
        ("CANTINA_LISTEN", "127.0.0.1:0".to_owned()),
        ("CANTINA_DATA_DIR", text(folder.join("data"))),
        ("CANTINA_MUSIC_DIRS", text(folder.join("music"))),
        ("CANTINA_AUDIO_OUTPUT", "null".to_owned()),
    ];
    let lookup = |name: &str| {
        let given = ENVIRONMENT.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        given.or_else(|| own.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()))
    };
    let loaded = Loaded::read(None, lookup).expect("settings");
    let clock = Clock::system();
    // Nothing subscribes to the log, so its filter only has to exist.
    let (_, filter) = reload::Layer::new(EnvFilter::new("off"));
    App::start(loaded, Logs::new(clock.clone()), clock, filter).await.expect("the daemon starts")
}
