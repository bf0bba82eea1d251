//! A mixer without outputs, and ears for what it renders.

use std::sync::{Arc, atomic::Ordering::Relaxed};

use super::{
    Bus, CHANNELS, Curve, Fade, Then, Voice, VoiceHandle,
    mixer::{Command, Control, Mixer, Telltale},
    voice,
};

/// Is a mixer that renders when it is told to.
pub struct Studio {
    pub mixer: Mixer,
    control: Control,
    telltale: Arc<Telltale>,
}

impl Studio {
    pub fn new() -> Self {
        let telltale = Arc::new(Telltale::default());
        let (mixer, control) = Mixer::new(telltale.clone());
        Self { mixer, control, telltale }
    }

    /// Makes a voice that holds a complete sine.
    pub fn tone(&mut self, frequency: f32, level: f32, frames: usize) -> (Voice, VoiceHandle) {
        let (voice, mut feed, handle) = voice(Bus::DeckA);
        let samples: Vec<f32> = (0..frames * CHANNELS)
            .map(|n| level * ((n / CHANNELS) as f32 * std::f32::consts::TAU * frequency / 48_000.0).sin())
            .collect();
        assert_eq!(feed.push(&samples), samples.len());
        feed.finish();
        (voice, handle)
    }

    pub fn start(&mut self, mut voice: Voice, fade: Fade) {
        voice.begin(fade);
        self.send(Command::Start(voice));
    }

    pub fn fade(&mut self, handle: &VoiceHandle, fade: Fade) {
        self.send(Command::Fade(handle.id, fade));
    }

    pub fn send(&mut self, command: Command) {
        assert!(self.control.send(command).is_ok());
    }

    pub fn underrun(&self) -> u64 {
        self.telltale.underrun.load(Relaxed)
    }

    pub fn render(&mut self, frames: usize) -> Vec<f32> {
        let mut out = vec![0.0; frames * CHANNELS];
        self.mixer.render(&mut out);
        out
    }
}

pub fn fade_in(at: u64) -> Fade {
    Fade { at, to: 1.0, frames: 480, curve: Curve::EqualGain, then: Then::Play }
}

pub fn fade_out() -> Fade {
    Fade { at: 0, to: 0.0, frames: 480, curve: Curve::EqualGain, then: Then::End }
}

pub fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| peak.max(sample.abs()))
}

/// Is the largest third difference against its 99th percentile: a click stands far above the music.
pub fn click_ratio(samples: &[f32]) -> f32 {
    let left: Vec<f64> = samples.iter().step_by(2).map(|sample| f64::from(*sample)).collect();
    let mut thirds: Vec<f64> =
        left.windows(4).map(|w| (w[3] - 3.0 * w[2] + 3.0 * w[1] - w[0]).abs()).filter(|d| *d > 1e-9).collect();
    thirds.sort_by(f64::total_cmp);
    let typical = thirds[thirds.len() * 99 / 100];
    (thirds[thirds.len() - 1] / typical) as f32
}
