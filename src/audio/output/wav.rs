//! The output that records exactly what would be heard, in real time: 48 kHz, stereo, 32-bit float.
//!
//! The header is brought up to date every second, so the file is readable even after `kill -9`. A
//! recording of ours is continued; any other existing file is left alone.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    Backend, OutputDescription, OutputKind, RunningOutput,
    clocked::{Clocked, Recorder},
};
use crate::audio::{CHANNELS, Error, SAMPLE_RATE_HZ, engine::Lease};

/// Is the row of the table.
pub const BACKEND: Backend = Backend { claims: |name| name.starts_with("wav:"), open, list: Vec::new };

const FRAME_BYTES: u32 = 4 * CHANNELS as u32;
const HEADER_BYTES: u32 = 86;
/// Are the places of the header that change with the length.
const SIZES: [std::ops::Range<usize>; 3] = [4..8, 74..78, 82..86];
/// Is the most that a WAV file holds: its sizes are 32-bit numbers.
const MAX_DATA_BYTES: u32 = u32::MAX - HEADER_BYTES - FRAME_BYTES;

struct Wav {
    clocked: Clocked,
    path: PathBuf,
}

fn open(name: &str, block_frames: u32, lease: Lease) -> Result<Box<dyn RunningOutput>, Error> {
    let path = name.strip_prefix("wav:").filter(|path| !path.is_empty());
    let path = PathBuf::from(path.ok_or_else(|| Error::OutputUnknown { name: name.to_owned() })?);
    let recording = Recording::open(&path)
        .map_err(|error| Error::OutputUnavailable { name: name.to_owned(), detail: error.to_string() })?;
    Ok(Box::new(Wav { clocked: Clocked::start(name, block_frames, lease, recording)?, path }))
}

impl RunningOutput for Wav {
    fn description(&self) -> OutputDescription {
        OutputDescription {
            name: format!("wav:{}", self.path.display()),
            display_name: format!("Recording to {}", self.path.display()),
            kind: OutputKind::Wav,
            sample_rate_hz: SAMPLE_RATE_HZ,
            latency: Some(Duration::ZERO),
        }
    }

    fn problem(&self) -> Option<String> {
        self.clocked.problem()
    }
}

struct Recording {
    file: File,
    data_bytes: u32,
    header_bytes: u32,
    bytes: Vec<u8>,
}

impl Recording {
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let length = file.metadata()?.len();
        let data_bytes = if length == 0 { 0 } else { continued(&mut file, length)? };
        let mut recording = Self { file, data_bytes, header_bytes: 0, bytes: Vec::new() };
        recording.write_header()?;
        Ok(recording)
    }

    fn write_header(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&header(self.data_bytes))?;
        self.file.seek(SeekFrom::Start(u64::from(HEADER_BYTES) + u64::from(self.data_bytes)))?;
        self.header_bytes = self.data_bytes;
        Ok(())
    }
}

impl Recorder for Recording {
    fn write(&mut self, samples: &[f32]) -> io::Result<()> {
        self.bytes.clear();
        self.bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        let added = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        let total = self.data_bytes.checked_add(added).filter(|total| *total <= MAX_DATA_BYTES);
        let Some(total) = total else {
            self.finish()?;
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the recording has reached 4 GiB"));
        };
        self.file.write_all(&self.bytes)?;
        self.data_bytes = total;
        if total - self.header_bytes >= SAMPLE_RATE_HZ * FRAME_BYTES {
            self.write_header()?;
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.write_header()?;
        self.file.sync_all()
    }
}

/// Is the size of the samples in a recording of ours; whole frames that a crash left behind the
/// recorded size count.
fn continued(file: &mut File, length: u64) -> io::Result<u32> {
    let mut found = [0_u8; HEADER_BYTES as usize];
    let complete = file.read_exact(&mut found).is_ok();
    SIZES.into_iter().for_each(|size| found[size].fill(0));
    let mut ours = header(0);
    SIZES.into_iter().for_each(|size| ours[size].fill(0));
    if !complete || found != ours {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "the file exists and is no recording of Cantina"));
    }
    let frames = (length - u64::from(HEADER_BYTES)) / u64::from(FRAME_BYTES);
    Ok(u32::try_from(frames * u64::from(FRAME_BYTES)).unwrap_or(MAX_DATA_BYTES).min(MAX_DATA_BYTES))
}

/// Is a RIFF header with the chunks `LIST` (which names us), `fmt `, `fact` and `data`, as RFC 2361
/// and Microsoft's "Multiple Channel Audio Data and WAVE Files" lay them out for floats.
fn header(data_bytes: u32) -> [u8; HEADER_BYTES as usize] {
    let mut header = [0; HEADER_BYTES as usize];
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        header[at..at + bytes.len()].copy_from_slice(bytes);
        at += bytes.len();
    };
    put(b"RIFF");
    put(&(HEADER_BYTES - 8 + data_bytes).to_le_bytes());
    put(b"WAVEfmt ");
    put(&18_u32.to_le_bytes());
    put(&3_u16.to_le_bytes());
    put(&(CHANNELS as u16).to_le_bytes());
    put(&SAMPLE_RATE_HZ.to_le_bytes());
    put(&(SAMPLE_RATE_HZ * FRAME_BYTES).to_le_bytes());
    put(&(FRAME_BYTES as u16).to_le_bytes());
    put(&32_u16.to_le_bytes());
    put(&0_u16.to_le_bytes());
    put(b"LIST");
    put(&20_u32.to_le_bytes());
    put(b"INFOISFT");
    put(&8_u32.to_le_bytes());
    put(b"Cantina\0");
    put(b"fact");
    put(&4_u32.to_le_bytes());
    put(&(data_bytes / FRAME_BYTES).to_le_bytes());
    put(b"data");
    put(&data_bytes.to_le_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples_of(path: &Path) -> Vec<f32> {
        hound::WavReader::open(path).unwrap().into_samples().map(Result::unwrap).collect()
    }

    #[test]
    fn a_recording_is_readable_before_it_is_finished_and_is_continued() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heard.wav");
        let mut recording = Recording::open(&path).unwrap();
        let second = vec![0.25; SAMPLE_RATE_HZ as usize * CHANNELS];
        recording.write(&second).unwrap();
        recording.write(&[0.5; 20]).unwrap();
        assert_eq!(samples_of(&path), second, "what a kill leaves");
        drop(recording);
        let mut recording = Recording::open(&path).unwrap();
        recording.write(&[0.75; 2]).unwrap();
        recording.finish().unwrap();
        let all = samples_of(&path);
        assert_eq!(all.len(), second.len() + 22);
        assert_eq!(all[all.len() - 4..], [0.5, 0.5, 0.75, 0.75]);
    }

    #[test]
    fn a_file_that_is_not_ours_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.wav");
        std::fs::write(&path, [b'x'; 500]).unwrap();
        assert!(Recording::open(&path).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), [b'x'; 500]);
    }
}
