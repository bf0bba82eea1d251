//! The instruments of the songs, as data.

use super::{
    drum::{Drum, NONE},
    instrument::{PLAIN, Patch, Wave},
    score::Sound,
};

const fn drum(drum: Drum) -> Sound {
    Sound::Drum(drum)
}

const fn pitched(patch: Patch) -> Sound {
    Sound::Pitched(patch)
}

pub const KICK: Sound = drum(Drum {
    tone: 1.0,
    hz: 48.0,
    from_hz: 220.0,
    fall_s: 0.028,
    ring_s: 0.16,
    noise: 0.25,
    low_hz: 900.0,
    noise_s: 0.004,
    ..NONE
});
pub const SOFT_KICK: Sound = drum(Drum { tone: 1.0, hz: 52.0, from_hz: 130.0, fall_s: 0.02, ring_s: 0.12, ..NONE });
pub const SNARE: Sound = drum(Drum {
    tone: 0.6,
    hz: 186.0,
    from_hz: 330.0,
    fall_s: 0.02,
    ring_s: 0.07,
    noise: 0.8,
    low_hz: 1300.0,
    noise_s: 0.11,
    ..NONE
});
pub const TIGHT_SNARE: Sound = drum(Drum {
    tone: 0.8,
    hz: 215.0,
    from_hz: 400.0,
    fall_s: 0.015,
    ring_s: 0.05,
    noise: 0.9,
    low_hz: 1800.0,
    noise_s: 0.07,
    ..NONE
});
pub const RIM: Sound = drum(Drum {
    tone: 0.7,
    hz: 820.0,
    from_hz: 1100.0,
    fall_s: 0.004,
    ring_s: 0.02,
    noise: 0.4,
    low_hz: 1500.0,
    noise_s: 0.012,
    ..NONE
});
pub const CLAP: Sound = drum(Drum { noise: 1.0, low_hz: 900.0, high_hz: 5200.0, noise_s: 0.09, bursts: 3, ..NONE });
pub const HAT: Sound =
    drum(Drum { noise: 0.8, metal: 0.25, low_hz: 7200.0, high_hz: 14_000.0, noise_s: 0.028, ..NONE });
pub const OPEN_HAT: Sound =
    drum(Drum { noise: 0.8, metal: 0.3, low_hz: 6800.0, high_hz: 14_000.0, noise_s: 0.13, ..NONE });
pub const SHAKER: Sound =
    drum(Drum { noise: 0.8, low_hz: 4800.0, high_hz: 10_000.0, noise_s: 0.025, swell_s: 0.022, ..NONE });
pub const RIDE: Sound =
    drum(Drum { noise: 0.55, metal: 0.5, low_hz: 5200.0, high_hz: 12_000.0, noise_s: 0.22, ..NONE });
pub const BRUSH: Sound =
    drum(Drum { noise: 0.9, low_hz: 1600.0, high_hz: 6500.0, noise_s: 0.06, swell_s: 0.03, ..NONE });
pub const CRASH: Sound =
    drum(Drum { noise: 0.9, metal: 0.25, low_hz: 3600.0, high_hz: 12_000.0, noise_s: 0.75, ..NONE });
pub const RISER: Sound = drum(Drum { noise: 0.8, low_hz: 1400.0, high_hz: 6000.0, noise_s: 0.1, swell_s: 3.6, ..NONE });
pub const TOM: Sound =
    drum(Drum { tone: 1.0, hz: 92.0, from_hz: 190.0, fall_s: 0.06, ring_s: 0.17, noise: 0.1, noise_s: 0.02, ..NONE });
pub const CRACKLE: Sound = drum(Drum { noise: 1.0, low_hz: 2400.0, high_hz: 5200.0, noise_s: 0.0015, ..NONE });

