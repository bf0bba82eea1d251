//! The record "After Hours": house, lo-fi and drum and bass.

use crate::music::demo::{
    score::{Part, Plays, Section, Song},
    sounds::*,
};
use Plays::{Chords, Hits, Line, Tones};

const RISE: &str = "X...............|................|................|................|................|................|................|................";

pub const NIGHT_SHIFT: Song = Song {
    title: "Night Shift",
    artist: "Ohm & Amp",
    album: "After Hours",
    genre: "House",
    key: "Gm",
    year: 2026,
    number: 1,
    bpm: 124,
    rate: 44_100,
    swing: (0.0, 0.16),
    pump: 0.55,
    room_s: 1.8,
    echo_steps: 3.0,
    parts: &[
        Part::new('k', KICK, -3.5, Hits("X...X...X...X...")),
        Part::new('c', CLAP, 1.5, Hits("....x.......x...")).space(0.25, 0.0),
        Part::new('o', OPEN_HAT, -4.5, Hits("..x...x...x...x.")).pan(0.15),
        Part::new('h', SHAKER, -5.5, Hits("xoxoxoxoxoxoxoxo")).pan(-0.25),
        Part::new('r', RIM, -5.5, Hits("...x..x...x..x..")).pan(0.4).space(0.2, 0.2),
        Part::new('x', CRASH, -10.5, Hits(RISE)),
        Part::new('u', RISER, -8.5, Hits("................|................|................|................|................|................|X...............|................")).space(0.3, 0.0),
        Part::new('b', SAW_BASS, -4.0, Tones(31, "..0...0..03...0.")).space(0.0, 0.0),
        Part::new('p', PAD, -25.5, Chords(60, "x---------------")).space(0.35, 0.0),
        Part::new('s', STAB, -13.0, Chords(63, "x..x..x...x..x..")).space(0.2, 0.3),
        Part::new('a', PLUCK, -11.5, Tones(67, "0.2.4.1.3.2.4.3.")).pan(0.3).space(0.25, 0.4),
        Part::new('l', WHISTLE, -16.0, Line(
            "D5:3 F5:3 G5:6 -:4  -:8 F5:3 D5:3 C5:2  D5:6 -:2 Bb4:4 C5:4  A4:8 -:8
             D5:3 F5:3 G5:6 -:4  -:4 Bb5:4 A5:3 G5:3 F5:2  G5:6 -:2 F5:4 Eb5:4  D5:12 -:4",
        )).space(0.3, 0.45),
    ],
    sections: &[
        Section::new(8, "Gm9 Ebmaj9 Cm9 Dm7", "kh").open(-1.0, -1.0),
        Section::new(8, "Gm9 Ebmaj9 Cm9 Dm7", "khocru").open(-1.0, 0.0),
        Section::new(16, "Gm9 Ebmaj9 Cm9 Dm7", "kchorbsx"),
        Section::new(16, "Gm9 Ebmaj9 Cm9 Dm7", "kchorbsalx"),
        Section::new(8, "Cm9 Dm7 Ebmaj9 Ebmaj9", "psau").open(-1.5, 0.5),
        Section::new(16, "Gm9 Ebmaj9 Cm9 Dm7", "kchorbspax").open(0.4, 0.4),
        Section::new(16, "Gm9 Ebmaj9 Cm9 Dm7", "kchorbsalpx").open(0.2, 0.2),
        Section::new(8, "Gm9 Ebmaj9 Cm9 Dm7", "kchob"),
        Section::new(6, "Gm9 Ebmaj9 Cm9", "kh").open(0.0, -2.0),
    ],
};

