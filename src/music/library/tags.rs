//! What a file says about itself.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use lofty::{
    config::{ParseOptions, ParsingMode},
    file::{AudioFile as _, TaggedFile, TaggedFileExt},
    picture::{MimeType, Picture, PictureType},
    probe::Probe,
    tag::{Accessor, ItemKey, Tag},
};
use pbjson_types::Timestamp;

use super::content::content_id;
use crate::{
    clock::proto_duration,
    error::Explain,
    music::{
        Error,
        decode::{self, AudioFile},
        proto::Track,
    },
};

/// Is the largest cover that is answered.
const MAX_ARTWORK_BYTES: usize = 3 * 1024 * 1024;
/// Is the longest text that is taken from a tag, in characters.
const MAX_TEXT: usize = 500;

/// Reads a file: its tags, what its decoder says, and whether it can be played at all. Never fails: a
/// broken file is a track with a problem.
pub fn read_track(path: &Path, size_bytes: u64, now: Timestamp) -> Track {
    let mut track =
        Track { path: path.to_string_lossy().into_owned(), size_bytes, create_time: Some(now), ..Track::default() };
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let outcome = content_id(path).map_err(|error| decode::Error::Unreadable(error.to_string())).and_then(|id| {
        track.id = id;
        probe(path, &mut track)
    });
    if let Err(error) = outcome {
        track.problem = Some(Error::of_track(&name, error).failure().to_status());
    }
    if track.id.is_empty() {
        track.id = blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex()[..32].to_owned();
    }
    if let Some(tagged) = read_tags(path) {
        apply_tags(&tagged, &mut track);
    }
    name_after_file(path, &mut track);
    track
}

fn probe(path: &Path, track: &mut Track) -> Result<(), decode::Error> {
    let probe = AssertUnwindSafe(|| {
        let mut file = AudioFile::open(path)?;
        let mut samples = Vec::new();
        file.next(&mut samples)?;
        let known = file.duration();
        let duration = match known {
            Some(duration) => duration,
            None => AudioFile::measure(path)?,
        };
        track.format = file.format();
        track.sample_rate_hz = file.sample_rate_hz();
        track.channels = u32::try_from(file.channel_count()).unwrap_or(0);
        track.duration = Some(proto_duration(duration));
        Ok(())
    });
    catch_unwind(probe).unwrap_or_else(|_| Err(decode::Error::Undecodable("the decoder broke down on it".into())))
}

fn read_tags(path: &Path) -> Option<TaggedFile> {
    let options = ParseOptions::new().parsing_mode(ParsingMode::Relaxed);
    let read = || Probe::open(path).ok()?.options(options).guess_file_type().ok()?.read().ok();
    catch_unwind(AssertUnwindSafe(read)).ok().flatten()
}

fn apply_tags(tagged: &TaggedFile, track: &mut Track) {
    if track.duration.is_none() && !tagged.properties().duration().is_zero() {
        track.duration = Some(proto_duration(tagged.properties().duration()));
    }
    track.has_artwork = cover(tagged).is_some();
    let Some(tag) = tagged.primary_tag().or_else(|| tagged.first_tag()) else { return };
    track.title = text(tag.title().as_deref());
    track.artist = text(tag.artist().as_deref());
    track.album = text(tag.album().as_deref());
    track.genre = text(tag.genre().as_deref());
    track.year = year(tag);
    track.track_number = tag.track();
    track.key = text(tag.get_string(ItemKey::InitialKey));
    let tempo = tag.get_string(ItemKey::Bpm).or_else(|| tag.get_string(ItemKey::IntegerBpm));
    let tempo = tempo.and_then(|tempo| tempo.trim().parse::<f64>().ok());
    track.tempo_bpm = tempo.filter(|tempo| (20.0..=400.0).contains(tempo));
}

fn year(tag: &Tag) -> Option<u32> {
    let written = || tag.get_string(ItemKey::Year).and_then(|year| year.get(..4)?.parse().ok());
    tag.date().map(|date| u32::from(date.year)).or_else(written).filter(|year| *year > 0)
}

fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().trim().chars().filter(|character| !character.is_control()).take(MAX_TEXT).collect()
}

/// Names a track after its file where the tags do not: `Artist - Title`, else the whole name.
fn name_after_file(path: &Path, track: &mut Track) {
    if !track.title.is_empty() {
        return;
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    match stem.split_once(" - ") {
        Some((artist, title)) if track.artist.is_empty() && !title.trim().is_empty() => {
            track.artist = text(Some(artist));
            track.title = text(Some(title));
        }
        _ => track.title = text(Some(&stem)),
    }
}

/// Reads the cover of a file: its media type and its bytes; absent when there is none of at most 3 MiB.
pub fn read_artwork(path: &Path) -> Option<(String, Vec<u8>)> {
    let tagged = read_tags(path)?;
    let picture = cover(&tagged)?;
    let media_type = picture.mime_type().map_or("application/octet-stream", MimeType::as_str);
    Some((media_type.to_owned(), picture.data().to_vec()))
}

fn cover(tagged: &TaggedFile) -> Option<&Picture> {
    let pictures = || tagged.tags().iter().flat_map(Tag::pictures).filter(|p| p.data().len() <= MAX_ARTWORK_BYTES);
    pictures().find(|picture| picture.pic_type() == PictureType::CoverFront).or_else(|| pictures().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(path: &str) -> (String, String) {
        let mut track = Track::default();
        name_after_file(Path::new(path), &mut track);
        (track.artist, track.title)
    }

    #[test]
    fn untagged_files_are_named_after_their_file() {
        assert_eq!(named("/m/Max Rebo - Lapti Nek.mp3"), ("Max Rebo".into(), "Lapti Nek".into()));
        assert_eq!(named("/m/A - B - C.mp3"), ("A".into(), "B - C".into()));
        assert_eq!(named("/m/01 intro.flac"), (String::new(), "01 intro".into()));
        assert_eq!(named("/m/odd - .flac"), (String::new(), "odd - ".trim().into()));
    }

    #[test]
    fn text_from_tags_is_bounded_and_clean() {
        assert_eq!(text(Some(" a\u{0}b\n ")), "ab");
        assert_eq!(text(Some(&"x".repeat(100_000))).len(), MAX_TEXT);
    }
}
