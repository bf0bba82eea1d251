//! One audio file, packet by packet.

use std::{fs::File, path::Path, time::Duration};

use symphonia::core::{
    codecs::audio::{AudioDecoder, AudioDecoderOptions},
    errors::Error as SymphoniaError,
    formats::{FormatOptions, FormatReader, SeekMode, SeekTo, TrackType, probe::Hint},
    io::{MediaSource, MediaSourceStream, ReadOnlySource},
    meta::MetadataOptions,
    units::{TimeBase, Timestamp},
};

use super::{Error, channels::Downmix};
use crate::audio::CHANNELS;

/// Are the sample rates that are taken: anything else is a broken header.
const SAMPLE_RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=384_000;
/// Is the highest number of channels that is taken.
const MAX_CHANNELS: usize = 16;
/// Is how many packets in a row may be broken.
const MAX_BROKEN_PACKETS: usize = 64;
/// Is how long before the target decoding begins, so that the decoder's memory is as it would be.
const RUN_UP: Duration = Duration::from_millis(100);

/// Is an open audio file. It answers interleaved stereo samples at its own sample rate.
pub struct AudioFile {
    reader: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    time_base: TimeBase,
    sample_rate_hz: u32,
    channel_count: usize,
    duration: Option<Duration>,
    /// Drops what comes before this frame; the frame of the next sample is told by its packet.
    target: i64,
    samples: Vec<f32>,
    good_packets: u64,
}

