//! One playing of one track, and the voice that sounds it.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use crate::{
    audio::{Audio, Bus, Curve, Fade, Phase, Then, VoiceHandle, duration_to_frames, frames_to_duration},
    music::{
        Error, decode,
        library::{File, duration},
        proto::{QueueItem, Track},
    },
};

/// Is how long a file may take to give its first samples: a disk that sleeps wakes up within it.
const OPENING: Duration = Duration::from_secs(8);
/// Is how long the output may take for what is asked of it; its watchdog acts earlier.
pub const TAKING: Duration = Duration::from_secs(5);

/// Is the sound of a playing.
pub struct Sound {
    /// Watches the voice.
    pub voice: VoiceHandle,
    /// Is the frame of the track at which the voice began.
    start_frame: u64,
    /// Says why the file could not be decoded to its end.
    failure: Arc<OnceLock<decode::Error>>,
}

/// Is one playing of one track.
pub struct Playing {
    /// Identifies it.
    pub playback_id: String,
    /// Is the item of the queue.
    pub item_id: String,
    /// Is the track.
    pub track: Track,
    /// Is its sound; absent while it is held without one, as after a restart.
    pub sound: Option<Sound>,
    /// Is the frame at which it is held, when it has no sound.
    held_frame: u64,
    /// Tells that it is paused.
    pub paused: bool,
    /// Tells that its near end was announced.
    pub ending_announced: bool,
}

impl Playing {
    /// Holds an item at a position, without a sound.
    pub fn held(item: &QueueItem, position: Duration) -> Self {
        Self {
            playback_id: uuid::Uuid::now_v7().to_string(),
            item_id: item.id.clone(),
            track: item.track.clone().unwrap_or_default(),
            sound: None,
            held_frame: duration_to_frames(position),
            paused: true,
            ending_announced: false,
        }
    }

    /// Counts the frames of the track that the output has taken.
    pub fn frame(&self) -> u64 {
        self.sound.as_ref().map_or(self.held_frame, |sound| sound.start_frame + sound.voice.consumed())
    }

    /// Is the position that the output has taken.
    pub fn position(&self) -> Duration {
        frames_to_duration(self.frame())
    }

    /// Is the position that is heard, behind the buffers of the output.
    pub fn heard(&self, latency: Duration) -> Duration {
        let start = self.sound.as_ref().map_or(self.held_frame, |sound| sound.start_frame);
        let behind = if self.paused { Duration::ZERO } else { latency };
        self.position().saturating_sub(behind).max(frames_to_duration(start))
    }

    /// Is the time that is left; absent when the length is not known.
    pub fn remaining(&self) -> Option<Duration> {
        Some(duration(&self.track)?.saturating_sub(self.position()))
    }

    /// Tells that all of it was heard, or can be.
    pub fn is_over(&self) -> bool {
        self.sound.as_ref().is_some_and(|sound| sound.voice.is_over())
    }

    /// Says why it ended too early.
    pub fn failure(&self) -> Option<Error> {
        let error = self.sound.as_ref()?.failure.get()?;
        Some(Error::of_track(&self.track.title, error.clone()))
    }

    /// Replaces the sound, as after a seek.
    pub fn take_sound(&mut self, opened: Opened, audio: &Audio, fade_frames: u32) -> Result<(), Error> {
        self.end_sound(audio, fade_frames)?;
        self.sound = Some(opened.start(audio, fade_frames)?);
        self.paused = false;
        Ok(())
    }

    /// Holds at another position, without a sound.
    pub fn hold_at(&mut self, position: Duration, audio: &Audio, fade_frames: u32) -> Result<(), Error> {
        self.end_sound(audio, fade_frames)?;
        self.sound = None;
        self.held_frame = duration_to_frames(position);
        self.paused = true;
        Ok(())
    }

    /// Fades the sound out for good.
    pub fn end_sound(&self, audio: &Audio, fade_frames: u32) -> Result<(), Error> {
        let Some(sound) = &self.sound else { return Ok(()) };
        Ok(audio.fade_voice(&sound.voice, fade(audio, 0.0, fade_frames, Then::End))?)
    }

