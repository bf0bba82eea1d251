//! The mix: voices, buses, master volume, limiter, meter.

use std::sync::{
    Arc,
    atomic::{
        AtomicU64,
        Ordering::{Acquire, Relaxed, Release},
    },
};

use rtrb::{Consumer, Producer, RingBuffer};

use super::{CHANNELS, Curve, Fade, limiter::Limiter, meter::Meter, ramp::Ramp, voice::Voice};

/// Is how many voices the engine holds at once, those included that wait to be freed.
pub const MAX_VOICES: usize = 32;

/// Is the longest stretch that is mixed at once, in frames; longer blocks are cut.
pub const MAX_BLOCK_FRAMES: usize = 1024;

const COMMANDS: usize = 256;

/// Names a group of voices with one gain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bus {
    /// Is the first of the two decks, which play music in turns.
    DeckA = 0,
    /// Is the second deck.
    DeckB = 1,
    /// Is what the device says.
    Speech = 2,
    /// Are named sounds.
    Effects = 3,
}

const BUSES: [Bus; 4] = [Bus::DeckA, Bus::DeckB, Bus::Speech, Bus::Effects];

/// Is what the control side asks of the mixer.
pub enum Command {
    /// Puts a voice into the mix.
    Start(Voice),
    /// Fades a voice.
    Fade(u64, Fade),
    /// Moves the gain of a bus within some frames.
    Bus(Bus, f32, u32),
}

/// Is what the mixer tells everybody, by atomics.
#[derive(Debug, Default)]
pub struct Telltale {
    /// Counts the rendered frames: the engine's clock.
    pub rendered: AtomicU64,
    /// Counts the frames in which a voice that should have been heard had no samples.
    pub underrun: AtomicU64,
    /// Is the level of the output.
    pub meter: Arc<Meter>,
    /// Is the master volume that is wanted.
    pub master: WantedGain,
}

/// Is a gain that is wanted, and the frames to reach it in: the newest wins, however many come before the
/// mixer looks.
#[derive(Debug)]
pub struct WantedGain(AtomicU64);

impl WantedGain {
    /// Wants another gain.
    pub fn set(&self, gain: f32, frames: u32) {
        self.0.store(u64::from(gain.to_bits()) << 32 | u64::from(frames), Release);
    }

    fn get(&self) -> (f32, u32) {
        let packed = self.0.load(Acquire);
        let [gain, frames] = [packed >> 32, packed & u64::from(u32::MAX)].map(|half| half as u32);
        (f32::from_bits(gain), frames)
    }
}

impl Default for WantedGain {
    fn default() -> Self {
        let full = Self(AtomicU64::new(0));
        full.set(1.0, 0);
        full
    }
}

/// Says why a command was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// As many voices live as the engine holds.
    TooManyVoices,
    /// The mixer takes no commands.
    Stalled,
}

/// Is the side of the rings that gives commands and frees dead voices.
pub struct Control {
    commands: Producer<Command>,
    garbage: Consumer<Voice>,
    alive: usize,
}

impl Control {
    /// Sends a command. Fails when too many voices live, or when the mixer has not taken the commands
    /// before.
    pub fn send(&mut self, command: Command) -> Result<(), Refused> {
        self.collect();
        let starts = matches!(command, Command::Start(_));
        if starts && self.alive >= MAX_VOICES {
            return Err(Refused::TooManyVoices);
        }
        self.commands.push(command).map_err(|_| Refused::Stalled)?;
        self.alive += usize::from(starts);
        Ok(())
    }

    /// Frees the voices that are over.
    pub fn collect(&mut self) {
        while self.garbage.pop().is_ok() {
            self.alive -= 1;
        }
    }
}

/// Renders the sum of all voices.
pub struct Mixer {
    commands: Consumer<Command>,
    garbage: Producer<Voice>,
    voices: Vec<Voice>,
    buses: [Ramp; BUSES.len()],
    master: Ramp,
    master_gain: f32,
    limiter: Limiter,
    bus_samples: [f32; MAX_BLOCK_FRAMES * CHANNELS],
    telltale: Arc<Telltale>,
    clock: u64,
}

