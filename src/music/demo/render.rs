//! Turns a score into sound, a block at a time.

use super::{
    drum::Stroke,
    instrument::Voice,
    score::{Note, Part, Song, Sound},
    space::{Echo, Reverb, master},
};

const BLOCK: usize = 256;
/// The time that the last notes have to fade.
const TAIL_S: f32 = 4.0;
/// −1.5 dBFS, so that peaks between the samples stay below −1 dBFS too.
const CEILING: f32 = 0.84;

enum Source {
    Stroke(Stroke),
    Voice(Voice),
}

struct Sounding {
    source: Source,
    part: usize,
    gain: f32,
    /// Frames until it begins, within its first block.
    wait: usize,
}

/// Renders a song as stereo frames at its rate, at −16 LUFS and below −1 dBFS.
pub fn render(song: &Song) -> Result<Vec<[f32; 2]>, ebur128::Error> {
    let mut frames = Mixer::new(song).mix();
    fade_out(&mut frames, song.rate);
    master(&mut frames, song.rate, CEILING)?;
    Ok(frames)
}

struct Mixer<'a> {
    song: &'a Song,
    rate: f32,
    reverb: Reverb,
    echo: Echo,
    sounding: Vec<Sounding>,
    /// How far the kick pushes now, and the seconds since it.
    push: f32,
    since_kick: f32,
}

impl<'a> Mixer<'a> {
    fn new(song: &'a Song) -> Self {
        let rate = song.rate as f32;
        let step_s = 15.0 / song.bpm as f32;
        Self {
            song,
            rate,
            reverb: Reverb::new(rate, song.room_s),
            echo: Echo::new(rate, song.echo_steps * step_s, 0.45),
            sounding: Vec::new(),
            push: 0.0,
            since_kick: 10.0,
        }
    }

    fn mix(mut self) -> Vec<[f32; 2]> {
        let notes = self.song.notes();
        let total = self.song.frames() + (TAIL_S * self.rate) as usize;
        let mut frames = vec![[0.0; 2]; total];
        let mut next = 0;
        for (index, block) in frames.chunks_mut(BLOCK).enumerate() {
            let from = index * BLOCK;
            let mut kicks = [false; BLOCK];
            while let Some(note) = notes.get(next).filter(|n| n.start < from + block.len()) {
                kicks[note.start - from] |= self.song.parts[note.part].name == 'k';
                self.start(note, note.start - from);
                next += 1;
            }
            self.block(block, &kicks);
        }
        frames
    }

    fn start(&mut self, note: &Note, wait: usize) {
        let part = &self.song.parts[note.part];
        let source = match part.sound {
            Sound::Drum(drum) => Source::Stroke(Stroke::new(drum, self.rate, note.seed)),
            Sound::Pitched(patch) => {
                Source::Voice(Voice::new(patch, self.rate, note.hz, note.frames, note.open, note.seed))
            }
        };
        let gain = 10f32.powf(part.level_db / 20.0) * note.velocity;
        self.sounding.push(Sounding { source, part: note.part, gain, wait });
    }

    fn block(&mut self, out: &mut [[f32; 2]], kicks: &[bool]) {
        let (mut room, mut echo) = ([0.0; BLOCK], [0.0; BLOCK]);
        let pumped: Vec<f32> = kicks[..out.len()].iter().map(|kick| self.pumped(*kick)).collect();
        for (index, part) in self.song.parts.iter().enumerate() {
            let mut dry = [[0.0; 2]; BLOCK];
            if !play(&mut self.sounding, index, &mut dry[..out.len()]) {
                continue;
            }
            let pitched = matches!(part.sound, Sound::Pitched(_));
            for (i, frame) in out.iter_mut().enumerate() {
                let level = if pitched { pumped[i] } else { 1.0 };
                let [left, right] = panned(part, dry[i]).map(|s| s * level);
                frame[0] += left;
                frame[1] += right;
                room[i] += (left + right) * part.room;
                echo[i] += (left + right) * part.echo;
            }
        }
        for (i, frame) in out.iter_mut().enumerate() {
            let echoed = self.echo.next(echo[i] * 0.5);
            let around = self.reverb.next((room[i] + (echoed[0] + echoed[1]) * 0.12) * 0.5);
            *frame = [0, 1].map(|side| saturate(frame[side] + echoed[side] + around[side]));
        }
    }

    /// How loud everything but the drums is at this frame: it dips with each kick.
    fn pumped(&mut self, kick: bool) -> f32 {
        if kick {
            (self.push, self.since_kick) = (1.0, 0.0);
        }
        self.since_kick += 1.0 / self.rate;
        self.push *= 1.0 - 1.0 / (0.11 * self.rate);
        1.0 - self.song.pump * self.push * (self.since_kick / 0.004).min(1.0)
    }
}

/// Adds all that a part is playing; answers false when that is nothing.
fn play(sounding: &mut Vec<Sounding>, part: usize, dry: &mut [[f32; 2]]) -> bool {
    let mut heard = false;
    sounding.retain_mut(|s| {
        if s.part != part {
            return true;
        }
        heard = true;
        let out = &mut dry[std::mem::take(&mut s.wait)..];
        match &mut s.source {
            Source::Stroke(stroke) => stroke.add(out, s.gain),
            Source::Voice(voice) => voice.add(out, s.gain),
        }
    });
    heard
}

fn panned(part: &Part, [left, right]: [f32; 2]) -> [f32; 2] {
    [left * (1.0 - part.pan).min(1.0), right * (1.0 + part.pan).min(1.0)]
}

/// Rounds off what is loud, as tape does.
fn saturate(sample: f32) -> f32 {
    let x = sample * 0.7;
    x / (1.0 + x * x).sqrt()
}

fn fade_out(frames: &mut [[f32; 2]], rate: u32) {
    let length = (rate as usize * 2).min(frames.len());
    let start = frames.len() - length;
    for (i, frame) in frames[start..].iter_mut().enumerate() {
        let level = 1.0 - i as f32 / length as f32;
        *frame = frame.map(|s| s * level * level);
    }
}
