//! One stream of samples on its way into the mix.

use std::sync::{
    Arc,
    atomic::{
        AtomicBool, AtomicU8, AtomicU64,
        Ordering::{Acquire, Relaxed, Release},
    },
};

use rtrb::{Consumer, Producer, RingBuffer};

use super::{
    CHANNELS, SAMPLE_RATE_HZ,
    mixer::Bus,
    ramp::{Curve, Ramp},
};

/// Counts the frames that a voice buffers: 2 s.
pub const RING_FRAMES: usize = 2 * SAMPLE_RATE_HZ as usize;

/// Is how many fades of one voice can wait for their frame.
const SCHEDULE: usize = 4;

/// Says what happens when a fade has reached its gain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// The voice plays on.
    Play,
    /// The voice stops taking samples and keeps its place.
    Hold,
    /// The voice is over.
    End,
}

/// Is a fade of one voice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fade {
    /// Is the frame of the engine's clock at which it begins; 0, or one that has passed, is at once.
    pub at: u64,
    /// Is the gain at its end.
    pub to: f32,
    /// Is its length in frames.
    pub frames: u32,
    /// Is its shape.
    pub curve: Curve,
    /// Says what comes after it.
    pub then: Then,
}

/// Is what a voice is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Has not been heard yet.
    Waiting = 0,
    /// Is in the mix.
    Playing = 1,
    /// Keeps its place, silent.
    Held = 2,
    /// Has played all its samples.
    Drained = 3,
    /// Was faded out for good.
    Ended = 4,
}

#[derive(Debug, Default)]
struct Status {
    consumed: AtomicU64,
    underrun: AtomicU64,
    phase: AtomicU8,
    complete: AtomicBool,
}

impl Status {
    fn phase(&self) -> Phase {
        match self.phase.load(Acquire) {
            0 => Phase::Waiting,
            1 => Phase::Playing,
            2 => Phase::Held,
            3 => Phase::Drained,
            _ => Phase::Ended,
        }
    }
}

/// Makes a voice for a bus: the part that the engine mixes, the part that a decoder fills, and the
/// part that watches.
#[must_use]
pub fn voice(bus: Bus) -> (Voice, VoiceFeed, VoiceHandle) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let (producer, consumer) = RingBuffer::new(RING_FRAMES * CHANNELS);
    let status = Arc::new(Status::default());
    let id = NEXT.fetch_add(1, Relaxed);
    let voice = Voice {
        id,
        bus,
        samples: consumer,
        status: status.clone(),
        envelope: Ramp::at(0.0),
        then: Then::Play,
        schedule: [None; SCHEDULE],
        start: u64::MAX,
        held: false,
        missing: 0,
    };
    (voice, VoiceFeed { producer, status: status.clone() }, VoiceHandle { id, status })
}

/// Is the end of a voice that a decoder fills. Dropping it before [`VoiceFeed::finish`] leaves the
/// voice waiting for samples that never come.
pub struct VoiceFeed {
    producer: Producer<f32>,
    status: Arc<Status>,
}

impl VoiceFeed {
    /// Puts interleaved stereo samples into the ring as far as there is room; answers how many.
    pub fn push(&mut self, samples: &[f32]) -> usize {
        let whole = samples.len().min(self.producer.slots()) / CHANNELS * CHANNELS;
        let (pushed, _) = self.producer.push_partial_slice(&samples[..whole]);
        pushed.len()
    }

    /// Says that no more samples come.
    pub fn finish(&self) {
        self.status.complete.store(true, Release);
    }

    /// Tells that nobody will hear the voice any more.
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        self.producer.is_abandoned()
    }
}

/// Watches a voice and names it in commands.
#[derive(Clone, Debug)]
pub struct VoiceHandle {
    pub(super) id: u64,
    status: Arc<Status>,
}

impl VoiceHandle {
    /// Counts the frames that the output has taken of this voice.
    #[must_use]
    pub fn consumed(&self) -> u64 {
        self.status.consumed.load(Acquire)
    }

    /// Counts the frames in which the voice should have been heard and had no samples.
    #[must_use]
    pub fn underrun(&self) -> u64 {
        self.status.underrun.load(Relaxed)
    }

    /// Is what the voice is doing.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.status.phase()
    }

    /// Tells that no more of the voice will be heard.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.phase(), Phase::Drained | Phase::Ended)
    }
}

/// Is the end of a voice that the engine mixes.
pub struct Voice {
    pub(super) id: u64,
    pub(super) bus: Bus,
    samples: Consumer<f32>,
    status: Arc<Status>,
    envelope: Ramp,
    then: Then,
    schedule: [Option<Fade>; SCHEDULE],
    start: u64,
    held: bool,
    missing: u64,
}

