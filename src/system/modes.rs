//! The modes and what may follow what.

use crate::pb::cantina::system::v1::Mode;

/// What entering a mode does to the music.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entering {
    /// Leaves it as it is.
    Nothing,
    /// Stops it.
    StopMusic,
    /// Plays the queue, if it holds anything.
    PlayQueue,
}

/// One row for each mode: what it may be left for, and what entering it does.
struct Row {
    mode: Mode,
    next: &'static [Mode],
    entering: Entering,
}

const SET: &[Mode] = &[Mode::Idle, Mode::Ambient, Mode::Interactive, Mode::Sleep];

/// STARTUP is left once and never entered; all others lead to one another.
const TABLE: &[Row] = &[
    Row { mode: Mode::Startup, next: SET, entering: Entering::Nothing },
    Row { mode: Mode::Idle, next: SET, entering: Entering::StopMusic },
    Row { mode: Mode::Ambient, next: SET, entering: Entering::PlayQueue },
    Row { mode: Mode::Interactive, next: SET, entering: Entering::Nothing },
    Row { mode: Mode::Sleep, next: SET, entering: Entering::StopMusic },
];

/// The modes that a mode may be left for.
#[must_use]
pub fn next(from: Mode) -> &'static [Mode] {
    TABLE.iter().find(|row| row.mode == from).map_or(&[], |row| row.next)
}

/// What entering a mode does to the music.
#[must_use]
pub fn entering(mode: Mode) -> Entering {
    TABLE.iter().find(|row| row.mode == mode).map_or(Entering::Nothing, |row| row.entering)
}