impl AudioFile {
    /// Opens a file and finds its first audio track.
    ///
    /// # Errors
    /// [`Error::Unreadable`] and [`Error::Undecodable`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|error| Error::Unreadable(error.to_string()))?;
        let metadata = file.metadata().map_err(|error| Error::Unreadable(error.to_string()))?;
        if !metadata.is_file() {
            return Err(Error::Unreadable("it is not a file".into()));
        }
        let reader = probe(path, Box::new(file))?;
        let track = reader.default_track(TrackType::Audio);
        // Without a header that tells its length, symphonia guesses that of an MP3 from its first frames
        // and cuts the file there; of a stream it does not guess.
        if reader.format_info().short_name == "mp3" && track.is_some_and(|track| track.delay.is_none()) {
            let file = File::open(path).map_err(|error| Error::Unreadable(error.to_string()))?;
            return Self::from_reader(probe(path, Box::new(ReadOnlySource::new(file)))?);
        }
        Self::from_reader(reader)
    }

    fn from_reader(reader: Box<dyn FormatReader>) -> Result<Self, Error> {
        let undecodable = |what: &str| Error::Undecodable(what.to_owned());
        let track = reader.default_track(TrackType::Audio).ok_or_else(|| undecodable("it holds no audio"))?;
        let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
        let parameters = parameters.ok_or_else(|| undecodable("its codec is not known"))?;
        let sample_rate_hz = parameters.sample_rate.filter(|rate| SAMPLE_RATES_HZ.contains(rate));
        let sample_rate_hz = sample_rate_hz.ok_or_else(|| undecodable("its sample rate makes no sense"))?;
        let channel_count = parameters.channels.as_ref().map_or(0, |channels| channels.count());
        if channel_count > MAX_CHANNELS {
            return Err(undecodable("it has more than 16 channels"));
        }
        let time_base = track.time_base.or_else(|| TimeBase::try_from_recip(sample_rate_hz));
        let time_base = time_base.ok_or_else(|| undecodable("it has no time base"))?;
        let frames = track.num_frames.map(|frames| frames as f64 / f64::from(sample_rate_hz));
        let ticks = track.duration.and_then(|ticks| i64::try_from(ticks.get()).ok());
        let ticks = ticks.and_then(|ticks| time_base.calc_time(Timestamp::new(ticks))).map(|time| time.as_secs_f64());
        let seconds = ticks.or(frames).filter(|seconds| *seconds > 0.0 && *seconds < 1e6);
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .map_err(broken)?;
        Ok(Self {
            track: track.id,
            duration: seconds.map(Duration::from_secs_f64),
            decoder,
            reader,
            time_base,
            sample_rate_hz,
            channel_count,
            target: 0,
            samples: Vec::new(),
            good_packets: 0,
        })
    }

    /// Is the sample rate of the file.
    #[must_use]
    pub fn sample_rate_hz(&self) -> u32 {
        self.sample_rate_hz
    }

    /// Counts the channels of the file; 0 while not known.
    #[must_use]
    pub fn channel_count(&self) -> usize {
        self.channel_count
    }

    /// Is the length that the header tells; absent when it tells none.
    #[must_use]
    pub fn duration(&self) -> Option<Duration> {
        self.duration
    }

    /// Names the container and the codec, as in `mp3`, `m4a/aac`, `ogg/vorbis`.
    #[must_use]
    pub fn format(&self) -> String {
        let container = match self.reader.format_info().short_name {
            "isomp4" => "m4a",
            "wave" => "wav",
            other => other,
        };
        match self.decoder.codec_info().short_name {
            codec if codec == container || codec.starts_with("pcm") => container.to_owned(),
            codec => format!("{container}/{codec}"),
        }
    }

    /// Goes to a frame of the file, exactly: the next sample is that frame. Only before the first
    /// [`AudioFile::next`].
    ///
    /// # Errors
    /// [`Error::PastEnd`], and [`Error::Undecodable`] for a file that cannot be sought.
    pub fn seek(&mut self, frame: u64) -> Result<(), Error> {
        self.target = i64::try_from(frame).unwrap_or(i64::MAX);
        let time = Duration::from_secs_f64(frame as f64 / f64::from(self.sample_rate_hz));
        let Some(time) = time.checked_sub(RUN_UP).filter(|time| !time.is_zero()) else { return Ok(()) };
        let time = symphonia::core::units::Time::from_nanos_u64(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        let to = SeekTo::Time { time, track_id: Some(self.track) };
        match self.reader.seek(SeekMode::Accurate, to) {
            Ok(_) => self.decoder.reset(),
            Err(SymphoniaError::SeekError(_)) => return Err(Error::PastEnd),
            Err(SymphoniaError::IoError(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                return Err(Error::PastEnd);
            }
            Err(error) => return Err(broken(error)),
        }
        Ok(())
    }

    /// Appends the next samples, interleaved stereo. Answers false at the end. Broken packets are
    /// skipped.
    ///
    /// # Errors
    /// [`Error::Undecodable`] when nothing in the file, or too much of it in a row, can be decoded;
    /// [`Error::Unreadable`] when the disk fails.
    pub fn next(&mut self, stereo: &mut Vec<f32>) -> Result<bool, Error> {
        let mut broken_packets = 0;
        loop {
            let packet = match self.reader.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track => packet,
                Ok(Some(_)) => continue,
                Ok(None) | Err(SymphoniaError::ResetRequired) => return self.end(),
                Err(SymphoniaError::IoError(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                    return self.end();
                }
                Err(SymphoniaError::IoError(error)) => return Err(Error::Unreadable(error.to_string())),
                Err(_) if self.good_packets > 0 => return Ok(false),
                Err(error) => return Err(broken(error)),
            };
            match self.decode(&packet, stereo) {
                Ok(true) => return Ok(true),
                Ok(false) => broken_packets = 0,
                Err(error) => broken_packets += self.excuse(error, broken_packets)?,
            }
        }
    }

    /// Measures a file without a length in its header, by its packets.
    ///
    /// # Errors
    /// [`Error::Unreadable`] and [`Error::Undecodable`].
    pub fn measure(path: &Path) -> Result<Duration, Error> {
        let mut file = Self::open(path)?;
        let mut ticks = 0_i64;
        while let Ok(Some(packet)) = file.reader.next_packet() {
            if packet.track_id == file.track {
                ticks = ticks.saturating_add(i64::try_from(packet.dur.get()).unwrap_or(0));
            }
        }
        let frames = file.frame_of(Timestamp::new(ticks));
        Ok(Duration::from_secs_f64(frames as f64 / f64::from(file.sample_rate_hz)))
    }

    fn end(&self) -> Result<bool, Error> {
        match self.good_packets {
            0 => Err(Error::Undecodable("it holds no samples".into())),
            _ => Ok(false),
        }
    }

    /// Counts one more broken packet, or gives up.
    fn excuse(&self, error: SymphoniaError, already: usize) -> Result<usize, Error> {
        match error {
            SymphoniaError::DecodeError(_) | SymphoniaError::IoError(_) if already < MAX_BROKEN_PACKETS => Ok(1),
            error => Err(broken(error)),
        }
    }

    /// Decodes one packet; answers whether any of it lies behind the target.
    fn decode(
        &mut self,
        packet: &symphonia::core::packet::Packet,
        stereo: &mut Vec<f32>,
    ) -> Result<bool, SymphoniaError> {
        let first = self.frame_of(packet.pts).max(0);
        let decoded = self.decoder.decode(packet)?;
        self.good_packets += 1;
        let (spec, frames) = (decoded.spec().clone(), decoded.frames());
        let channel_count = spec.channels().count();
        if channel_count == 0 || channel_count > MAX_CHANNELS || spec.rate() != self.sample_rate_hz {
            return Err(SymphoniaError::DecodeError("the format changes within the file"));
        }
        self.channel_count = channel_count;
        let dropped = usize::try_from(self.target - first).unwrap_or(0).min(frames);
        decoded.copy_to_vec_interleaved(&mut self.samples);
        let before = stereo.len();
        Downmix::new(spec.channels()).apply(&self.samples[dropped * channel_count..], stereo);
        Ok(stereo.len() >= before + CHANNELS)
    }

    fn frame_of(&self, timestamp: Timestamp) -> i64 {
        let (numerator, denominator) = (self.time_base.numer.get(), self.time_base.denom.get());
        let scaled = i128::from(timestamp.get()) * i128::from(numerator) * i128::from(self.sample_rate_hz);
        let half = i128::from(denominator) / 2;
        i64::try_from((scaled + half).div_euclid(i128::from(denominator))).unwrap_or(i64::MAX)
    }
}

fn probe(path: &Path, source: Box<dyn MediaSource>) -> Result<Box<dyn FormatReader>, Error> {
    let mut hint = Hint::new();
    if let Some(extension) = path.extension().and_then(|extension| extension.to_str()) {
        hint.with_extension(extension);
    }
    let stream = MediaSourceStream::new(source, Default::default());
    symphonia::default::get_probe()
        .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(broken)
}

fn broken(error: SymphoniaError) -> Error {
    match error {
        SymphoniaError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Error::Undecodable("it ends too early".into())
        }
        SymphoniaError::IoError(error) => Error::Unreadable(error.to_string()),
        error => Error::Undecodable(error.to_string()),
    }
}
