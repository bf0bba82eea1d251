//! The record "Bench Music": synthwave, dub and swing.

use crate::music::demo::{
    score::{Part, Plays, Section, Song},
    sounds::*,
};
use Plays::{Chords, Hits, Line, Tones};

pub const NEON_CANTINA: Song = Song {
    title: "Neon Cantina",
    artist: "The Bench Lamps",
    album: "Bench Music",
    genre: "Synthwave",
    key: "Am",
    year: 2026,
    number: 1,
    bpm: 112,
    rate: 44_100,
    swing: (0.0, 0.0),
    pump: 0.35,
    room_s: 2.2,
    echo_steps: 3.0,
    parts: &[
        Part::new('k', KICK, -4.0, Hits("X...X...X...X...")),
        Part::new('s', SNARE, -3.5, Hits("....X.......X...")).space(0.35, 0.0),
        Part::new('h', HAT, -0.5, Hits("x.o.x.o.x.o.x.oo")).pan(0.2),
        Part::new('t', TOM, -10.5, Hits("................|................|................|..........xxX.X.")),
        Part::new(
            'c',
            CRASH,
            -10.0,
            Hits(
                "X...............|................|................|................|................|................|................|................",
            ),
        ),
        Part::new('b', SAW_BASS, -6.5, Tones(33, "0.0.0.0.0.0.0.3.")).space(0.0, 0.0),
        Part::new('p', PAD, -23.0, Chords(62, "x---------------")).space(0.3, 0.0),
        Part::new('a', PLUCK, -12.5, Tones(57, "0123450123454321")).pan(-0.25).space(0.2, 0.25),
        Part::new(
            'l',
            SAW_LEAD,
            -13.0,
            Line(
                "E5:6 D5:2 C5:4 A4:4  C5:6 D5:2 C5:4 A4:4  G4:4 C5:4 E5:4 D5:4  D5:8 B4:4 G4:4
             E5:6 D5:2 E5:4 A5:4  A5:4 G5:4 F5:4 C5:4  G5:6 E5:2 C5:4 E5:4  D5:12 -:4",
            ),
        )
        .space(0.25, 0.3),
        Part::new(
            'm',
            SAW_LEAD,
            -12.5,
            Line(
                "A5:4 -:2 A5:2 G5:4 F5:4  G5:4 -:2 G5:2 F5:4 D5:4  E5:6 C5:2 E5:4 A5:4  B5:6 A5:2 G5:4 E5:4
             A5:4 -:2 C6:2 A5:4 F5:4  G5:4 -:2 B5:2 G5:4 D5:4  E5:4 D5:4 C5:4 B4:4  A4:14 -:2",
            ),
        )
        .space(0.25, 0.3),
    ],
    sections: &[
        Section::new(8, "Am F C G", "pa").open(-2.5, -0.5),
        Section::new(8, "Am F C G", "kpab").open(-0.5, 0.0),
        Section::new(16, "Am F C G", "kshpabt"),
        Section::new(16, "Am F C G", "kshpabltc"),
        Section::new(8, "F G Am Em F G Am Am", "kshpbmtc").open(0.3, 0.3),
        Section::new(8, "Am F C G", "pal").open(-1.2, 0.0),
        Section::new(16, "Am F C G", "kshpabltc").open(0.2, 0.2),
        Section::new(8, "F G Am Em F G Am Am", "kshpabmtc").open(0.5, 0.5),
        Section::new(8, "Am F C Am", "pa").open(0.0, -3.0),
    ],
};

pub const SLOW_ORBIT: Song = Song {
    title: "Slow Orbit",
    artist: "Low Gain",
    album: "Bench Music",
    genre: "Dub",
    key: "Dm",
    year: 2026,
    number: 2,
    bpm: 84,
    rate: 48_000,
    swing: (0.25, 0.0),
    pump: 0.0,
    room_s: 3.2,
    echo_steps: 3.0,
    parts: &[
        Part::new('k', SOFT_KICK, -1.0, Hits("........X.......|........X.....o.")),
        Part::new('r', RIM, 3.0, Hits("........x.......|........x.......")).space(0.3, 0.35),
        Part::new('f', RIM, -1.5, Hits("................|................|................|...........x..x.")).pan(-0.3).space(0.4, 0.7),
        Part::new('h', HAT, -1.0, Hits("x.o.x.o.x.o.x.o.")).pan(0.25),
        Part::new('s', SHAKER, -5.0, Hits("oxooxoooxooxoooo")).pan(-0.3),
        Part::new('b', ROUND_BASS, -7.5, Line(
            "D2:4 -:2 D2:2 F2:3 -:1 A2:4  -:4 C3:2 A2:2 F2:4 D2:4  G2:4 -:2 G2:2 Bb2:3 -:1 D3:4  A2:4 -:4 G2:2 F2:2 E2:4",
        )).space(0.0, 0.0),
        Part::new('g', STAB, -7.5, Chords(60, "....x.......x...")).pan(0.15).space(0.2, 0.55),
        Part::new('o', ORGAN, -21.0, Chords(65, "..x...x...x...x.")).pan(-0.35).space(0.15, 0.0),
        Part::new('p', PAD, -28.5, Chords(58, "x---------------")).space(0.4, 0.0),
        Part::new('l', MELODICA, -17.5, Line(
            "A4:4 -:2 C5:2 D5:6 -:2  F5:4 E5:2 D5:2 C5:4 A4:4  Bb4:6 D5:2 G4:8  A4:6 -:10
             A4:4 -:2 C5:2 D5:4 F5:4  A5:6 G5:2 F5:4 D5:4  Bb4:4 D5:4 F5:4 G5:4  E5:6 -:10",
        )).space(0.3, 0.5),
        Part::new('m', MELODICA, -16.0, Line(
            "-:8 D5:2 F5:2 A5:4  -:16  -:8 Bb5:4 A5:2 G5:2  A5:4 -:12  -:8 F5:2 E5:2 D5:4  -:16  -:4 G4:2 Bb4:2 D5:4 F5:4  E5:4 -:12",
        )).space(0.3, 0.6),
    ],
    sections: &[
        Section::new(4, "Dm7 Dm7 Gm7 Am7", "hsp").open(-1.0, 0.0),
        Section::new(8, "Dm7 Dm7 Gm7 Am7", "krhsbg"),
        Section::new(16, "Dm7 Dm7 Gm7 Am7", "krfhsbgol"),
        Section::new(4, "Dm7 Dm7 Gm7 Am7", "rgp"),
        Section::new(8, "Dm7 Dm7 Gm7 Am7", "krfhsbgp"),
        Section::new(8, "Dm7 Dm7 Gm7 Am7", "krfhsbgom"),
        Section::new(4, "Dm7 Dm7 Gm7 Am7", "krb"),
        Section::new(8, "Dm7 Dm7 Gm7 Am7", "krfhsbgolp"),
        Section::new(4, "Dm7 Dm7 Gm7 Dm7", "hsgp").open(0.0, -2.0),
    ],
};