impl Mixer {
    /// Makes a silent mixer and the side that controls it.
    #[must_use]
    pub fn new(telltale: Arc<Telltale>) -> (Self, Control) {
        let (command_in, commands) = RingBuffer::new(COMMANDS);
        let (garbage, garbage_out) = RingBuffer::new(MAX_VOICES);
        let mixer = Self {
            commands,
            garbage,
            voices: Vec::with_capacity(MAX_VOICES),
            buses: [Ramp::at(1.0); BUSES.len()],
            master: Ramp::at(1.0),
            master_gain: 1.0,
            limiter: Limiter::new(),
            bus_samples: [0.0; MAX_BLOCK_FRAMES * CHANNELS],
            telltale,
            clock: 0,
        };
        (mixer, Control { commands: command_in, garbage: garbage_out, alive: 0 })
    }

    /// Fills interleaved stereo samples with the next frames. Never waits, allocates or frees.
    pub fn render(&mut self, out: &mut [f32]) {
        for block in out.chunks_mut(MAX_BLOCK_FRAMES * CHANNELS) {
            self.take_commands();
            self.mix(block);
            self.master.apply(block);
            self.limiter.apply(block);
            self.telltale.meter.add(block);
            self.clock += (block.len() / CHANNELS) as u64;
            self.telltale.rendered.store(self.clock, Release);
        }
    }

    fn take_commands(&mut self) {
        while let Ok(command) = self.commands.pop() {
            match command {
                // The control side never lets more than MAX_VOICES live, so this does not allocate.
                Command::Start(voice) => self.voices.push(voice),
                Command::Fade(id, fade) => {
                    self.voices.iter_mut().filter(|voice| voice.id == id).for_each(|voice| voice.schedule(fade));
                }
                Command::Bus(bus, to, frames) => self.buses[bus as usize].go(to, frames, Curve::EqualGain),
            }
        }
        let (gain, frames) = self.telltale.master.get();
        if gain != self.master_gain {
            self.master_gain = gain;
            self.master.go(gain, frames, Curve::EqualGain);
        }
    }

