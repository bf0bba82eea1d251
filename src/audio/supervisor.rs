//! The thread that keeps an output running: opens, switches, watches, falls back, goes back.

use std::{
    sync::{Arc, atomic::Ordering::Acquire, mpsc},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::{oneshot, watch};

use super::{
    Error, OutputDescription, OutputKind, SAMPLE_RATE_HZ,
    engine::{Engine, Lease},
    output::{self, RunningOutput},
};

/// Is how often the watchdog looks.
const LOOK: Duration = Duration::from_millis(100);
/// Is how long the rendered frames may stand still before the output counts as lost.
const STALL: Duration = Duration::from_millis(600);
/// Is how long a new output may take to ask for its first samples.
const FIRST_SAMPLES: Duration = Duration::from_millis(1500);
/// Is how often an output that is lost is tried again.
const RETRY: Duration = Duration::from_secs(2);
/// Is the time over which the pace of an output is measured.
const PACE: Duration = Duration::from_secs(3);
/// Is the share of real time below which an output is too slow: its blocks are too short for it.
const SLOW: f64 = 0.8;
/// Is the longest block that is tried for an output that is too slow, in frames.
const MAX_BLOCK_FRAMES: u32 = 8192;
/// Is what stands in for an output that is not available.
const FALLBACK: &str = "null";

/// Tells which output plays, and why it is not the wanted one.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputState {
    /// Is the name of the output that is wanted.
    pub wanted: String,
    /// Is the output that plays; absent for a moment at the start.
    pub active: Option<OutputDescription>,
    /// Says why the wanted output does not play; absent when it does.
    pub problem: Option<Error>,
}

impl OutputState {
    /// Tells that the output stands in for the wanted one.
    #[must_use]
    pub fn is_fallback(&self) -> bool {
        self.problem.is_some()
    }
}

/// Is what the handle asks of the supervisor.
pub enum Request {
    /// Plays through another output.
    Select(String, oneshot::Sender<Result<OutputState, Error>>),
    /// Lists the outputs.
    List(oneshot::Sender<Vec<OutputDescription>>),
    /// Wants an output, whether it can be had now or later.
    Want(String),
    /// Closes the wanted output and opens it again.
    Reopen(oneshot::Sender<Result<OutputState, Error>>),
}

/// Is the supervisor's own state.
struct Supervisor {
    engine: Arc<Engine>,
    block_frames: u32,
    running: Option<Box<dyn RunningOutput>>,
    state: watch::Sender<OutputState>,
    rendered: u64,
    moved: Instant,
    /// Is when the measure of the pace began, and the frame at which it did.
    pace: (Instant, u64),
    tried: Instant,
}

/// Starts the supervisor. It ends, with its output, when all senders of requests are dropped.
pub fn start(
    engine: Arc<Engine>,
    wanted: String,
    block_frames: u32,
) -> std::io::Result<(mpsc::Sender<Request>, watch::Receiver<OutputState>)> {
    let (requests, inbox) = mpsc::channel();
    let (state, watcher) = watch::channel(OutputState { wanted, active: None, problem: None });
    let now = Instant::now();
    let supervisor =
        Supervisor { engine, block_frames, running: None, state, rendered: 0, moved: now, pace: (now, 0), tried: now };
    thread::Builder::new().name("audio outputs".into()).spawn(move || supervisor.run(&inbox))?;
    Ok((requests, watcher))
}