impl Voice {
    /// Sets the frame at which the voice begins, and the fade with which it does.
    pub(super) fn begin(&mut self, fade: Fade) {
        self.start = fade.at;
        self.envelope.go(fade.to, fade.frames, fade.curve);
        self.then = fade.then;
    }

    /// Takes a fade for its frame. When four wait already, the last one gives way.
    pub(super) fn schedule(&mut self, fade: Fade) {
        let free = self.schedule.iter().position(Option::is_none).unwrap_or(SCHEDULE - 1);
        self.schedule[free] = Some(fade);
    }

    /// Counts the frames that were to be heard and were missing, since the last call.
    pub(super) fn take_missing(&mut self) -> u64 {
        std::mem::take(&mut self.missing)
    }

    /// Adds the voice to interleaved stereo samples that begin at frame `clock`. Answers whether it
    /// lives on.
    pub(super) fn mix(&mut self, clock: u64, out: &mut [f32]) -> bool {
        let frames = out.len() / CHANNELS;
        let mut frame = 0;
        while frame < frames {
            let now = clock + frame as u64;
            if !self.take_due(now) {
                return self.over(Phase::Ended);
            }
            let run = (self.next_due(now) - now).min((frames - frame) as u64) as usize;
            if now < self.start || self.held {
                frame += run;
                continue;
            }
            let run = if self.envelope.remaining() > 0 { run.min(self.envelope.remaining() as usize) } else { run };
            if !self.mix_run(&mut out[frame * CHANNELS..(frame + run) * CHANNELS]) {
                return self.over(Phase::Drained);
            }
            frame += run;
            if self.envelope.remaining() == 0 && !self.settle() {
                return self.over(Phase::Ended);
            }
        }
        true
    }

    /// Begins the fades whose frame has come; false when one of them ends a silent voice.
    fn take_due(&mut self, now: u64) -> bool {
        for slot in 0..SCHEDULE {
            let Some(fade) = self.schedule[slot].filter(|fade| fade.at <= now) else { continue };
            self.schedule[slot] = None;
            if fade.then == Then::End && (self.held || self.status.phase() == Phase::Waiting) {
                return false;
            }
            if self.held && fade.then == Then::Hold {
                continue;
            }
            self.held = false;
            self.envelope.go(fade.to, fade.frames, fade.curve);
            self.then = fade.then;
        }
        true
    }

    /// Is the next frame after `now` at which something begins.
    fn next_due(&self, now: u64) -> u64 {
        let fades = self.schedule.iter().flatten().map(|fade| fade.at);
        fades.chain([self.start]).filter(|at| *at > now).min().unwrap_or(u64::MAX)
    }

    /// Mixes a stretch without events; false when the voice has no more samples.
    fn mix_run(&mut self, out: &mut [f32]) -> bool {
        // Read before the ring: samples pushed before `complete` are then seen as well.
        let complete = self.status.complete.load(Acquire);
        let available = self.samples.slots() / CHANNELS;
        let frames = available.min(out.len() / CHANNELS);
        if frames > 0 {
            self.add(&mut out[..frames * CHANNELS], frames);
            self.status.consumed.fetch_add(frames as u64, Release);
            self.enter(Phase::Playing);
        }
        let missing = out.len() / CHANNELS - frames;
        if missing > 0 && complete {
            return false;
        }
        if missing > 0 && self.status.phase() != Phase::Waiting {
            self.status.underrun.fetch_add(missing as u64, Relaxed);
            self.missing += missing as u64;
            self.envelope.skip(missing as u32);
        }
        true
    }

    fn add(&mut self, out: &mut [f32], frames: usize) {
        let Ok(chunk) = self.samples.read_chunk(frames * CHANNELS) else { return };
        let (first, second) = chunk.as_slices();
        // The ring holds whole frames, so neither slice splits one.
        let samples = first.chunks_exact(CHANNELS).chain(second.chunks_exact(CHANNELS));
        for (mixed, sample) in out.chunks_exact_mut(CHANNELS).zip(samples) {
            let gain = self.envelope.gain();
            mixed[0] += sample[0] * gain;
            mixed[1] += sample[1] * gain;
            self.envelope.skip(1);
        }
        chunk.commit_all();
    }

    /// Does what comes after a fade; false when the voice is over.
    fn settle(&mut self) -> bool {
        match std::mem::replace(&mut self.then, Then::Play) {
            Then::Play => true,
            Then::End => false,
            Then::Hold => {
                self.held = true;
                self.enter(Phase::Held);
                true
            }
        }
    }

    fn over(&self, phase: Phase) -> bool {
        self.enter(phase);
        false
    }

    fn enter(&self, phase: Phase) {
        self.status.phase.store(phase as u8, Release);
    }
}
