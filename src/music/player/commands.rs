//! What plays: start, hold, stop, skip, seek, volume.

use std::time::Duration;

use super::{
    actor::{Actor, Ahead},
    announce::{End, missing},
    playing::{Opened, Playing},
    queueing::place,
};
use crate::{
    audio::Bus,
    call::Cause,
    music::{
        Error, Volume,
        library::duration,
        proto::{
            EndReason, Playback, QueueInsertion, QueueItem, VolumeChanged, play_request::Target, queue_changed::Change,
        },
    },
};

/// Is how long a track plays before Previous goes to its own start.
const RESTART_AFTER: Duration = Duration::from_secs(3);

/// Is the deck that takes over from one.
fn other(deck: Bus) -> Bus {
    if deck == Bus::DeckA { Bus::DeckB } else { Bus::DeckA }
}

impl Actor {
    pub(super) async fn play(
        &mut self,
        target: Option<Target>,
        start: Duration,
        cause: &Cause,
    ) -> Result<Playback, Error> {
        match target {
            Some(Target::TrackId(id)) => self.play_track(&id, start, cause).await,
            Some(Target::QueueItemId(id)) => {
                let item = self.queue.item(&id)?.clone();
                self.play_item(item, start, EndReason::Replaced, cause).await
            }
            None if self.playing.as_ref().is_some_and(|playing| playing.paused) && start.is_zero() => {
                self.resume(cause).await
            }
            None => {
                let item = self.queue.current().or_else(|| self.queue.first()).ok_or(Error::QueueEmpty)?.clone();
                self.play_item(item, start, EndReason::Replaced, cause).await
            }
        }
    }

    /// Plays a track that need not be in the queue: the first item with it behind the current one, or
    /// a new item there.
    async fn play_track(&mut self, id: &str, start: Duration, cause: &Cause) -> Result<Playback, Error> {
        let track = self.library.track(id)?;
        let queued = self.queue.with_track(id).cloned();
        if let Some(item) = queued {
            return self.play_item(item, start, EndReason::Replaced, cause).await;
        }
        let (before, behind) = (self.queue.clone(), self.queue.behind());
        let (index, items) = self.queue.insert(Some(behind), vec![track])?;
        let opened = match self.open(items[0].clone(), start).await {
            Ok(opened) => opened,
            Err(error) => {
                self.queue = before;
                return Err(error);
            }
        };
        let change = Change::Inserted(QueueInsertion { index: place(index), items });
        let commit = self.tell_queue(self.commit(cause), before.etag().to_owned(), change);
        commit.send();
        self.begin(opened, End::of(EndReason::Replaced), cause).await
    }

    async fn play_item(
        &mut self,
        item: QueueItem,
        start: Duration,
        reason: EndReason,
        cause: &Cause,
    ) -> Result<Playback, Error> {
        let opened = self.open(item, start).await?;
        self.begin(opened, End::of(reason), cause).await
    }

    /// Opens an item on the deck that does not play.
    async fn open(&mut self, item: QueueItem, start: Duration) -> Result<Opened, Error> {
        let id = item.track.as_ref().map(|track| track.id.clone()).unwrap_or_default();
        let file = self.library.index().file(&id).map_err(|_| missing(&item))?;
        Opened::open(item, &file, start, other(self.deck)).await
    }

    /// Starts what was opened in place of what plays, and tells when the output has taken it.
    async fn begin(&mut self, opened: Opened, end: End, cause: &Cause) -> Result<Playback, Error> {
        let item_id = opened.item().id.clone();
        if let Some(playing) = &self.playing {
            playing.end_sound(&self.audio, self.fade_frames)?;
        }
        let begun = opened.play(&self.audio, self.fade_frames)?;
        self.deck = other(self.deck);
        self.ahead = None;
        let ended = self.playing.replace(begun);
        if let Some(playing) = &self.playing {
            playing.begun(&self.audio).await?;
        }
        let mut commit = self.commit(cause);
        if let Some(ended) = &ended {
            commit = self.tell_end(commit, ended, &end);
        }
        commit = self.tell_current(commit, &item_id);
        commit = self.tell_start(commit);
        Ok(self.send(commit))
    }

    pub(super) async fn pause(&mut self, cause: &Cause) -> Result<Playback, Error> {
        let playing = self.playing.as_mut().ok_or(Error::NothingPlaying)?;
        if playing.paused {
            return Ok(self.playback());
        }
        playing.hold(&self.audio, self.fade_frames).await?;
        Ok(self.announce_change(cause))
    }

    pub(super) async fn resume(&mut self, cause: &Cause) -> Result<Playback, Error> {
        let playing = self.playing.as_mut().ok_or(Error::NothingPlaying)?;
        if !playing.paused {
            return Ok(self.playback());
        }
        if playing.sound.is_some() {
            playing.release(&self.audio, self.fade_frames).await?;
        } else {
            self.sound_at(self.held_position()).await?;
        }
        Ok(self.announce_change(cause))
    }

    fn held_position(&self) -> Duration {
        self.playing.as_ref().map(Playing::position).unwrap_or_default()
    }

    /// Opens the current track anew at a position and goes on there.
    async fn sound_at(&mut self, position: Duration) -> Result<(), Error> {
        let playing = self.playing.as_ref().ok_or(Error::NothingPlaying)?;
        let item = QueueItem { id: playing.item_id.clone(), track: Some(playing.track.clone()) };
        let opened = self.open(item, position).await?;
        let playing = self.playing.as_mut().ok_or(Error::NothingPlaying)?;
        playing.take_sound(opened, &self.audio, self.fade_frames)?;
        self.deck = other(self.deck);
        playing.begun(&self.audio).await
    }

