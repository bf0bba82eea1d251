//! The handle through which features use the sound layer.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::Ordering::{Acquire, Relaxed},
        mpsc,
    },
    time::{Duration, Instant},
};

use tokio::sync::{oneshot, watch};

use super::{
    Error, Fade, MeterReader, OutputDescription, OutputState, Voice, VoiceHandle,
    engine::Engine,
    mixer::{Bus, Command, Control, MAX_VOICES, Refused},
    supervisor::{self, Request},
};

/// Is how often somebody who waits for samples looks.
const LOOK: Duration = Duration::from_millis(1);

/// Says how the sound layer starts.
#[derive(Clone, Debug)]
pub struct AudioConfig {
    /// Is the output: `default`, a device name, `null` or `wav:FILE`.
    pub output: String,
    /// Is the length of one block in frames.
    pub buffer_frames: u32,
}

/// Uses the sound layer; clones are cheap. The output closes when the last clone is dropped.
#[derive(Clone)]
pub struct Audio {
    engine: Arc<Engine>,
    control: Arc<Mutex<Control>>,
    requests: mpsc::Sender<Request>,
    outputs: watch::Receiver<OutputState>,
}

/// Names a place of the engine's clock.
pub type Ticket = u64;

impl Audio {
    /// Starts the engine and its output. An output that cannot be opened is no failure: time is then
    /// kept without sound, [`Audio::outputs`] says why, and the output is tried again every 2 s.
    ///
    /// # Errors
    /// When the machine has no thread left.
    pub fn start(config: AudioConfig) -> std::io::Result<Self> {
        let (engine, control) = Engine::new();
        let (requests, outputs) = supervisor::start(engine.clone(), config.output, config.buffer_frames)?;
        Ok(Self { engine, control: Arc::new(Mutex::new(control)), requests, outputs })
    }

    /// Is the frame that is rendered next.
    #[must_use]
    pub fn now(&self) -> Ticket {
        self.engine.telltale.rendered.load(Acquire)
    }

    /// Counts the frames in which something should have been heard and no samples were there.
    #[must_use]
    pub fn underrun_frames(&self) -> u64 {
        self.engine.telltale.underrun.load(Relaxed)
    }

    /// Reads the level of the output.
    #[must_use]
    pub fn meter(&self) -> MeterReader {
        MeterReader::new(self.engine.telltale.meter.clone())
    }

    /// Puts a voice into the mix at the frame `fade.at`, with that fade from silence.
    ///
    /// # Errors
    /// [`Error::TooManyVoices`].
    pub fn start_voice(&self, mut voice: Voice, fade: Fade) -> Result<(), Error> {
        voice.begin(fade);
        self.send(Command::Start(voice))
    }

    /// Fades a voice; one that is over already is left alone.
    ///
    /// # Errors
    /// [`Error::OutputUnavailable`] when the engine has not taken commands for a long time.
    pub fn fade_voice(&self, voice: &VoiceHandle, fade: Fade) -> Result<(), Error> {
        self.send(Command::Fade(voice.id, fade))
    }

    /// Moves the gain of a bus within some frames.
    ///
    /// # Errors
    /// As [`Audio::fade_voice`].
    pub fn set_bus_gain(&self, bus: Bus, gain: f32, frames: u32) -> Result<(), Error> {
        self.send(Command::Bus(bus, gain, frames))
    }

    /// Moves the master volume, 0 to 1, within some frames. The newest wins, so it may be turned as fast
    /// as anybody likes.
    pub fn set_master(&self, gain: f32, frames: u32) {
        self.engine.telltale.master.set(gain, frames);
    }

