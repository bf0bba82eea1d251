//! Decoding and seeking in real files of every format, made by ffmpeg.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::*;

/// Makes a chirp, which is different at every place, in the format of the extension.
fn chirp(folder: &Path, name: &str, seconds: u32, arguments: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let source = format!("aevalsrc='0.4*sin(2*PI*(300*t+10*t*t))|0.4*cos(2*PI*(300*t+10*t*t))':s=44100:d={seconds}");
    let status = Command::new("ffmpeg")
        .args(["-v", "error", "-y", "-f", "lavfi", "-i", &source])
        .args(arguments)
        .arg(&path)
        .status();
    assert!(status.unwrap().success());
    path
}

fn every_format(folder: &Path) -> Vec<PathBuf> {
    [
        ("chirp.wav", &[][..]),
        ("chirp.flac", &[]),
        ("cbr.mp3", &["-b:a", "192k"]),
        ("vbr.mp3", &["-q:a", "2"]),
        // Variable bit rate without the header that tells its length.
        ("headerless.mp3", &["-q:a", "2", "-write_xing", "0", "-id3v2_version", "0"]),
        ("chirp.ogg", &["-c:a", "libvorbis"]),
        ("chirp.m4a", &["-c:a", "aac", "-b:a", "192k"]),
    ]
    .map(|(name, arguments)| chirp(folder, name, 12, arguments))
    .into()
}

fn read(path: &Path, frame: u64) -> Result<Vec<f32>, Error> {
    let mut file = AudioFile::open(path)?;
    if frame > 0 {
        file.seek(frame)?;
    }
    let mut samples = Vec::new();
    while file.next(&mut samples)? {}
    Ok(samples)
}

#[test]
fn every_format_is_decoded_in_full() {
    let folder = tempfile::tempdir().unwrap();
    for path in every_format(folder.path()) {
        let samples = read(&path, 0).unwrap();
        let frames = samples.len() / 2;
        // AAC, and MP3 without a header, keep their encoder's padding at both ends.
        let padded = path.ends_with("chirp.m4a") || path.ends_with("headerless.mp3");
        let surplus = if padded { 4096 } else { 0 };
        assert!((529_200..=529_200 + surplus).contains(&frames), "{}: {frames}", path.display());
        let told = AudioFile::open(&path).unwrap().duration();
        let told = told.unwrap_or_else(|| AudioFile::measure(&path).unwrap()).as_secs_f64();
        assert!((told - frames as f64 / 44_100.0).abs() < 0.1, "{}: {told}", path.display());
    }
}

#[test]
fn a_seek_is_exact_to_the_sample_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    for path in every_format(folder.path()) {
        let whole = read(&path, 0).unwrap();
        for frame in [1, 2_000, 44_100, 123_457, 400_001, 529_000] {
            let part = read(&path, frame).unwrap();
            assert_eq!(part.len(), whole.len() - frame as usize * 2, "{} at {frame}", path.display());
            let worst = part.iter().zip(&whole[frame as usize * 2..]).map(|(a, b)| (a - b).abs());
            let worst = worst.fold(0.0, f32::max);
            assert!(worst < 2e-3, "{} at {frame}: {worst}", path.display());
        }
        assert!(read(&path, 60 * 44_100).map_or(true, |samples| samples.is_empty()), "{}", path.display());
    }
}

#[test]
fn broken_files_are_typed_errors() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let noise: Vec<u8> = (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for extension in ["mp3", "flac", "ogg", "m4a", "wav"] {
        let empty = write(&format!("empty.{extension}"), b"");
        assert!(matches!(read(&empty, 0), Err(Error::Undecodable(_))), "{extension}");
        let text = write(&format!("text.{extension}"), "not audio at all ".repeat(500).as_bytes());
        assert!(matches!(read(&text, 0), Err(Error::Undecodable(_))), "{extension}");
        // By chance noise may hold a frame; then it is played, without harm.
        drop(read(&write(&format!("noise.{extension}"), &noise), 0));
    }
    assert!(matches!(read(&folder.path().join("missing.mp3"), 0), Err(Error::Unreadable(_))));
    assert!(matches!(read(folder.path(), 0), Err(Error::Unreadable(_))));
}

#[test]
fn damaged_files_neither_break_the_decoder_nor_make_it_run_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut seed = 1_u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    for (name, arguments) in
        [("a.wav", &[][..]), ("a.flac", &[]), ("a.mp3", &[]), ("a.ogg", &["-c:a", "libvorbis"]), ("a.m4a", &[])]
    {
        let path = chirp(folder.path(), name, 1, arguments);
        let whole = std::fs::read(&path).unwrap();
        for round in 0..30 {
            let mut bytes = whole.clone();
            // Half of the rounds only hurt the headers.
            let reach = if round % 2 == 0 { bytes.len() } else { 600 };
            for _ in 0..1 + random(8) {
                bytes[random(reach)] = random(256) as u8;
            }
            std::fs::write(&path, &bytes).unwrap();
            let mut frames = 0;
            let outcome = AudioFile::open(&path).and_then(|mut file| {
                let mut samples = Vec::new();
                while frames < 100 * 44_100 && file.next(&mut samples)? {
                    frames += samples.len() / 2;
                    samples.clear();
                }
                Ok(())
            });
            assert!(frames < 100 * 44_100, "{name} in round {round} runs on: {outcome:?}");
            drop(AudioFile::measure(&path));
        }
    }
}

#[test]
fn truncated_files_give_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    for path in every_format(folder.path()) {
        let bytes = std::fs::read(&path).unwrap();
        for share in [3, 10, 50, 90] {
            std::fs::write(&path, &bytes[..bytes.len() * share / 100]).unwrap();
            if let Ok(samples) = read(&path, 0) {
                assert!(samples.len() < 2 * 529_200 * (share + 20) / 100, "{} at {share} %", path.display());
            }
        }
    }
}

#[test]
fn a_wrong_extension_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let path = chirp(folder.path(), "chirp.flac", 1, &[]);
    let wrong = folder.path().join("chirp.mp3");
    std::fs::rename(path, &wrong).unwrap();
    assert_eq!(read(&wrong, 0).unwrap().len(), 2 * 44_100);
    assert_eq!(AudioFile::open(&wrong).unwrap().format(), "flac");
}

#[tokio::test]
async fn a_stream_is_ready_when_its_first_samples_wait() {
    let folder = tempfile::tempdir().unwrap();
    let path = chirp(folder.path(), "chirp.mp3", 3, &[]);
    let stream = open(Source { path: path.clone(), start_frame: 48_000 }, crate::audio::Bus::DeckA).await.unwrap();
    assert!((stream.duration.unwrap().as_secs_f64() - 3.0).abs() < 0.1);
    let late = open(Source { path, start_frame: 480_000 }, crate::audio::Bus::DeckA).await;
    assert_eq!(late.err(), Some(Error::PastEnd));
}
