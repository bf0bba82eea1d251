use std::{fs, path::Path};

use lofty::{
    file::{AudioFile, TaggedFileExt},
    tag::{Accessor, ItemKey},
};

use super::{
    cover, encode, make,
    render::render,
    score::{Part, Plays, Section, Song},
    songs::SONGS,
    sounds, write,
};

const PARTS: &[Part] = &[
    Part::new('k', sounds::KICK, -6.0, Plays::Hits("X...")),
    Part::new('p', sounds::PAD, -20.0, Plays::Chords(60, "x---------------")),
    Part::new('l', sounds::REED, -9.0, Plays::Line("A4:8 -:8")).space(0.2, 0.2),
];

/// Two bars, for tests that need sound but not much of it.
fn short() -> Song {
    Song { parts: PARTS, sections: const { &[Section::new(2, "Am F", "kpl")] }, ..*SONGS[5] }
}

fn loudness(frames: &[[f32; 2]], rate: u32) -> f64 {
    let mut meter = ebur128::EbuR128::new(2, rate, ebur128::Mode::I).unwrap();
    meter.add_frames_f32(frames.as_flattened()).unwrap();
    meter.loudness_global().unwrap()
}

#[test]
fn a_rendered_song_is_as_loud_as_promised_and_never_clips() {
    let frames = render(&short()).unwrap();
    let peak = frames.iter().flatten().fold(0f32, |most, s| most.max(s.abs()));
    assert!(peak < 0.89, "the peak is {peak}, above -1 dBFS");
    assert!((loudness(&frames, 44_100) + 16.0).abs() < 0.5);
    assert!(frames.last().unwrap().iter().all(|s| s.abs() < 1e-6), "it fades to silence");
}

#[test]
fn rendering_the_same_song_again_gives_the_same_samples() {
    assert!(render(&short()).unwrap() == render(&short()).unwrap());
}

#[test]
fn notes_fall_on_the_beat_and_swing_moves_only_the_ones_between() {
    let notes = Song { swing: (0.5, 0.0), ..short() }.notes();
    let frames_per_beat = 44_100.0 * 60.0 / 174.0;
    let kicks: Vec<_> = notes.iter().filter(|n| n.part == 0).collect();
    assert_eq!(kicks.len(), 8);
    for (beat, kick) in kicks.iter().enumerate() {
        assert!((kick.start as f64 - beat as f64 * frames_per_beat).abs() < 1.0, "kick {beat} is at {}", kick.start);
    }
    let tone = notes.iter().find(|n| n.part == 2).unwrap();
    assert!((tone.hz - 440.0).abs() < 0.01, "A4 is 440 Hz");
}

#[test]
fn every_song_has_known_parts_and_chords_and_lasts_two_and_a_half_to_four_minutes() {
    for song in SONGS {
        let seconds = song.frames() as f32 / song.rate as f32;
        assert!((150.0..240.0).contains(&seconds), "{} lasts {seconds} s", song.title);
        for section in song.sections {
            for name in section.parts.chars() {
                assert!(song.parts.iter().any(|p| p.name == name), "{} has no part {name}", song.title);
            }
        }
        let last = song.notes().last().unwrap().start;
        assert!(last < song.frames() && song.frames() - last < 20 * song.rate as usize);
    }
}

#[test]
fn every_song_has_a_cover_of_its_own() {
    let mut covers: Vec<_> = SONGS.iter().map(|s| cover::draw(s.title).unwrap()).collect();
    assert!(covers.iter().all(|c| c.starts_with(b"\x89PNG") && c.len() < 1 << 20));
    covers.sort();
    covers.dedup();
    assert_eq!(covers.len(), SONGS.len());
    assert!(cover::draw("Something else").is_none());
}

#[test]
fn the_file_carries_tags_and_a_cover_that_other_programs_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("short.flac");
    fs::write(&path, encode(&short()).unwrap()).unwrap();
    let file = lofty::read_from_path(&path).unwrap();
    assert_eq!(file.properties().sample_rate(), Some(44_100));
    let tag = file.primary_tag().unwrap();
    assert_eq!((tag.title().as_deref(), tag.artist().as_deref()), (Some("Redline"), Some("Ohm & Amp")));
    assert_eq!((tag.album().as_deref(), tag.track()), (Some("After Hours"), Some(3)));
    assert_eq!((tag.genre().as_deref(), tag.get_string(ItemKey::Bpm)), (Some("Drum and Bass"), Some("174")));
    assert_eq!(tag.get_string(ItemKey::InitialKey), Some("F#m"));
    assert!(tag.pictures()[0].data().starts_with(b"\x89PNG"));
}

#[test]
fn a_file_that_exists_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.flac");
    fs::write(&path, "mine").unwrap();
    write(SONGS[0], &path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
}

#[test]
fn a_folder_that_cannot_be_made_is_named_in_the_error() {
    let error = make(Path::new("/proc/no/such"), |_| ()).unwrap_err();
    assert!(error.to_string().starts_with("/proc/no/such cannot be written"), "{error}");
}