impl Supervisor {
    fn run(mut self, inbox: &mpsc::Receiver<Request>) {
        let wanted = self.state.borrow().wanted.clone();
        if let Err(problem) = self.switch(&wanted) {
            self.fall_back(problem);
        }
        loop {
            match inbox.recv_timeout(LOOK) {
                // A caller that has gone away needs no answer.
                Ok(Request::List(reply)) => drop(reply.send(output::list())),
                Ok(Request::Select(name, reply)) => drop(reply.send(self.select(&name))),
                Ok(Request::Want(name)) => self.want(name),
                Ok(Request::Reopen(reply)) => drop(reply.send(self.reopen())),
                Err(mpsc::RecvTimeoutError::Timeout) => self.look(),
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn select(&mut self, name: &str) -> Result<OutputState, Error> {
        let unchanged = self.state.borrow().wanted == name && !self.state.borrow().is_fallback();
        if !unchanged {
            self.switch(name)?;
        }
        Ok(self.state.borrow().clone())
    }

    fn want(&mut self, name: String) {
        if self.state.borrow().wanted == name {
            return;
        }
        if let Err(problem) = self.switch(&name) {
            self.state.send_modify(|state| state.wanted = name);
            self.fall_back(problem);
        }
    }

    fn reopen(&mut self) -> Result<OutputState, Error> {
        let wanted = self.state.borrow().wanted.clone();
        self.switch(&wanted).inspect_err(|problem| self.fall_back(problem.clone()))?;
        Ok(self.state.borrow().clone())
    }

    /// Opens an output, and hands the engine over once it asks for samples. Until then, and when that
    /// fails, the one before plays on.
    fn switch(&mut self, name: &str) -> Result<(), Error> {
        self.tried = Instant::now();
        // A file cannot be written twice at once: the one that holds it goes first.
        if self.state.borrow().active.as_ref().is_some_and(|active| active.name == name) {
            self.running = None;
        }
        let lease = self.engine.lease();
        let running = output::open(name, self.block_frames, lease.clone())?;
        self.await_first_samples(name, &lease, running.as_ref())?;
        self.engine.grant(&lease);
        let description = running.description();
        self.running = Some(running);
        self.note_progress();
        self.state.send_modify(|state| {
            *state = OutputState { wanted: name.to_owned(), active: Some(description), problem: None };
        });
        Ok(())
    }

    fn await_first_samples(&self, name: &str, lease: &Lease, running: &dyn RunningOutput) -> Result<(), Error> {
        let unavailable = |detail: String| Error::OutputUnavailable { name: name.to_owned(), detail };
        let deadline = Instant::now() + FIRST_SAMPLES;
        while lease.pulled() == 0 {
            if let Some(problem) = running.problem() {
                return Err(unavailable(problem));
            }
            if Instant::now() > deadline {
                return Err(unavailable("it takes no samples".into()));
            }
            thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    /// Lets the clocked null stand in, and remembers why.
    fn fall_back(&mut self, problem: Error) {
        tracing::warn!(%problem, "sound output lost, keeping time without sound");
        let wanted = self.state.borrow().wanted.clone();
        let outcome = self.switch(FALLBACK);
        let active = self.running.as_ref().filter(|_| outcome.is_ok()).map(|running| running.description());
        self.state.send_modify(|state| *state = OutputState { wanted, active, problem: Some(problem) });
    }

    /// Looks whether the output still takes samples, and whether a lost one is back.
    fn look(&mut self) {
        let rendered = self.engine.telltale.rendered.load(Acquire);
        if rendered != self.rendered {
            self.rendered = rendered;
            self.moved = Instant::now();
        }
        let state = self.state.borrow().clone();
        let stalled = self.moved.elapsed() > STALL;
        let problem = self.running.as_ref().and_then(|running| running.problem());
        let problem = problem.or_else(|| stalled.then(|| "it stopped taking samples".to_owned()));
        if let Some(detail) = problem {
            let problem = Error::OutputUnavailable { name: state.wanted.clone(), detail };
            self.fall_back(state.problem.unwrap_or(problem));
        } else if self.is_slow() {
            self.block_frames = (self.block_frames * 2).min(MAX_BLOCK_FRAMES);
            tracing::warn!(block_frames = self.block_frames, "sound output too slow, trying longer blocks");
            self.want_again(&state.wanted);
        } else if state.is_fallback() && self.tried.elapsed() > RETRY {
            match self.switch(&state.wanted) {
                Ok(()) => tracing::info!(output = state.wanted, "sound output is back"),
                Err(problem) => self.state.send_modify(|state| state.problem = Some(problem)),
            }
        }
    }

    /// Tells, at the end of each measure, whether a device fell behind real time.
    fn is_slow(&mut self) -> bool {
        let (since, from) = self.pace;
        if since.elapsed() < PACE {
            return false;
        }
        let share = (self.rendered - from) as f64 / f64::from(SAMPLE_RATE_HZ) / since.elapsed().as_secs_f64();
        self.pace = (Instant::now(), self.rendered);
        let device = self.state.borrow().active.as_ref().is_some_and(|active| active.kind == OutputKind::Device);
        device && share < SLOW && self.block_frames < MAX_BLOCK_FRAMES
    }

    fn want_again(&mut self, wanted: &str) {
        if let Err(problem) = self.switch(wanted) {
            self.fall_back(problem);
        }
    }

    fn note_progress(&mut self) {
        self.rendered = self.engine.telltale.rendered.load(Acquire);
        self.moved = Instant::now();
        self.pace = (self.moved, self.rendered);
    }
}
