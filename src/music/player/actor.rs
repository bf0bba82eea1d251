//! The one owner of what plays and of the queue.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{
    Command, Parts, Reply,
    announce::End,
    playing::{Opened, Playing},
};
use crate::{
    audio::{self, Audio, Bus, OutputDescription, OutputState, duration_to_frames},
    call::Cause,
    clock::{self, Clock},
    context::Context,
    event::Publisher,
    music::{
        Error, Library, Volume,
        proto::{EndReason, Playback, QueueItem},
        queue::Queue,
        store,
    },
    pb::{cantina::config::v1::Config, cantina::event::v1::snapshot_part::Part, registry::producer},
};

/// Is how long before the end a track is announced as ending soon.
const ENDING_SOON: Duration = Duration::from_secs(30);
/// Is how long before the end the next track is opened.
const OPEN_AHEAD: Duration = Duration::from_secs(5);
/// Is how long before the end the player looks closely.
const CLOSE: Duration = Duration::from_millis(400);
/// Is how often it then looks.
const CLOSE_LOOK: Duration = Duration::from_millis(3);
/// Is how often it looks otherwise.
const LOOK: Duration = Duration::from_millis(250);
/// Is how often the position is kept on disk while playing.
const REMEMBER: Duration = Duration::from_millis(900);
/// Is how long a change of the volume takes, in frames: 20 ms.
const VOLUME_FRAMES: u32 = 960;

/// Is the next item, opened before it is needed; without a stream when that failed.
pub struct Ahead {
    /// Is the item.
    pub item_id: String,
    /// Is its stream.
    pub opened: Option<Opened>,
}

/// Owns what plays and the queue.
pub struct Actor {
    pub(super) audio: Audio,
    pub(super) library: Library,
    pub(super) settings: watch::Receiver<Arc<Config>>,
    pub(super) publisher: Publisher<producer::Music>,
    pub(super) published: watch::Sender<Playback>,
    pub(super) clock: Clock,
    pub(super) shutdown: CancellationToken,
    pub(super) queue: Queue,
    pub(super) playing: Option<Playing>,
    /// Is the next track, opened ahead.
    pub(super) ahead: Option<Ahead>,
    /// Is the deck that plays; the other one takes over.
    pub(super) deck: Bus,
    pub(super) volume: Volume,
    pub(super) fade_frames: u32,
    pub(super) remembered_at: Instant,
    pub(super) told_output: (Option<OutputDescription>, Option<audio::Error>),
    /// Tells that a command is about to change the output and will say so itself.
    pub(super) output_expected: bool,
}

impl Actor {
    /// Takes up what the last run left: queue, volume, and the track it played, held at its position.
    pub async fn restore(context: &Context, parts: Parts) -> Result<(Self, watch::Receiver<Playback>), Error> {
        let pool = context.database().reader();
        let remembered = store::load_player(pool).await?.unwrap_or_default();
        let index = parts.library.index();
        let mut items = store::load_queue(pool).await?.items;
        for item in &mut items {
            let id = item.track.as_ref().map(|track| track.id.clone()).unwrap_or_default();
            if let Ok(file) = index.file(&id) {
                item.track = Some((*file.track).clone());
            }
        }
        let queue = Queue::restore(items, remembered.item_id.clone());
        let held = queue.current().filter(|_| remembered.playing);
        let playing = held.map(|item| Playing::held(item, remembered.position));
        let (published, playback) = watch::channel(Playback::default());
        let mut actor = Self {
            fade_frames: 0,
            audio: parts.audio,
            library: parts.library,
            settings: parts.settings,
            publisher: context.publisher(),
            published,
            clock: context.clock().clone(),
            shutdown: context.shutdown().clone(),
            queue,
            playing,
            ahead: None,
            deck: Bus::DeckB,
            volume: remembered.volume,
            remembered_at: Instant::now(),
            told_output: (None, None),
            output_expected: false,
        };
        actor.apply_settings();
        actor.audio.set_master(actor.volume.ratio() as f32, 0);
        actor.announce_restored(&remembered.playback_id);
        Ok((actor, playback))
    }

    /// Puts queue and playback into the snapshot, and says that the last playing was interrupted.
    fn announce_restored(&mut self, playback_id: &str) {
        let mut commit = self.commit(&Cause::daemon("music")).part(Part::Queue(self.queue.message()));
        if let Some(playing) = self.playing.as_ref().filter(|_| !playback_id.is_empty()) {
            let item = QueueItem { id: playing.item_id.clone(), track: Some(playing.track.clone()) };
            let mut interrupted = Playing::held(&item, playing.position());
            playback_id.clone_into(&mut interrupted.playback_id);
            commit = self.tell_end(commit, &interrupted, &End::of(EndReason::Interrupted));
        }
        self.send(commit);
    }

