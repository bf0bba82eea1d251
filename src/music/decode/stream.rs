//! The thread that decodes a file into a voice.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    thread,
    time::Duration,
};

use tokio::sync::oneshot;

use super::{AudioFile, Error, resample::Resampler};
use crate::audio::{Bus, CHANNELS, SAMPLE_RATE_HZ, Voice, VoiceFeed, VoiceHandle, voice};

/// Is how long the decoder rests while the ring is full: it holds 2 s.
const REST: Duration = Duration::from_millis(200);
/// Is how many frames are decoded before the voice counts as ready: 100 ms.
const READY_SAMPLES: usize = SAMPLE_RATE_HZ as usize / 10 * CHANNELS;

/// Is what a stream plays.
#[derive(Clone, Debug)]
pub struct Source {
    /// Is the file.
    pub path: PathBuf,
    /// Is the first frame that is heard, on the engine's clock of 48 kHz.
    pub start_frame: u64,
}

/// Is a file that is being decoded into a voice, with its first samples waiting.
pub struct Stream {
    /// Is the voice, to be started.
    pub voice: Voice,
    /// Watches the voice.
    pub handle: VoiceHandle,
    /// Is the length of the file as its header tells it.
    pub duration: Option<Duration>,
    failure: Arc<OnceLock<Error>>,
}

impl Stream {
    /// Tells later why the file could not be decoded to its end.
    #[must_use]
    pub fn failure(&self) -> Arc<OnceLock<Error>> {
        self.failure.clone()
    }
}

/// Opens a file on a thread of its own and answers when its first samples wait in the voice. The
/// thread ends with the voice.
///
/// # Errors
/// Every [`Error`].
pub async fn open(source: Source, bus: Bus) -> Result<Stream, Error> {
    let (voice, feed, handle) = voice(bus);
    let failure = Arc::new(OnceLock::new());
    let (ready, answer) = oneshot::channel();
    let report = failure.clone();
    let run = move || decode(&source, Feeder { feed, ready: Some(ready), waiting: 0 }, &report);
    let spawned = thread::Builder::new().name("music decoder".into()).spawn(run);
    spawned.map_err(|error| Error::Unreadable(error.to_string()))?;
    let duration = answer.await.unwrap_or_else(|_| Err(Error::Undecodable("the decoder failed".into())))?;
    Ok(Stream { voice, handle, duration, failure })
}

/// Fills the voice, and tells once how that begins.
struct Feeder {
    feed: VoiceFeed,
    ready: Option<oneshot::Sender<Result<Option<Duration>, Error>>>,
    waiting: usize,
}

impl Feeder {
    /// Puts samples into the voice, at the pace at which they are heard; false when nobody listens.
    fn push(&mut self, mut samples: &[f32], duration: Option<Duration>) -> bool {
        while !samples.is_empty() {
            let pushed = self.feed.push(samples);
            samples = &samples[pushed..];
            self.waiting += pushed;
            if self.waiting >= READY_SAMPLES || !samples.is_empty() {
                self.tell(Ok(duration));
            }
            if self.feed.is_abandoned() {
                return false;
            }
            if !samples.is_empty() {
                thread::sleep(REST);
            }
        }
        true
    }

    fn tell(&mut self, outcome: Result<Option<Duration>, Error>) {
        if let Some(ready) = self.ready.take() {
            // Whoever asked may have gone away; then the voice is abandoned as well.
            drop(ready.send(outcome));
        }
    }
}

fn decode(source: &Source, mut feeder: Feeder, failure: &OnceLock<Error>) {
    let outcome = catch_unwind(AssertUnwindSafe(|| run(source, &mut feeder)));
    let outcome = outcome.unwrap_or_else(|_| Err(Error::Undecodable("the decoder broke down on it".into())));
    match outcome {
        Ok(duration) => feeder.tell(Ok(duration)),
        Err(error) => {
            failure.get_or_init(|| error.clone());
            feeder.tell(Err(error));
        }
    }
    feeder.feed.finish();
}

fn run(source: &Source, feeder: &mut Feeder) -> Result<Option<Duration>, Error> {
    let mut file = open_at(&source.path, source.start_frame)?;
    let duration = file.duration();
    let mut resampler = Resampler::new(file.sample_rate_hz())?;
    let (mut decoded, mut samples) = (Vec::new(), Vec::new());
    let mut heard = false;
    loop {
        decoded.clear();
        samples.clear();
        let goes_on = file.next(&mut decoded)?;
        heard |= !decoded.is_empty();
        match &mut resampler {
            Some(resampler) if goes_on => resampler.push(&decoded, &mut samples)?,
            Some(resampler) => resampler.finish(&mut samples)?,
            None => std::mem::swap(&mut decoded, &mut samples),
        }
        if !feeder.push(&samples, duration) || !goes_on {
            break;
        }
    }
    if heard { Ok(duration) } else { Err(Error::PastEnd) }
}

fn open_at(path: &Path, start_frame: u64) -> Result<AudioFile, Error> {
    let mut file = AudioFile::open(path)?;
    if start_frame > 0 {
        let frame = u128::from(start_frame) * u128::from(file.sample_rate_hz()) / u128::from(SAMPLE_RATE_HZ);
        file.seek(u64::try_from(frame).unwrap_or(u64::MAX))?;
    }
    Ok(file)
}