pub const SAW_BASS: Sound = pitched(Patch {
    voices: 2,
    detune_cents: 5.0,
    sub: 0.6,
    cutoff_hz: 420.0,
    sweep_octaves: 2.2,
    sweep_s: 0.09,
    resonance: 0.35,
    decay_s: 0.25,
    sustain: 0.55,
    ..PLAIN
});
pub const ROUND_BASS: Sound = pitched(Patch {
    wave: Wave::Triangle,
    sub: 0.35,
    cutoff_hz: 620.0,
    sweep_octaves: 1.2,
    sweep_s: 0.05,
    attack_s: 0.008,
    decay_s: 0.5,
    sustain: 0.7,
    release_s: 0.12,
    ..PLAIN
});
pub const UPRIGHT: Sound = pitched(Patch {
    wave: Wave::Fm { ratio: 1.0, index: 1.6, fade_s: 0.12 },
    noise: 0.01,
    cutoff_hz: 1400.0,
    attack_s: 0.006,
    decay_s: 0.7,
    sustain: 0.25,
    release_s: 0.09,
    ..PLAIN
});
pub const REESE: Sound = pitched(Patch {
    voices: 3,
    detune_cents: 17.0,
    width: 0.25,
    sub: 0.9,
    cutoff_hz: 520.0,
    sweep_octaves: 0.9,
    sweep_s: 0.4,
    resonance: 0.25,
    sustain: 0.9,
    release_s: 0.1,
    ..PLAIN
});
pub const PAD: Sound = pitched(Patch {
    voices: 5,
    detune_cents: 11.0,
    width: 0.8,
    attack_s: 0.5,
    decay_s: 1.0,
    sustain: 0.85,
    release_s: 0.9,
    cutoff_hz: 1500.0,
    resonance: 0.05,
    ..PLAIN
});
pub const STAB: Sound = pitched(Patch {
    voices: 3,
    detune_cents: 8.0,
    width: 0.6,
    decay_s: 0.22,
    sustain: 0.12,
    release_s: 0.18,
    cutoff_hz: 900.0,
    sweep_octaves: 2.0,
    sweep_s: 0.09,
    resonance: 0.3,
    ..PLAIN
});
pub const ORGAN: Sound = pitched(Patch {
    wave: Wave::Fm { ratio: 2.0, index: 0.9, fade_s: 40.0 },
    sub: 0.5,
    decay_s: 0.1,
    sustain: 0.8,
    release_s: 0.05,
    cutoff_hz: 2600.0,
    vibrato_cents: 5.0,
    ..PLAIN
});
pub const ELECTRIC_PIANO: Sound = pitched(Patch {
    wave: Wave::Fm { ratio: 1.0, index: 1.5, fade_s: 0.5 },
    voices: 2,
    detune_cents: 3.0,
    width: 0.5,
    attack_s: 0.004,
    decay_s: 1.6,
    sustain: 0.2,
    release_s: 0.3,
    cutoff_hz: 3800.0,
    ..PLAIN
});
pub const BELL: Sound = pitched(Patch {
    wave: Wave::Fm { ratio: 3.5, index: 1.3, fade_s: 0.22 },
    voices: 2,
    detune_cents: 2.0,
    width: 0.5,
    attack_s: 0.003,
    decay_s: 1.4,
    sustain: 0.0,
    release_s: 0.9,
    cutoff_hz: 7000.0,
    ..PLAIN
});
pub const PLUCK: Sound = pitched(Patch {
    voices: 2,
    detune_cents: 7.0,
    width: 0.7,
    decay_s: 0.2,
    sustain: 0.0,
    release_s: 0.15,
    cutoff_hz: 700.0,
    sweep_octaves: 2.8,
    sweep_s: 0.07,
    resonance: 0.35,
    ..PLAIN
});
pub const SAW_LEAD: Sound = pitched(Patch {
    voices: 3,
    detune_cents: 9.0,
    width: 0.35,
    attack_s: 0.012,
    decay_s: 0.5,
    sustain: 0.75,
    release_s: 0.2,
    cutoff_hz: 2600.0,
    sweep_octaves: 0.8,
    sweep_s: 0.25,
    resonance: 0.15,
    vibrato_cents: 14.0,
    ..PLAIN
});
pub const REED: Sound = pitched(Patch {
    wave: Wave::Square,
    noise: 0.025,
    attack_s: 0.03,
    decay_s: 0.3,
    sustain: 0.8,
    release_s: 0.07,
    cutoff_hz: 1700.0,
    sweep_octaves: 0.5,
    sweep_s: 0.12,
    resonance: 0.1,
    vibrato_cents: 11.0,
    ..PLAIN
});
pub const MELODICA: Sound = pitched(Patch {
    wave: Wave::Square,
    voices: 2,
    detune_cents: 6.0,
    width: 0.2,
    noise: 0.02,
    attack_s: 0.05,
    sustain: 0.85,
    release_s: 0.12,
    cutoff_hz: 2100.0,
    vibrato_cents: 12.0,
    ..PLAIN
});
pub const WHISTLE: Sound = pitched(Patch {
    wave: Wave::Sine,
    noise: 0.015,
    attack_s: 0.04,
    sustain: 0.9,
    release_s: 0.15,
    cutoff_hz: 5000.0,
    vibrato_cents: 16.0,
    ..PLAIN
});