    /// Serves until the shutdown, and then keeps the position.
    pub async fn run(mut self, mut inbox: mpsc::Receiver<(Command, Cause)>) {
        let shutdown = self.shutdown.clone();
        let mut outputs = self.audio.outputs();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                command = inbox.recv() => match command {
                    Some((command, cause)) => self.serve(command, &cause).await,
                    None => break,
                },
                () = tokio::time::sleep(self.next_look()) => self.look().await,
                Ok(()) = outputs.changed() => self.follow_output(&outputs.borrow_and_update().clone()),
                Ok(()) = self.settings.changed() => self.apply_settings(),
            }
        }
        if let Some(playing) = &mut self.playing {
            // An output that takes no samples is silent already.
            drop(playing.hold(&self.audio, self.fade_frames).await);
        }
        self.remember();
    }

    async fn serve(&mut self, command: Command, cause: &Cause) {
        match command {
            Command::Play(target, start, reply) => answer(reply, self.play(target, start, cause).await),
            Command::Pause(reply) => answer(reply, self.pause(cause).await),
            Command::Resume(reply) => answer(reply, self.resume(cause).await),
            Command::Stop(reply) => answer(reply, self.stop(cause).await),
            Command::Next(reply) => answer(reply, self.next(cause).await),
            Command::Previous(reply) => answer(reply, self.previous(cause).await),
            Command::Seek(position, id, reply) => answer(reply, self.seek(position, &id, cause).await),
            Command::SetVolume(volume, reply) => answer(reply, self.set_volume(volume, cause)),
            Command::Enqueue(ids, index, reply) => answer(reply, self.enqueue(&ids, index, cause)),
            Command::Move(id, index, etag, reply) => answer(reply, self.move_item(&id, index, &etag, cause)),
            Command::Remove(id, etag, reply) => answer(reply, self.remove_item(&id, &etag, cause).await),
            Command::Clear(etag, reply) => answer(reply, self.clear(&etag, cause)),
            Command::ExpectOutput(reply) => {
                self.output_expected = true;
                answer(reply, Ok(()));
            }
            Command::OutputSettled(reply) => {
                self.output_expected = false;
                answer(reply, Ok(self.announce_output(cause)));
            }
            Command::GetQueue(reply) => answer(reply, Ok(self.queue.message())),
        }
    }

    /// Is how long nothing needs attention.
    fn next_look(&self) -> Duration {
        let Some(playing) = self.playing.as_ref().filter(|playing| !playing.paused) else {
            return Duration::from_secs(3600);
        };
        match playing.remaining() {
            Some(remaining) if remaining > CLOSE => LOOK.min(remaining - CLOSE),
            Some(_) => CLOSE_LOOK,
            None => LOOK / 10,
        }
    }

    /// Looks whether what plays has ended, or is about to.
    async fn look(&mut self) {
        let Some(playing) = self.playing.as_ref().filter(|playing| !playing.paused) else { return };
        if playing.is_over() {
            self.go_on().await;
            return;
        }
        let (remaining, announced) = (playing.remaining(), playing.ending_announced);
        if let Some(remaining) = remaining.filter(|remaining| !announced && *remaining <= ENDING_SOON) {
            self.announce_ending(remaining);
        }
        if remaining.is_some_and(|remaining| remaining <= OPEN_AHEAD) {
            self.open_ahead().await;
        }
        if self.remembered_at.elapsed() >= REMEMBER {
            self.remember();
        }
    }

    fn follow_output(&mut self, _state: &OutputState) {
        if !self.output_expected {
            self.announce_output(&Cause::daemon("audio"));
        }
    }

    /// Takes over what the settings say: the fades, and the output when it is another one.
    fn apply_settings(&mut self) {
        let settings = self.settings.borrow_and_update().clone();
        let fade = settings.music.as_ref().and_then(|music| music.fade.as_ref()).and_then(clock::duration);
        let frames = duration_to_frames(fade.unwrap_or(Duration::from_millis(10)).max(Duration::from_millis(5)));
        self.fade_frames = u32::try_from(frames).unwrap_or(u32::MAX);
        let wanted = settings.audio.as_ref().and_then(|audio| audio.output.clone());
        if let Some(wanted) = wanted.filter(|wanted| *wanted != self.audio.outputs().borrow().wanted) {
            self.audio.want(wanted);
        }
    }

    /// Sets the volume.
    pub(super) fn turn(&mut self, volume: Volume) {
        self.audio.set_master(volume.ratio() as f32, VOLUME_FRAMES);
        self.volume = volume;
    }
}

fn answer<T>(reply: Reply<T>, outcome: Result<T, Error>) {
    // Whoever asked may have gone away; what was done is done, and told in the feed.
    drop(reply.send(outcome));
}
