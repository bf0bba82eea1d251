//! What can go wrong with music, and which row of the catalogue it is.

use std::time::Duration;

use super::decode;
use crate::{
    audio,
    error::{Explain, Failure},
    pb::cantina::error::v1::ErrorReason,
    storage,
};

/// Says why music could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No track has the id.
    #[error("There is no track \"{0}\".")]
    TrackUnknown(String),
    /// The file of a track is gone or may not be read.
    #[error("\"{track}\" cannot be read: {detail}.")]
    TrackUnreadable {
        /// Names the track or its file.
        track: String,
        /// Says what went wrong.
        detail: String,
    },
    /// The file of a track is not audio that can be decoded.
    #[error("\"{track}\" cannot be decoded: {detail}.")]
    TrackUndecodable {
        /// Names the track or its file.
        track: String,
        /// Says what went wrong.
        detail: String,
    },
    /// Nothing is in the queue that could be played.
    #[error("The queue holds nothing to play.")]
    QueueEmpty,
    /// The queue would grow too long.
    #[error("The queue holds at most {0} items.")]
    QueueFull(usize),
    /// No item of the queue has the id.
    #[error("There is no item \"{0}\" in the queue.")]
    QueueItemUnknown(String),
    /// Nothing is playing or paused.
    #[error("Nothing is playing.")]
    NothingPlaying,
    /// The position lies behind the end of the track.
    #[error("The track ends at {:.3} s.", .0.as_secs_f64())]
    SeekOutOfRange(Duration),
    /// The track has no cover.
    #[error("The track \"{0}\" has no cover.")]
    ArtworkAbsent(String),
    /// No music folder can be read.
    #[error("No music folder can be read: {0}.")]
    LibraryUnavailable(String),
    /// The queue changed since the client read it.
    #[error("The queue has changed.")]
    EtagMismatch {
        /// Is the etag of the queue now.
        current: String,
    },
    /// The page token was issued for another request.
    #[error("The page token does not belong to this request.")]
    PageTokenInvalid,
    /// The sound layer could not do its part.
    #[error(transparent)]
    Audio(#[from] audio::Error),
    /// The stored state cannot be read.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// The choice of output could not be kept.
    #[error("The output could not be kept in the settings: {0}")]
    Settings(Failure),
    /// The daemon is on its way down.
    #[error("The player has stopped.")]
    Closed,
}

impl Error {
    /// Tells what a failure to decode means for a track.
    pub(super) fn of_track(track: &str, error: decode::Error) -> Self {
        let track = track.to_owned();
        match error {
            decode::Error::Unreadable(detail) => Self::TrackUnreadable { track, detail },
            decode::Error::Undecodable(detail) => Self::TrackUndecodable { track, detail },
            decode::Error::PastEnd => Self::TrackUndecodable { track, detail: "it ends too early".into() },
        }
    }
}

impl Explain for Error {
    fn failure(&self) -> Failure {
        let failure = |reason| Failure::new(reason, self).component("music");
        match self {
            Self::TrackUnknown(id) => failure(ErrorReason::TrackUnknown).resource("cantina.music.v1.Track", id),
            Self::TrackUnreadable { .. } => failure(ErrorReason::TrackUnreadable),
            Self::TrackUndecodable { .. } => failure(ErrorReason::TrackUndecodable),
            Self::QueueEmpty => failure(ErrorReason::QueueEmpty).precondition("queue"),
            Self::QueueFull(_) => failure(ErrorReason::QueueFull),
            Self::QueueItemUnknown(id) => {
                failure(ErrorReason::QueueItemUnknown).resource("cantina.music.v1.QueueItem", id)
            }
            Self::NothingPlaying => failure(ErrorReason::NothingPlaying).precondition("playback"),
            Self::SeekOutOfRange(duration) => failure(ErrorReason::SeekOutOfRange)
                .fact("duration_s", format!("{:.3}", duration.as_secs_f64()))
                .field("position", "range", self.to_string()),
            Self::ArtworkAbsent(id) => failure(ErrorReason::ArtworkAbsent).resource("artwork", id),
            Self::LibraryUnavailable(_) => failure(ErrorReason::LibraryUnavailable).precondition("music.folders"),
            Self::EtagMismatch { current } => failure(ErrorReason::EtagMismatch).fact("etag", current),
            Self::PageTokenInvalid => {
                failure(ErrorReason::PageTokenInvalid).field("page_token", "issued", self.to_string())
            }
            Self::Audio(error) => error.failure(),
            Self::Storage(error) => error.failure(),
            Self::Settings(inner) => inner.clone(),
            Self::Closed => failure(ErrorReason::ShuttingDown).retry_after(Duration::from_secs(2)),
        }
    }
}