const HEAD: &str = "F6 Dm7 Gm7 C7 F6 Dm7 Gm7,C7 F6";
const BRIDGE: &str = "A7 A7 D7 D7 G7 G7 C7 C7";

pub const COPPER_KETTLE_SWING: Song = Song {
    title: "Copper Kettle Swing",
    artist: "Copper Kettle Five",
    album: "Bench Music",
    genre: "Swing",
    key: "F",
    year: 2026,
    number: 3,
    bpm: 148,
    rate: 44_100,
    swing: (0.62, 0.3),
    pump: 0.0,
    room_s: 1.1,
    echo_steps: 2.0,
    parts: &[
        Part::new('k', SOFT_KICK, -8.5, Hits("x...o...x...o...")),
        Part::new('r', RIDE, -7.0, Hits("x...X.o.x...X.o.")).pan(0.3),
        Part::new('h', HAT, -1.5, Hits("....x.......x...")).pan(-0.2),
        Part::new('n', BRUSH, -4.5, Hits("o...x...o...x.o.")).pan(0.1).space(0.15, 0.0),
        Part::new('f', TIGHT_SNARE, -7.5, Hits(
            "................|................|................|..............x.|................|................|................|........x.o.xxX.",
        )).space(0.12, 0.0),
        Part::new('b', UPRIGHT, -7.5, Tones(34, "0---1---2---3---|0---2---1---2---")).space(0.05, 0.0),
        Part::new('e', ELECTRIC_PIANO, -15.5, Chords(62, "x-....x---......|..x-......x---..")).pan(-0.3).space(0.15, 0.0),
        Part::new('l', REED, -12.5, Line(
            "C5:2 D5:2 F5:4 -:2 D5:2 C5:4  A4:4 -:4 A4:2 C5:2 D5:4  Bb4:2 D5:2 G5:4 -:2 F5:2 D5:4  E5:6 C5:2 -:8
             C5:2 D5:2 F5:4 -:2 D5:2 C5:4  F5:4 -:4 A5:2 G5:2 F5:4  G5:2 F5:2 D5:2 Bb4:2 C5:2 E5:2 G5:2 E5:2  F5:8 -:8",
        )).pan(0.12).space(0.2, 0.0),
        Part::new('m', REED, -13.0, Line(
            "C#5:2 E5:2 G5:8 E5:4  -:4 C#5:2 E5:2 A5:4 G5:4  F#5:2 E5:2 D5:8 -:4  -:4 A4:2 C5:2 D5:2 F#5:2 A5:4
             B4:2 D5:2 F5:8 D5:4  -:4 B4:2 D5:2 G5:4 F5:4  E5:2 D5:2 C5:4 Bb4:2 C5:2 D5:4  E5:4 G5:4 Bb5:4 G5:4",
        )).pan(0.12).space(0.2, 0.0),
        Part::new('v', BELL, -15.5, Line(
            "A5:2 G5:2 F5:2 D5:2 C5:4 -:2 D5:2  F5:4 A5:2 C6:2 A5:4 F5:4  D5:2 F5:2 Bb5:2 A5:2 G5:4 D5:4  E5:2 G5:2 Bb5:2 D6:2 C6:6 -:2
             A5:2 C6:2 -:2 A5:2 F5:4 D5:4  F5:2 E5:2 D5:2 C5:2 A4:4 -:4  Bb4:2 D5:2 F5:2 A5:2 G5:2 E5:2 C5:2 Bb4:2  A4:2 C5:2 F5:4 -:8",
        )).pan(-0.2).space(0.3, 0.15),
    ],
    sections: &[
        Section::new(4, "Gm7 C7 Gm7 C7", "rhnb"),
        Section::new(16, HEAD, "krhnfbel"),
        Section::new(8, BRIDGE, "krhnbem"),
        Section::new(8, HEAD, "krhnfbel"),
        Section::new(16, HEAD, "krhnbev"),
        Section::new(8, BRIDGE, "krhfbe"),
        Section::new(8, HEAD, "krhnfbev"),
        Section::new(8, HEAD, "hnb"),
        Section::new(8, BRIDGE, "krhnbem"),
        Section::new(16, HEAD, "krhnfbelv"),
        Section::new(2, "F6", "v"),
    ],
};
