//! The player: one task owns what plays and the queue; everybody else has a handle.

mod actor;
mod announce;
mod commands;
mod playing;
mod queueing;

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot, watch};

use super::{Error, Library, Volume};
use crate::{
    audio::{Audio, OutputDescription},
    call::Cause,
    context::Context,
    error::Failure,
    music::proto::{Output, Playback, PlaybackState, Queue, QueueItem, play_request::Target},
    pb::cantina::config::v1::Config,
};

/// Keeps the choice of an output as a revision of the settings.
pub type KeepOutput = Arc<dyn Fn(String, Cause) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync>;

/// Is what the player works with.
#[derive(Clone)]
pub struct Parts {
    /// Is the sound layer.
    pub audio: Audio,
    /// Is the library.
    pub library: Library,
    /// Are the settings.
    pub settings: watch::Receiver<Arc<Config>>,
    /// Keeps the choice of an output.
    pub keep_output: KeepOutput,
}

type Reply<T> = oneshot::Sender<Result<T, Error>>;

/// Is what the handle asks of the player.
enum Command {
    Play(Option<Target>, Duration, Reply<Playback>),
    Pause(Reply<Playback>),
    Resume(Reply<Playback>),
    Stop(Reply<Playback>),
    Next(Reply<Playback>),
    Previous(Reply<Playback>),
    Seek(Duration, String, Reply<Playback>),
    SetVolume(Volume, Reply<Playback>),
    Enqueue(Vec<String>, Option<u32>, Reply<(Vec<QueueItem>, String)>),
    Move(String, u32, String, Reply<Queue>),
    Remove(String, String, Reply<Queue>),
    Clear(String, Reply<(Queue, Vec<QueueItem>)>),
    ExpectOutput(Reply<()>),
    OutputSettled(Reply<Playback>),
    GetQueue(Reply<Queue>),
}

/// Uses the player; clones are cheap.
#[derive(Clone)]
pub struct Player {
    commands: mpsc::Sender<(Command, Cause)>,
    playback: watch::Receiver<Playback>,
    audio: Audio,
    keep_output: KeepOutput,
}

impl Player {
    /// Takes up queue, volume and position where the last run left them, without playing aloud, and
    /// runs until the shutdown.
    ///
    /// # Errors
    /// [`Error::Storage`] when the database cannot be read.
    pub async fn start(context: &Context, parts: Parts) -> Result<Self, Error> {
        let (commands, inbox) = mpsc::channel(64);
        let (audio, keep_output) = (parts.audio.clone(), parts.keep_output.clone());
        let (actor, playback) = actor::Actor::restore(context, parts).await?;
        context.spawn("music player", actor.run(inbox));
        let player = Self { commands, playback, audio, keep_output };
        let stopper = player.clone();
        context.on_stop(Arc::new(move |cause| {
            let player = stopper.clone();
            Box::pin(async move {
                // Nothing to stop, or no player any more: it is silent either way.
                drop(player.stop_for(cause).await);
            })
        }));
        Ok(player)
    }

    /// Plays a track, an item, or what the queue holds, from a position. Answers when the output has
    /// taken the first samples.
    ///
    /// # Errors
    /// [`Error::TrackUnknown`], [`Error::QueueItemUnknown`], [`Error::QueueEmpty`],
    /// [`Error::TrackUnreadable`], [`Error::TrackUndecodable`], [`Error::SeekOutOfRange`],
    /// [`Error::Audio`]; what played before then plays on.
    pub async fn play(&self, target: Option<Target>, start: Duration) -> Result<Playback, Error> {
        self.ask(Cause::current(), |reply| Command::Play(target, start, reply)).await
    }

    /// Fades out and holds the position. Answers when it is silent.
    ///
    /// # Errors
    /// [`Error::NothingPlaying`].
    pub async fn pause(&self) -> Result<Playback, Error> {
        self.ask(Cause::current(), Command::Pause).await
    }

    /// Goes on where it was held. Answers when the output has taken the first samples.
    ///
    /// # Errors
    /// [`Error::NothingPlaying`], and as [`Player::play`] when the file was closed since.
    pub async fn resume(&self) -> Result<Playback, Error> {
        self.ask(Cause::current(), Command::Resume).await
    }

