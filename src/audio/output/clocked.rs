//! A thread that pulls the engine at the pace of the machine's clock.

use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{
            AtomicBool,
            Ordering::{Acquire, Release},
        },
    },
    thread,
    time::{Duration, Instant},
};

use crate::audio::{CHANNELS, Error, SAMPLE_RATE_HZ, engine::Lease, frames_to_duration};

/// Is how late the clock may run before it gives up catching up, as after a suspend.
const PATIENCE: Duration = Duration::from_secs(1);

/// Takes what is rendered.
pub trait Recorder: Send + 'static {
    /// Takes one block of interleaved stereo samples.
    fn write(&mut self, samples: &[f32]) -> io::Result<()>;

    /// Makes everything that was written readable.
    fn finish(&mut self) -> io::Result<()>;
}

/// Is the running thread. Dropping it ends the thread after the block at hand and finishes the
/// recording.
pub struct Clocked {
    stop: Arc<AtomicBool>,
    problem: Arc<Mutex<Option<String>>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Clocked {
    /// Starts to pull; `name` is for the error when the machine has no thread left.
    pub fn start(name: &str, block_frames: u32, lease: Lease, mut recorder: impl Recorder) -> Result<Self, Error> {
        let stop = Arc::new(AtomicBool::new(false));
        let problem = Arc::new(Mutex::new(None));
        let (stopped, report) = (stop.clone(), problem.clone());
        let run = move || {
            let outcome = pull(block_frames, &lease, &stopped, &mut recorder).and_then(|()| recorder.finish());
            if let Err(error) = outcome {
                *report.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
            }
        };
        let thread = thread::Builder::new()
            .name("audio clock".into())
            .spawn(run)
            .map_err(|error| Error::OutputUnavailable { name: name.to_owned(), detail: error.to_string() })?;
        Ok(Self { stop, problem, thread: Some(thread) })
    }

    /// Says why the thread ended, when it did so by itself.
    pub fn problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Clocked {
    fn drop(&mut self) {
        self.stop.store(true, Release);
        if let Some(thread) = self.thread.take() {
            // A panic in there has been reported by the watchdog already: the frames stood still.
            drop(thread.join());
        }
    }
}

fn pull(block_frames: u32, lease: &Lease, stop: &AtomicBool, recorder: &mut impl Recorder) -> io::Result<()> {
    let mut block = vec![0.0; block_frames as usize * CHANNELS];
    let mut origin = Instant::now();
    let mut frames = 0_u64;
    while !stop.load(Acquire) {
        if lease.render(&mut block) {
            recorder.write(&block)?;
        }
        frames += u64::from(block_frames);
        let due = origin + frames_to_duration(frames);
        let now = Instant::now();
        if now > due + PATIENCE {
            (origin, frames) = (now, 0);
        }
        thread::sleep(due.saturating_duration_since(now));
        if frames >= u64::from(SAMPLE_RATE_HZ) * 3600 {
            (origin, frames) = (due, 0);
        }
    }
    Ok(())
}
