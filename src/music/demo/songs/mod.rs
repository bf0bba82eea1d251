//! The six songs, written for this program: two records of three.

mod after_hours;
mod bench_music;

use super::score::Song;

/// All songs in the order of their file names.
pub const SONGS: [&Song; 6] = [
    &bench_music::NEON_CANTINA,
    &bench_music::SLOW_ORBIT,
    &bench_music::COPPER_KETTLE_SWING,
    &after_hours::NIGHT_SHIFT,
    &after_hours::PAPER_LANTERNS,
    &after_hours::REDLINE,
];
