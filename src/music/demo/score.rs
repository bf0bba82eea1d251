//! The language in which the songs are written, and how it becomes notes.
//!
//! Time runs in steps of a sixteenth note, sixteen to a bar. A grid has one character for each step:
//! `X x o` strike strong, plain, soft; `0`–`9` play a tone of the chord, counted upwards; `-` holds
//! what sounds; `.` rests; `|` is only for the eye. A line is a list of `NAME:STEPS`.

use super::{drum::Drum, instrument::Noise, instrument::Patch};

/// One piece of music.
pub struct Song {
    pub title: &'static str,
    pub artist: &'static str,
    pub album: &'static str,
    pub genre: &'static str,
    pub key: &'static str,
    pub year: u32,
    pub number: u32,
    pub bpm: u32,
    pub rate: u32,
    /// How late every second eighth and every second sixteenth come, in steps.
    pub swing: (f64, f64),
    /// How far the kick (part `k`) pushes everything else down, 0 to 1.
    pub pump: f32,
    pub room_s: f32,
    /// The time between echoes in steps.
    pub echo_steps: f32,
    pub parts: &'static [Part],
    pub sections: &'static [Section],
}

/// One instrument with what it plays.
pub struct Part {
    /// Is how sections name the part.
    pub name: char,
    pub sound: Sound,
    pub level_db: f32,
    /// −1 is left, 1 is right.
    pub pan: f32,
    pub room: f32,
    pub echo: f32,
    pub plays: Plays,
}

impl Part {
    /// A part in the middle, with a little room.
    pub const fn new(name: char, sound: Sound, level_db: f32, plays: Plays) -> Self {
        Self { name, sound, level_db, pan: 0.0, room: 0.06, echo: 0.0, plays }
    }

    /// Places it between left (−1) and right (1).
    pub const fn pan(self, pan: f32) -> Self {
        Self { pan, ..self }
    }

    /// Sends it to the reverb and to the echo.
    pub const fn space(self, room: f32, echo: f32) -> Self {
        Self { room, echo, ..self }
    }
}

impl Section {
    /// A stretch of a song that is as open at its end as at its start.
    pub const fn new(bars: usize, chords: &'static str, parts: &'static str) -> Self {
        Self { bars, chords, parts, open: (0.0, 0.0) }
    }

    /// Opens or closes the filters on the way, in octaves.
    pub const fn open(self, from: f32, to: f32) -> Self {
        Self { open: (from, to), ..self }
    }
}

/// What makes the sound of a part.
pub enum Sound {
    Drum(Drum),
    Pitched(Patch),
}