    /// Waits until something has happened in the mix, at most `limit`.
    ///
    /// # Errors
    /// [`Error::OutputUnavailable`] when it has not happened by then.
    pub async fn until(&self, limit: Duration, happened: impl Fn() -> bool) -> Result<(), Error> {
        let deadline = Instant::now() + limit;
        while !happened() {
            if Instant::now() > deadline {
                return Err(self.stalled());
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Follows which output plays.
    #[must_use]
    pub fn outputs(&self) -> watch::Receiver<OutputState> {
        self.outputs.clone()
    }

    /// Lists what can be selected: the default first, then devices, then `null`.
    pub async fn list_outputs(&self) -> Vec<OutputDescription> {
        let (reply, answer) = oneshot::channel();
        // The supervisor lives as long as this handle; without it there is nothing to list.
        drop(self.requests.send(Request::List(reply)));
        answer.await.unwrap_or_default()
    }

    /// Plays through another output from now on.
    ///
    /// # Errors
    /// [`Error::OutputUnknown`] or [`Error::OutputUnavailable`]; then the one before plays on.
    pub async fn select(&self, name: &str) -> Result<OutputState, Error> {
        self.ask(|reply| Request::Select(name.to_owned(), reply)).await
    }

    /// Wants another output from now on. When it cannot be had, time is kept without sound until it
    /// can; [`Audio::outputs`] tells.
    pub fn want(&self, name: String) {
        // The supervisor lives as long as this handle.
        drop(self.requests.send(Request::Want(name)));
    }

    /// Closes the wanted output and opens it again.
    ///
    /// # Errors
    /// [`Error::OutputUnavailable`]; then time is kept without sound.
    pub async fn reopen(&self) -> Result<OutputState, Error> {
        self.ask(Request::Reopen).await
    }

    async fn ask(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<OutputState, Error>>) -> Request,
    ) -> Result<OutputState, Error> {
        let (reply, answer) = oneshot::channel();
        drop(self.requests.send(request(reply)));
        answer.await.unwrap_or_else(|_| Err(self.stalled()))
    }

    fn send(&self, command: Command) -> Result<(), Error> {
        let mut control = self.control.lock().unwrap_or_else(PoisonError::into_inner);
        control.send(command).map_err(|refused| match refused {
            Refused::TooManyVoices => Error::TooManyVoices { limit: MAX_VOICES },
            Refused::Stalled => self.stalled(),
        })
    }

    fn stalled(&self) -> Error {
        let name = self.outputs.borrow().wanted.clone();
        Error::OutputUnavailable { name, detail: "it takes no samples".into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{Phase, Then, VoiceFeed, duration_to_frames, testing::*, voice};

    fn start(output: &str) -> Audio {
        Audio::start(AudioConfig { output: output.into(), buffer_frames: 480 }).unwrap()
    }

    fn long_voice() -> (Voice, VoiceFeed, VoiceHandle) {
        let (voice, mut feed, handle) = voice(Bus::DeckA);
        feed.push(&vec![0.25; 2 * 96_000]);
        feed.finish();
        (voice, feed, handle)
    }

    async fn settled(audio: &Audio, wanted: impl Fn(&OutputState) -> bool) -> OutputState {
        let mut outputs = audio.outputs();
        let found = tokio::time::timeout(Duration::from_secs(10), outputs.wait_for(wanted)).await;
        found.unwrap().unwrap().clone()
    }

    #[tokio::test]
    async fn the_null_output_keeps_real_time() {
        let audio = start("null");
        settled(&audio, |state| state.active.is_some()).await;
        let (frame, time) = (audio.now(), Instant::now());
        audio.until(Duration::from_secs(5), || audio.now() >= frame + 48_000).await.unwrap();
        let error = time.elapsed().abs_diff(Duration::from_secs(1));
        assert!(error < Duration::from_millis(60), "{error:?}");
    }

    #[tokio::test]
    async fn another_output_takes_over_without_losing_the_position() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heard.wav");
        let audio = start("null");
        let (voice, _feed, handle) = long_voice();
        audio.start_voice(voice, fade_in(0)).unwrap();
        audio.until(Duration::from_secs(5), || handle.consumed() > 4800).await.unwrap();
        let state = audio.select(&format!("wav:{}", path.display())).await.unwrap();
        assert!(!state.is_fallback());
        let at = handle.consumed();
        audio.until(Duration::from_secs(5), || handle.consumed() > at + 9600).await.unwrap();
        audio.select("null").await.unwrap();
        let heard = hound::WavReader::open(&path).unwrap();
        assert!(heard.duration() >= 9600);
        assert!(heard.into_samples::<f32>().skip(960).all(|sample| sample.unwrap() == 0.25));
        assert_eq!((handle.phase(), handle.underrun()), (Phase::Playing, 0));
    }

    #[tokio::test]
    async fn an_output_that_is_lost_is_replaced_by_null_and_taken_back_when_it_returns() {
        let folder = tempfile::tempdir().unwrap();
        let mount = folder.path().join("mount");
        let audio = start(&format!("wav:{}/heard.wav", mount.display()));
        let (voice, _feed, handle) = long_voice();
        audio.start_voice(voice, fade_in(0)).unwrap();
        let state = settled(&audio, OutputState::is_fallback).await;
        assert_eq!(state.active.unwrap().name, "null");
        assert!(matches!(state.problem, Some(Error::OutputUnavailable { .. })));
        audio.until(Duration::from_secs(5), || handle.consumed() > 0).await.unwrap();
        std::fs::create_dir(&mount).unwrap();
        let state = settled(&audio, |state| !state.is_fallback()).await;
        assert!(state.active.unwrap().name.ends_with("heard.wav"));
    }

    #[tokio::test]
    async fn an_unknown_output_changes_nothing() {
        let audio = start("null");
        settled(&audio, |state| state.active.is_some()).await;
        assert!(audio.select("no such device").await.is_err());
        assert_eq!(audio.outputs().borrow().wanted, "null");
        assert_eq!(audio.list_outputs().await.last().unwrap().name, "null");
    }

    #[tokio::test]
    async fn voices_beyond_the_limit_are_refused_and_dead_ones_make_room() {
        let audio = start("null");
        let handles: Vec<_> = (0..MAX_VOICES)
            .map(|_| {
                let (voice, _feed, handle) = voice(Bus::Effects);
                audio.start_voice(voice, fade_in(0)).unwrap();
                handle
            })
            .collect();
        let (one_more, _feed, _handle) = voice(Bus::Effects);
        assert!(matches!(audio.start_voice(one_more, fade_in(0)), Err(Error::TooManyVoices { .. })));
        for handle in &handles {
            audio.fade_voice(handle, Fade { then: Then::End, ..fade_out() }).unwrap();
        }
        let limit = Duration::from_secs(5);
        audio.until(limit, || handles.iter().all(VoiceHandle::is_over)).await.unwrap();
        let (one_more, _feed, _handle) = voice(Bus::Effects);
        audio.start_voice(one_more, fade_in(duration_to_frames(limit))).unwrap();
    }
}
