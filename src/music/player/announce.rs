//! What the player tells the world, and keeps on disk in the same transaction.

use std::time::Duration;

use super::{actor::Actor, playing::Playing};
use crate::{
    audio::{OutputDescription, OutputKind, OutputState},
    call::Cause,
    clock::proto_duration,
    error::Explain,
    event::Commit,
    music::{
        Error,
        library::duration,
        proto::{
            self, EndReason, Output, OutputChanged, Playback, PlaybackChanged, PlaybackState, Position, QueueChanged,
            QueueCurrent, QueueItem, TrackEndingSoon, TrackFinished, TrackStarted, queue_changed::Change,
        },
        store::{self, Remembered},
    },
    pb::{
        cantina::event::v1::{EventSeverity, snapshot_part::Part},
        registry::producer,
    },
};

/// Is a commit of music's events.
pub type MusicCommit = Commit<producer::Music>;

/// Is an output as a message.
pub fn output(output: &OutputDescription, state: &OutputState) -> Output {
    let active = state.active.as_ref().is_some_and(|active| active.name == output.name);
    let kind = match output.kind {
        OutputKind::Device => proto::OutputKind::Device,
        OutputKind::Null => proto::OutputKind::Null,
        OutputKind::Wav => proto::OutputKind::Wav,
    };
    Output {
        name: output.name.clone(),
        display_name: output.display_name.clone(),
        kind: kind.into(),
        active,
        fallback: active && state.is_fallback(),
        sample_rate_hz: output.sample_rate_hz,
        latency: output.latency.map(proto_duration),
    }
}

/// Is how a playing ended.
pub struct End {
    /// Says why.
    pub reason: EndReason,
    /// Says what went wrong.
    pub error: Option<Error>,
}

impl End {
    /// Is an end without an error.
    pub fn of(reason: EndReason) -> Self {
        Self { reason, error: None }
    }
}

impl Actor {
    /// Is the player at this moment.
    pub fn playback(&self) -> Playback {
        let state = self.audio.outputs().borrow().clone();
        let active = state.active.as_ref();
        let latency = active.and_then(|active| active.latency).unwrap_or_default();
        let playing = self.playing.as_ref();
        let playback_state = match playing {
            None => PlaybackState::Stopped,
            Some(playing) if playing.paused => PlaybackState::Paused,
            Some(_) => PlaybackState::Playing,
        };
        Playback {
            state: playback_state.into(),
            playback_id: playing.map(|playing| playing.playback_id.clone()).unwrap_or_default(),
            queue_item_id: playing.map(|playing| playing.item_id.clone()).unwrap_or_default(),
            track: playing.map(|playing| playing.track.clone()),
            position: playing.map(|playing| self.position(playing, latency)),
            volume: self.volume.ratio(),
            output: active.map(|active| output(active, &state)),
        }
    }

    fn position(&self, playing: &Playing, latency: Duration) -> Position {
        Position {
            position: Some(proto_duration(playing.heard(latency))),
            rate: if playing.paused { 0.0 } else { 1.0 },
            as_of: Some(self.clock.now()),
            duration: duration(&playing.track).map(proto_duration),
        }
    }

    /// Begins a commit.
    pub fn commit(&self, cause: &Cause) -> MusicCommit {
        self.publisher.commit(cause)
    }

    /// Sends a commit with the player as it is now, for the snapshot, for the disk and for those who
    /// follow.
    pub fn send(&mut self, commit: MusicCommit) -> Playback {
        let playback = self.playback();
        let write = store::put_player(self.remembered());
        commit.part(Part::Playback(playback.clone())).write(write).send();
        self.remembered_at = tokio::time::Instant::now();
        self.published.send_replace(playback.clone());
        playback
    }

    /// Keeps the position, without an event.
    pub fn remember(&mut self) {
        self.send(self.commit(&Cause::daemon("music")));
    }

    fn remembered(&self) -> Remembered {
        Remembered {
            playing: self.playing.is_some(),
            item_id: self.queue.current_id().to_owned(),
            playback_id: self.playing.as_ref().map(|playing| playing.playback_id.clone()).unwrap_or_default(),
            position: self.playing.as_ref().map(Playing::position).unwrap_or_default(),
            volume: self.volume,
        }
    }