    /// Fades out and forgets the position.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub async fn stop(&self) -> Result<Playback, Error> {
        self.stop_for(Cause::current()).await
    }

    /// Stops as [`Player::stop`] does, for a cause that is not the current call.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub async fn stop_for(&self, cause: Cause) -> Result<Playback, Error> {
        self.ask(cause, Command::Stop).await
    }

    /// Plays what the queue holds, or goes on with what is paused, for a cause that is not the current
    /// call. Leaves alone what plays already.
    ///
    /// # Errors
    /// As [`Player::play`].
    pub async fn play_queue_for(&self, cause: Cause) -> Result<Playback, Error> {
        if self.playback().state() == PlaybackState::Playing {
            return Ok(self.playback());
        }
        self.ask(cause, |reply| Command::Play(None, Duration::ZERO, reply)).await
    }

    /// Plays the next item.
    ///
    /// # Errors
    /// [`Error::QueueEmpty`] at the end; what plays then plays on.
    pub async fn next(&self) -> Result<Playback, Error> {
        self.ask(Cause::current(), Command::Next).await
    }

    /// Plays the item before, or the current one from its start when it has played for more than 3 s.
    ///
    /// # Errors
    /// [`Error::QueueEmpty`].
    pub async fn previous(&self) -> Result<Playback, Error> {
        self.ask(Cause::current(), Command::Previous).await
    }

    /// Goes to a position of the playing that is meant; an empty id means whichever plays.
    ///
    /// # Errors
    /// [`Error::NothingPlaying`] and [`Error::SeekOutOfRange`].
    pub async fn seek(&self, position: Duration, playback_id: String) -> Result<Playback, Error> {
        self.ask(Cause::current(), |reply| Command::Seek(position, playback_id, reply)).await
    }

    /// Sets the volume, playing or not.
    ///
    /// # Errors
    /// [`Error::Audio`].
    pub async fn set_volume(&self, volume: Volume) -> Result<Playback, Error> {
        self.ask(Cause::current(), |reply| Command::SetVolume(volume, reply)).await
    }

    /// Is what plays. The position is at most a second old; it moves by its rate.
    #[must_use]
    pub fn playback(&self) -> Playback {
        self.playback.borrow().clone()
    }

    /// Follows what plays.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<Playback> {
        self.playback.clone()
    }

    /// Reads the queue.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub async fn queue(&self) -> Result<Queue, Error> {
        self.ask(Cause::current(), Command::GetQueue).await
    }

    /// Puts tracks into the queue; answers the new items and the etag.
    ///
    /// # Errors
    /// [`Error::TrackUnknown`] and [`Error::QueueFull`], and then none is added.
    pub async fn enqueue(&self, ids: Vec<String>, index: Option<u32>) -> Result<(Vec<QueueItem>, String), Error> {
        self.ask(Cause::current(), |reply| Command::Enqueue(ids, index, reply)).await
    }

    /// Moves an item to another place.
    ///
    /// # Errors
    /// [`Error::QueueItemUnknown`] and [`Error::EtagMismatch`].
    pub async fn move_item(&self, id: String, index: u32, etag: String) -> Result<Queue, Error> {
        self.ask(Cause::current(), |reply| Command::Move(id, index, etag, reply)).await
    }

    /// Takes an item out; when it is the current one, the next plays.
    ///
    /// # Errors
    /// As [`Player::move_item`].
    pub async fn remove_item(&self, id: String, etag: String) -> Result<Queue, Error> {
        self.ask(Cause::current(), |reply| Command::Remove(id, etag, reply)).await
    }

    /// Empties the queue except for the current item; answers the queue and what was taken out.
    ///
    /// # Errors
    /// [`Error::EtagMismatch`].
    pub async fn clear_queue(&self, etag: String) -> Result<(Queue, Vec<QueueItem>), Error> {
        self.ask(Cause::current(), |reply| Command::Clear(etag, reply)).await
    }

    /// Lists what can be selected, the active one marked.
    pub async fn outputs(&self) -> Vec<Output> {
        let state = self.audio.outputs().borrow().clone();
        let mut outputs: Vec<OutputDescription> = self.audio.list_outputs().await;
        match (&state.active, outputs.iter_mut().find(|one| Some(&one.name) == state.active.as_ref().map(|a| &a.name)))
        {
            (Some(active), Some(listed)) => listed.clone_from(active),
            (Some(active), None) => outputs.insert(0, active.clone()),
            (None, _) => {}
        }
        outputs.iter().map(|output| announce::output(output, &state)).collect()
    }

    /// Plays through another output from now on, and keeps the choice.
    ///
    /// # Errors
    /// [`Error::Audio`] or [`Error::Settings`], and then the old one plays on.
    pub async fn set_output(&self, name: String) -> Result<Playback, Error> {
        let cause = Cause::current();
        self.ask(cause.clone(), Command::ExpectOutput).await?;
        let before = self.audio.outputs().borrow().wanted.clone();
        let mut outcome = self.audio.select(&name).await.map(drop).map_err(Error::from);
        if outcome.is_ok()
            && let Err(failure) = (self.keep_output)(name, cause.clone()).await
        {
            outcome = self.audio.select(&before).await.map(drop).map_err(Error::from);
            outcome = outcome.and(Err(Error::Settings(failure)));
        }
        let playback = self.ask(cause, Command::OutputSettled).await?;
        outcome.map(|()| playback)
    }

    async fn ask<T>(&self, cause: Cause, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        self.commands.send((command(reply), cause)).await.map_err(|_| Error::Closed)?;
        answer.await.map_err(|_| Error::Closed)?
    }
}

#[cfg(test)]
mod tests;