    pub(super) async fn stop(&mut self, cause: &Cause) -> Result<Playback, Error> {
        self.ahead = None;
        let Some(ended) = self.playing.take() else { return Ok(self.playback()) };
        ended.end_sound(&self.audio, self.fade_frames)?;
        if let Some(sound) = &ended.sound {
            self.audio.until(super::playing::TAKING, || sound.voice.is_over()).await?;
        }
        let commit = self.tell_end(self.commit(cause), &ended, &End::of(EndReason::Stopped));
        Ok(self.send(commit))
    }

    pub(super) async fn next(&mut self, cause: &Cause) -> Result<Playback, Error> {
        let opened = self.open_first(self.queue.behind_current().to_vec(), cause).await?;
        self.begin(opened, End::of(EndReason::Skipped), cause).await
    }

    pub(super) async fn previous(&mut self, cause: &Cause) -> Result<Playback, Error> {
        let current = self.queue.current().or_else(|| self.queue.first()).ok_or(Error::QueueEmpty)?.clone();
        let early = self.playing.as_ref().is_none_or(|playing| playing.position() <= RESTART_AFTER);
        let before = self.queue.before_current().filter(|_| early).cloned();
        self.play_item(before.unwrap_or(current), Duration::ZERO, EndReason::Skipped, cause).await
    }

    /// Opens the first of some items that can be opened, and tells of those that cannot.
    async fn open_first(&mut self, items: Vec<QueueItem>, cause: &Cause) -> Result<Opened, Error> {
        let mut failure = Error::QueueEmpty;
        for item in items {
            let ready = self.ahead.take_if(|ahead| ahead.item_id == item.id);
            let outcome = match ready.and_then(|ahead| ahead.opened) {
                Some(ahead) => Ok(ahead),
                None => self.open(item.clone(), Duration::ZERO).await,
            };
            match outcome {
                Ok(opened) => return Ok(opened),
                Err(error) => failure = self.tell_failed(&item, error, cause),
            }
        }
        Err(failure)
    }

    /// Tells that an item could not be played; answers an error for the caller.
    fn tell_failed(&mut self, item: &QueueItem, error: Error, cause: &Cause) -> Error {
        let failed = Playing::held(item, Duration::ZERO);
        let again = missing(item);
        let end = End { reason: EndReason::Failed, error: Some(error) };
        let commit = self.tell_end(self.commit(cause), &failed, &end);
        self.send(commit);
        end.error.unwrap_or(again)
    }

    /// Opens the next track before it is needed, once. A failure is told when its turn comes.
    pub(super) async fn open_ahead(&mut self) {
        let Some(next) = self.queue.behind_current().first().cloned() else { return };
        if self.ahead.as_ref().is_none_or(|ahead| ahead.item_id != next.id) {
            let item_id = next.id.clone();
            let opened = self.open(next, Duration::ZERO).await.ok();
            self.ahead = Some(Ahead { item_id, opened });
        }
    }

    /// Goes on with the next track when one has ended by itself, or stops behind the last.
    pub(super) async fn go_on(&mut self) {
        let cause = Cause::daemon("music");
        let failure = self.playing.as_ref().and_then(Playing::failure);
        let reason = if failure.is_some() { EndReason::Failed } else { EndReason::Finished };
        let end = End { reason, error: failure };
        let begun = match self.open_first(self.queue.behind_current().to_vec(), &cause).await {
            Ok(opened) => self.begin(opened, end, &cause).await,
            Err(_) => Ok(self.stop_behind_last(&end, &cause)),
        };
        if let Err(error) = begun {
            tracing::warn!(%error, "the next track could not be started");
            self.stop_behind_last(&End { reason: EndReason::Failed, error: Some(error) }, &cause);
        }
    }

    fn stop_behind_last(&mut self, end: &End, cause: &Cause) -> Playback {
        let Some(ended) = self.playing.take() else { return self.playback() };
        let commit = self.tell_end(self.commit(cause), &ended, end);
        let commit = self.tell_current(commit, "");
        self.send(commit)
    }

    pub(super) async fn seek(&mut self, to: Duration, playback_id: &str, cause: &Cause) -> Result<Playback, Error> {
        let playing = self.playing.as_mut().ok_or(Error::NothingPlaying)?;
        if !playback_id.is_empty() && playback_id != playing.playback_id {
            return Err(Error::NothingPlaying);
        }
        if let Some(length) = duration(&playing.track).filter(|length| to >= *length) {
            return Err(Error::SeekOutOfRange(length));
        }
        if playing.paused {
            playing.hold_at(to, &self.audio, self.fade_frames)?;
        } else {
            self.sound_at(to).await?;
        }
        if let Some(playing) = &mut self.playing {
            playing.ending_announced = false;
        }
        Ok(self.announce_change(cause))
    }

    pub(super) fn set_volume(&mut self, volume: Volume, cause: &Cause) -> Result<Playback, Error> {
        let previous_volume = self.volume.ratio();
        self.turn(volume);
        let event = VolumeChanged { volume: volume.ratio(), previous_volume };
        let commit = self.commit(cause).event(event).resource("playback");
        Ok(self.send(commit))
    }
}