/// What a part plays, again and again from the start of a section.
pub enum Plays {
    /// Strikes of a drum.
    Hits(&'static str),
    /// The chord of the bar, its tones within half an octave of a MIDI note.
    Chords(u8, &'static str),
    /// Single tones of the chord, the root being the first at or above a MIDI note.
    Tones(u8, &'static str),
    /// A melody in absolute notes.
    Line(&'static str),
}

/// A stretch of a song.
pub struct Section {
    pub bars: usize,
    /// One chord for each bar, or two joined by a comma; repeated when shorter than the section.
    pub chords: &'static str,
    /// The names of the parts that play.
    pub parts: &'static str,
    /// How far filters open, in octaves, at the start and at the end.
    pub open: (f32, f32),
}

/// One note, ready to sound.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    pub start: usize,
    pub frames: usize,
    pub hz: f32,
    pub velocity: f32,
    pub open: f32,
    pub part: usize,
    pub seed: u32,
}

impl Song {
    /// The length of the score in frames.
    pub fn frames(&self) -> usize {
        self.at(self.sections.iter().map(|s| s.bars * 16).sum())
    }

    /// The frame of a step, swing included.
    fn at(&self, step: usize) -> usize {
        let late =
            self.swing.1 * f64::from(u8::from(step % 2 == 1)) + self.swing.0 * f64::from(u8::from(step % 4 == 2));
        let frames_per_step = f64::from(self.rate) * 15.0 / f64::from(self.bpm);
        ((step as f64 + late) * frames_per_step) as usize
    }

    /// All notes in order of their start.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut chance = Noise::new(self.bpm);
        let mut first = 0;
        for section in self.sections {
            for (index, part) in self.parts.iter().enumerate().filter(|(_, p)| section.parts.contains(p.name)) {
                for (step, steps, tone, velocity) in part.plays.events(section) {
                    let open =
                        section.open.0 + (section.open.1 - section.open.0) * step as f32 / (section.bars * 16) as f32;
                    let start = self.at(first + step);
                    notes.push(Note {
                        start,
                        frames: self.at(first + step + steps) - start,
                        hz: 440.0 * ((tone - 69.0) / 12.0).exp2(),
                        velocity: velocity * chance.next().mul_add(0.06, 1.0),
                        open,
                        part: index,
                        seed: notes.len() as u32 + 1,
                    });
                }
            }
            first += section.bars * 16;
        }
        notes.sort_by_key(|note| note.start);
        notes
    }
}

impl Plays {
    /// Step, length in steps, MIDI note and velocity of every note in a section.
    fn events(&self, section: &Section) -> Vec<(usize, usize, f32, f32)> {
        let total = section.bars * 16;
        let grid = match self {
            Self::Line(line) => return melody(line, total),
            Self::Hits(grid) | Self::Chords(_, grid) | Self::Tones(_, grid) => grid,
        };
        let cells: Vec<char> = grid.chars().filter(|c| !matches!(c, '|' | ' ')).collect();
        let mut events = Vec::new();
        for step in 0..total {
            let cell = cells[step % cells.len()];
            let Some(velocity) = velocity(cell, step) else { continue };
            let held = (step + 1..total).take_while(|s| cells[s % cells.len()] == '-').count() + 1;
            let chord = || chord(chord_at(section.chords, step));
            match self {
                Self::Chords(center, _) => {
                    let (root, tones) = chord();
                    events.extend(tones.iter().map(|t| (step, held, near(root + t, *center), velocity)));
                }
                Self::Tones(lowest, _) => {
                    let (root, tones) = chord();
                    let index = cell.to_digit(10).unwrap_or(0) as usize;
                    let above = (root + 12 - lowest % 12) % 12 + lowest;
                    let tone = above + tones[index % tones.len()] + 12 * (index / tones.len()) as u8;
                    events.push((step, held, f32::from(tone), velocity));
                }
                _ => events.push((step, held, 60.0, velocity)),
            }
        }
        events
    }
}

fn velocity(cell: char, step: usize) -> Option<f32> {
    match cell {
        'X' => Some(1.0),
        'x' => Some(0.8),
        'o' => Some(0.45),
        '0'..='9' if step.is_multiple_of(4) => Some(0.9),
        '0'..='9' => Some(0.78),
        _ => None,
    }
}

fn melody(line: &str, total: usize) -> Vec<(usize, usize, f32, f32)> {
    let tokens: Vec<(&str, usize)> = line
        .split_whitespace()
        .filter_map(|t| t.split_once(':'))
        .filter_map(|(n, s)| Some((n, s.parse().ok()?)))
        .collect();
    let mut events = Vec::new();
    let mut step = 0;
    for (name, steps) in tokens.iter().cycle() {
        if step >= total {
            break;
        }
        if let Some((pitch, octave)) = name.chars().last().and_then(|o| Some((pitch(name)?.0, o.to_digit(10)?))) {
            let tone = f32::from(pitch) + 12.0 * (octave + 1) as f32;
            events.push((step, (*steps).min(total - step), tone, if step % 8 == 0 { 0.95 } else { 0.85 }));
        }
        step += steps;
    }
    events
}

/// The chord that sounds at a step of a section.
fn chord_at(chords: &str, step: usize) -> &str {
    let bars: Vec<&str> = chords.split_whitespace().collect();
    let bar = bars[(step / 16) % bars.len()];
    match bar.split_once(',') {
        Some((_, second)) if step % 16 >= 8 => second,
        Some((first, _)) => first,
        None => bar,
    }
}

/// The pitch class of a note name and what follows it.
fn pitch(name: &str) -> Option<(u8, &str)> {
    let natural = match name.chars().next()? {
        'C' => 0,
        'D' => 2,
        'E' => 4,
        'F' => 5,
        'G' => 7,
        'A' => 9,
        'B' => 11,
        _ => return None,
    };
    Some(match name.as_bytes().get(1) {
        Some(b'#') => ((natural + 1) % 12, &name[2..]),
        Some(b'b') => ((natural + 11) % 12, &name[2..]),
        _ => (natural, &name[1..]),
    })
}

/// The root and the tones above it.
fn chord(name: &str) -> (u8, &'static [u8]) {
    let (root, kind) = pitch(name).expect("a chord begins with a note: the songs are part of the program and tested");
    let tones: &[u8] = match kind {
        "m" => &[0, 3, 7],
        "m7" => &[0, 3, 7, 10],
        "m9" => &[0, 3, 7, 10, 14],
        "7" => &[0, 4, 7, 10],
        "9" => &[0, 4, 7, 10, 14],
        "maj7" => &[0, 4, 7, 11],
        "maj9" => &[0, 4, 7, 11, 14],
        "6" => &[0, 4, 7, 9],
        "sus4" => &[0, 5, 7],
        _ => &[0, 4, 7],
    };
    (root, tones)
}

/// The tone of a pitch class that lies nearest to a MIDI note.
fn near(pitch: u8, center: u8) -> f32 {
    let up = (pitch + 12 * 4 - center % 12) % 12;
    let tone = center + up;
    f32::from(if up > 6 { tone - 12 } else { tone })
}