    /// Fades out, keeps the place and waits until it is silent.
    pub async fn hold(&mut self, audio: &Audio, fade_frames: u32) -> Result<(), Error> {
        if let Some(sound) = self.sound.as_ref().filter(|_| !self.paused) {
            audio.fade_voice(&sound.voice, fade(audio, 0.0, fade_frames, Then::Hold))?;
            let silent = || matches!(sound.voice.phase(), Phase::Held | Phase::Drained | Phase::Ended);
            audio.until(TAKING, silent).await?;
        }
        self.paused = true;
        Ok(())
    }

    /// Fades in at the place that was kept and waits until the output takes samples again.
    pub async fn release(&mut self, audio: &Audio, fade_frames: u32) -> Result<(), Error> {
        if let Some(sound) = &self.sound {
            let kept = sound.voice.consumed();
            audio.fade_voice(&sound.voice, fade(audio, 1.0, fade_frames, Then::Play))?;
            audio.until(TAKING, || sound.voice.consumed() > kept || sound.voice.is_over()).await?;
        }
        self.paused = false;
        Ok(())
    }

    /// Waits until the output has taken the first samples.
    pub async fn begun(&self, audio: &Audio) -> Result<(), Error> {
        let Some(sound) = &self.sound else { return Ok(()) };
        Ok(audio.until(TAKING, || sound.voice.consumed() > 0 || sound.voice.is_over()).await?)
    }
}

fn fade(audio: &Audio, to: f32, frames: u32, then: Then) -> Fade {
    Fade { at: audio.now(), to, frames, curve: Curve::EqualGain, then }
}

/// Is a track whose first samples wait.
pub struct Opened {
    item: QueueItem,
    stream: decode::Stream,
    start_frame: u64,
}

impl Opened {
    /// Opens the file of an item at a position.
    ///
    /// # Errors
    /// [`Error::TrackUnreadable`], [`Error::TrackUndecodable`], [`Error::SeekOutOfRange`].
    pub async fn open(mut item: QueueItem, file: &File, start: Duration, bus: Bus) -> Result<Self, Error> {
        let mut track = (*file.track).clone();
        if let Some(length) = duration(&track).filter(|length| start > Duration::ZERO && start >= *length) {
            return Err(Error::SeekOutOfRange(length));
        }
        let start_frame = duration_to_frames(start);
        let source = decode::Source { path: file.path.clone(), start_frame };
        let opening = tokio::time::timeout(OPENING, decode::open(source, bus)).await;
        let late = || decode::Error::Unreadable("the disk does not answer".into());
        let stream = match opening.unwrap_or_else(|_| Err(late())) {
            Err(decode::Error::PastEnd) => return Err(Error::SeekOutOfRange(duration(&track).unwrap_or(start))),
            outcome => outcome.map_err(|error| Error::of_track(&track.title, error))?,
        };
        if track.duration.is_none() {
            track.duration = stream.duration.map(crate::clock::proto_duration);
        }
        item.track = Some(track);
        Ok(Self { item, stream, start_frame })
    }

    /// Is the item that was opened.
    pub fn item(&self) -> &QueueItem {
        &self.item
    }

    /// Starts it as a playing of its own.
    ///
    /// # Errors
    /// [`Error::Audio`].
    pub fn play(self, audio: &Audio, fade_frames: u32) -> Result<Playing, Error> {
        let mut playing = Playing::held(&self.item, Duration::ZERO);
        playing.sound = Some(self.start(audio, fade_frames)?);
        playing.paused = false;
        Ok(playing)
    }

    fn start(self, audio: &Audio, fade_frames: u32) -> Result<Sound, Error> {
        let (voice, failure) = (self.stream.handle.clone(), self.stream.failure());
        audio.start_voice(self.stream.voice, fade(audio, 1.0, fade_frames, Then::Play))?;
        Ok(Sound { voice, start_frame: self.start_frame, failure })
    }
}