pub const PAPER_LANTERNS: Song = Song {
    title: "Paper Lanterns",
    artist: "Low Gain",
    album: "After Hours",
    genre: "Lo-fi",
    key: "Eb",
    year: 2026,
    number: 2,
    bpm: 92,
    rate: 48_000,
    swing: (0.0, 0.36),
    pump: 0.2,
    room_s: 1.9,
    echo_steps: 4.0,
    parts: &[
        Part::new('k', SOFT_KICK, -2.0, Hits("X......x..x.....|X......x..x....o")),
        Part::new('s', SNARE, -3.0, Hits("....x.......x...")).space(0.2, 0.0),
        Part::new('h', HAT, -3.5, Hits("x.xox.xox.xoxox.")).pan(0.2),
        Part::new('v', CRACKLE, -8.0, Hits("o..x.o.....xo...|..x...o.x..o...x|.o.....xx...o...")).pan(-0.4),
        Part::new('b', ROUND_BASS, -8.5, Tones(36, "0-----.0..2---1-|0----...0-2-3---")).space(0.0, 0.0),
        Part::new('e', ELECTRIC_PIANO, -13.0, Chords(62, "x-----------x---|..x-------------"))
            .pan(-0.15)
            .space(0.2, 0.0),
        Part::new('p', PAD, -27.5, Chords(67, "x---------------")).space(0.4, 0.0),
        Part::new(
            'l',
            BELL,
            -13.0,
            Line(
                "Eb5:3 D5:1 Bb4:4 -:2 G4:2 Bb4:4  C5:6 -:2 Eb5:4 C5:4  Ab4:4 C5:4 G4:6 -:2  F4:4 Bb4:4 D5:8
             Eb5:3 F5:1 G5:4 -:2 Bb5:2 G5:4  C6:6 Bb5:2 G5:4 Eb5:4  F5:4 Ab5:4 G5:4 Eb5:4  D5:6 -:10",
            ),
        )
        .pan(0.15)
        .space(0.35, 0.35),
        Part::new(
            'w',
            WHISTLE,
            -18.5,
            Line(
                "-:8 G5:4 Bb5:4  C6:8 Bb5:4 G5:4  -:8 Ab5:4 G5:4  F5:12 -:4
             -:8 G5:4 Bb5:4  Eb6:8 D6:4 C6:4  Ab5:4 G5:4 F5:4 Eb5:4  Bb5:12 -:4",
            ),
        )
        .pan(0.1)
        .space(0.35, 0.3),
    ],
    sections: &[
        Section::new(4, "Ebmaj7 Cm7 Fm9 Bb7", "vep").open(-1.5, 0.0),
        Section::new(8, "Ebmaj7 Cm7 Fm9 Bb7", "kshvbe"),
        Section::new(16, "Ebmaj7 Cm7 Fm9 Bb7", "kshvbel"),
        Section::new(8, "Abmaj7 Gm7 Fm9 Bb7", "kshvbepw"),
        Section::new(4, "Abmaj7 Gm7 Fm9 Bb7", "vep"),
        Section::new(16, "Ebmaj7 Cm7 Fm9 Bb7", "kshvbelp"),
        Section::new(8, "Abmaj7 Gm7 Fm9 Bb7", "kshvbew"),
        Section::new(4, "Ebmaj7 Cm7 Fm9 Ebmaj7", "vepl").open(0.0, -2.0),
    ],
};

pub const REDLINE: Song = Song {
    title: "Redline",
    artist: "Ohm & Amp",
    album: "After Hours",
    genre: "Drum and Bass",
    key: "F#m",
    year: 2026,
    number: 3,
    bpm: 174,
    rate: 44_100,
    swing: (0.0, 0.08),
    pump: 0.25,
    room_s: 2.0,
    echo_steps: 6.0,
    parts: &[
        Part::new('k', KICK, -4.5, Hits("X.........X.....|X.........X...o.")),
        Part::new('s', TIGHT_SNARE, -2.5, Hits("....X..o.o..X...|....X..o.o..X..o")).space(0.12, 0.0),
        Part::new('h', HAT, -3.5, Hits("x.xox.x.xox.x.xo")).pan(0.2),
        Part::new('r', RIDE, -10.5, Hits("x...x...x...x...")).pan(-0.25),
        Part::new('x', CRASH, -10.0, Hits(RISE)),
        Part::new('u', RISER, -8.5, Hits("................|................|................|................|................|X...............|................|................")).space(0.3, 0.0),
        Part::new('b', REESE, -10.0, Line(
            "F#1:10 F#1:2 A1:4  F#1:12 E1:4  D2:10 D2:2 C#2:4  D2:8 E2:4 -:4  A1:10 A1:2 C#2:4  A1:12 G#1:4  E2:10 E2:2 D2:4  C#2:8 E1:4 -:4",
        )).space(0.0, 0.0),
        Part::new('p', PAD, -21.5, Chords(61, "x---------------|----------------")).space(0.4, 0.0),
        Part::new('a', PLUCK, -11.5, Tones(66, "0..3..2..4..1.3.")).pan(-0.3).space(0.25, 0.4),
        Part::new('e', ELECTRIC_PIANO, -17.5, Chords(64, "x-----x---..x---|--..x-----......")).pan(0.2).space(0.25, 0.2),
        Part::new('l', SAW_LEAD, -13.5, Line(
            "C#5:12 -:4  -:8 A4:4 B4:4  C#5:6 D5:6 C#5:4  A4:12 -:4  E5:12 -:4  -:8 C#5:4 E5:4  F#5:6 E5:6 C#5:4  B4:12 -:4
             C#5:12 -:4  -:8 F#5:4 G#5:4  A5:6 G#5:6 F#5:4  D5:12 -:4  E5:12 -:4  -:8 A5:4 G#5:4  E5:6 C#5:6 B4:4  G#4:12 -:4",
        )).space(0.3, 0.35),
    ],
    sections: &[
        Section::new(8, "F#m F#m D D A A E E", "pe").open(-2.0, -0.5),
        Section::new(8, "F#m F#m D D A A E E", "peahu").open(-0.5, 0.5),
        Section::new(16, "F#m F#m D D A A E E", "kshrbxa"),
        Section::new(16, "F#m F#m D D A A E E", "kshrbxpl"),
        Section::new(16, "F#m F#m D D A A E E", "peal").open(-1.0, 0.0),
        Section::new(8, "F#m F#m D D A A E E", "peahsu").open(-0.5, 0.8),
        Section::new(16, "F#m F#m D D A A E E", "kshrbxae").open(0.3, 0.3),
        Section::new(16, "F#m F#m D D A A E E", "kshrbxpl").open(0.3, 0.3),
        Section::new(16, "F#m F#m D D A A E E", "kshbpa"),
        Section::new(8, "F#m F#m D D A A F#m F#m", "pe").open(0.0, -2.5),
    ],
};