    /// Tells that state or position changed.
    pub fn announce_change(&mut self, cause: &Cause) -> Playback {
        let event = PlaybackChanged { playback: Some(self.playback()) };
        let commit = self.commit(cause).event(event).resource("playback");
        self.send(commit)
    }

    /// Adds the end of a playing to a commit. Call it when the player is as it is afterwards.
    pub fn tell_end(&self, commit: MusicCommit, ended: &Playing, end: &End) -> MusicCommit {
        let event = TrackFinished {
            playback_id: ended.playback_id.clone(),
            track: Some(ended.track.clone()),
            end_reason: end.reason.into(),
            position: Some(proto_duration(ended.position())),
            error: end.error.as_ref().map(|error| error.failure().to_status()),
            playback: Some(self.playback()),
        };
        let severity = if end.error.is_some() { EventSeverity::Warning } else { EventSeverity::Info };
        commit.event(event).resource(format!("tracks/{}", ended.track.id)).severity(severity)
    }

    /// Adds the start of what plays now to a commit.
    pub fn tell_start(&self, commit: MusicCommit) -> MusicCommit {
        let playback = self.playback();
        let resource = format!("tracks/{}", playback.track.as_ref().map_or("", |track| &track.id));
        commit.event(TrackStarted { playback: Some(playback) }).resource(resource)
    }

    /// Adds a change of the queue to a commit, with the queue for the snapshot and for the disk.
    pub fn tell_queue(&self, commit: MusicCommit, previous_etag: String, change: Change) -> MusicCommit {
        let queue = self.queue.message();
        let event = QueueChanged {
            previous_etag,
            etag: queue.etag.clone(),
            current_item_id: queue.current_item_id.clone(),
            item_count: u32::try_from(queue.items.len()).unwrap_or(u32::MAX),
            change: Some(change),
        };
        let write = store::put_queue(&queue);
        commit.event(event).resource("queue").part(Part::Queue(queue)).write(write)
    }

    /// Makes an item the current one and adds that to a commit, when it is another one.
    pub fn tell_current(&mut self, commit: MusicCommit, item_id: &str) -> MusicCommit {
        if self.queue.current_id() == item_id {
            return commit;
        }
        self.queue.set_current(item_id);
        let etag = self.queue.etag().to_owned();
        self.tell_queue(commit, etag, Change::Current(QueueCurrent {}))
    }

    /// Tells that the near end of what plays is in sight.
    pub fn announce_ending(&mut self, remaining: Duration) {
        let Some(playing) = &mut self.playing else { return };
        playing.ending_announced = true;
        let event = TrackEndingSoon {
            playback_id: playing.playback_id.clone(),
            remaining: Some(proto_duration(remaining)),
            next: self.queue.behind_current().first().cloned(),
        };
        let resource = format!("tracks/{}", playing.track.id);
        let commit = self.commit(&Cause::daemon("music")).event(event).resource(resource);
        self.send(commit);
    }

    /// Tells which output plays, when it is another one than was told last.
    pub fn announce_output(&mut self, cause: &Cause) -> Playback {
        let state = self.audio.outputs().borrow_and_update().clone();
        let now = (state.active.clone(), state.problem.clone());
        if now == self.told_output {
            return self.playback();
        }
        let first = self.told_output.0.is_none() && state.problem.is_none();
        let (previous, _) = std::mem::replace(&mut self.told_output, now);
        if first {
            return self.send(self.commit(cause));
        }
        let severity = if state.is_fallback() { EventSeverity::Warning } else { EventSeverity::Info };
        let event = OutputChanged {
            output: state.active.as_ref().map(|active| output(active, &state)),
            previous_output: previous.map(|previous| Output { active: false, ..output(&previous, &state) }),
            problem: state.problem.as_ref().map(|problem| problem.failure().to_status()),
        };
        let commit = self.commit(cause).event(event).resource("output").severity(severity);
        self.send(commit)
    }
}

/// Is the file of an item, for the error when it is gone from the library.
pub fn missing(item: &QueueItem) -> Error {
    let track = item.track.as_ref().map(|track| track.title.clone()).unwrap_or_default();
    Error::TrackUnreadable { track, detail: "it is no longer in the library".into() }
}