    fn mix(&mut self, block: &mut [f32]) {
        block.fill(0.0);
        for bus in BUSES {
            let bus_samples = &mut self.bus_samples[..block.len()];
            bus_samples.fill(0.0);
            let mut index = 0;
            while index < self.voices.len() {
                if self.voices[index].bus != bus {
                    index += 1;
                    continue;
                }
                let lives = self.voices[index].mix(self.clock, bus_samples);
                self.telltale.underrun.fetch_add(self.voices[index].take_missing(), Relaxed);
                if lives {
                    index += 1;
                    continue;
                }
                // The ring holds MAX_VOICES, and no more than that many live: there is room.
                if let Err(rtrb::PushError::Full(voice)) = self.garbage.push(self.voices.swap_remove(index)) {
                    std::mem::forget(voice);
                }
            }
            self.buses[bus as usize].apply(bus_samples);
            block.iter_mut().zip(bus_samples).for_each(|(sum, sample)| *sum += *sample);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{Then, allocation, limiter::LOOK_AHEAD, testing::*};

    #[test]
    fn a_voice_is_heard_from_its_frame_and_counts_what_was_heard() {
        let mut studio = Studio::new();
        let tone = studio.tone(1000.0, 0.5, 9600);
        studio.start(tone.0, fade_in(1000));
        let out = studio.render(4800);
        let first = out.iter().position(|sample| sample.abs() > 1e-4).expect("it is heard") / 2;
        assert!((1000 + LOOK_AHEAD - 1..1020 + LOOK_AHEAD).contains(&first), "{first}");
        assert_eq!(tone.1.consumed(), 3800);
    }

    #[test]
    fn pause_and_resume_do_not_click_and_lose_nothing() {
        let mut studio = Studio::new();
        let (voice, handle) = studio.tone(440.0, 0.5, 48_000);
        studio.start(voice, fade_in(0));
        let mut out = studio.render(9600);
        studio.fade(&handle, Fade { then: Then::Hold, ..fade_out() });
        out.extend(studio.render(4800));
        assert_eq!(handle.phase(), crate::audio::Phase::Held);
        let held_at = handle.consumed();
        out.extend(studio.render(4800));
        assert_eq!(handle.consumed(), held_at);
        studio.fade(&handle, fade_in(0));
        out.extend(studio.render(9600));
        assert_eq!(handle.consumed(), held_at + 9600);
        assert!(click_ratio(&out) < 2.0, "{}", click_ratio(&out));
        out[30_000] += 0.05;
        assert!(click_ratio(&out) > 100.0, "a single wrong sample is noticed");
    }

    #[test]
    fn a_change_of_volume_does_not_click() {
        let mut studio = Studio::new();
        let (voice, _handle) = studio.tone(440.0, 0.5, 48_000);
        studio.start(voice, fade_in(0));
        let mut out = studio.render(9600);
        studio.mixer.telltale.master.set(0.1, 480);
        out.extend(studio.render(9600));
        assert!(click_ratio(&out) < 2.0, "{}", click_ratio(&out));
        let end = &out[out.len() - 2000..];
        assert!((peak(end) - 0.05).abs() < 0.002, "{}", peak(end));
    }

    #[test]
    fn voices_that_together_exceed_full_scale_do_not_clip() {
        let mut studio = Studio::new();
        for frequency in [220.0, 331.0, 479.0] {
            let (voice, _handle) = studio.tone(frequency, 0.9, 20_000);
            studio.start(voice, fade_in(0));
        }
        let out = studio.render(19_000);
        assert!(peak(&out) <= 1.0);
        assert!(peak(&out) > 0.9);
    }

    #[test]
    fn a_voice_without_samples_counts_underruns_and_recovers() {
        let mut studio = Studio::new();
        let (voice, mut feed, handle) = crate::audio::voice(Bus::DeckA);
        feed.push(&[0.5; 960]);
        studio.start(voice, fade_in(0));
        studio.render(960);
        assert_eq!((handle.consumed(), handle.underrun(), studio.underrun()), (480, 480, 480));
        feed.push(&[0.5; 960]);
        feed.finish();
        studio.render(960);
        assert_eq!((handle.consumed(), handle.underrun()), (960, 480));
        assert_eq!(handle.phase(), crate::audio::Phase::Drained);
    }

    #[test]
    fn the_gain_of_a_bus_moves_only_its_voices() {
        let mut studio = Studio::new();
        let (voice, _handle) = studio.tone(440.0, 0.5, 48_000);
        studio.start(voice, fade_in(0));
        studio.send(Command::Bus(Bus::Speech, 0.0, 0));
        assert!(peak(&studio.render(9600)) > 0.49);
        studio.send(Command::Bus(Bus::DeckA, 0.5, 480));
        studio.render(960);
        assert!((peak(&studio.render(9600)) - 0.25).abs() < 0.01);
    }

    #[test]
    fn a_render_never_allocates_or_frees() {
        let mut studio = Studio::new();
        let handles: Vec<_> = [440.0, 550.0]
            .map(|frequency| {
                let (voice, handle) = studio.tone(frequency, 0.9, 4800);
                studio.start(voice, fade_in(0));
                handle
            })
            .into();
        studio.fade(&handles[0], Fade { at: 600, then: Then::End, ..fade_out() });
        studio.mixer.telltale.master.set(0.5, 480);
        let mut out = vec![0.0; 9600 * CHANNELS];
        let count = allocation::count(|| studio.mixer.render(&mut out));
        assert_eq!(count, 0);
        assert!(handles.iter().all(crate::audio::VoiceHandle::is_over));
        assert!(allocation::count(|| drop(Box::new(out))) > 0, "the counter counts");
    }
}
