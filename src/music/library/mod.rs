//! The music library: what lies in the music folders, in memory and on disk.

mod content;
mod index;
mod owner;
mod scan;
mod search;
mod tags;

use std::{path::PathBuf, sync::Arc};

use tokio::sync::{mpsc, oneshot, watch};

pub use index::{File, Index, Page, duration};
pub use search::Found;

use super::{Error, store};
use crate::{
    call::Cause,
    context::Context,
    music::proto::{Library as LibraryMessage, ListTracksRequest, Track},
};

const DEFAULT_RESULTS: usize = 20;

/// Uses the library; clones are cheap.
#[derive(Clone)]
pub struct Library {
    index: watch::Receiver<Arc<Index>>,
    commands: mpsc::Sender<owner::Rescan>,
}

impl Library {
    /// Reads what is stored and starts a scan of the folders in the background; another one starts
    /// whenever the folders change.
    ///
    /// # Errors
    /// [`Error::Storage`] when the database cannot be read.
    pub async fn start(context: &Context, folders: watch::Receiver<Vec<PathBuf>>) -> Result<Self, Error> {
        let files = store::load_files(context.database().reader()).await?;
        let files = files.into_iter().map(|file| (file.path.clone(), Arc::new(file))).collect();
        let (publish, index) = watch::channel(Arc::new(Index::new(files)));
        let (commands, inbox) = mpsc::channel(16);
        let owner = owner::Owner::new(context, folders, publish);
        context.spawn("music library", owner.run(inbox));
        Ok(Self { index, commands })
    }

    /// Is all tracks at this moment.
    #[must_use]
    pub fn index(&self) -> Arc<Index> {
        self.index.borrow().clone()
    }

    /// Follows the tracks.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<Arc<Index>> {
        self.index.clone()
    }

    /// Finds a track.
    ///
    /// # Errors
    /// [`Error::TrackUnknown`].
    pub fn track(&self, track_id: &str) -> Result<Track, Error> {
        Ok((*self.index().file(track_id)?.track).clone())
    }

    /// Lists tracks, page by page.
    ///
    /// # Errors
    /// [`Error::PageTokenInvalid`].
    pub fn list(&self, request: &ListTracksRequest) -> Result<Page, Error> {
        self.index().list(request)
    }

    /// Ranks the tracks that fit the words, best first; 0 asks for as many as are usual.
    pub async fn search(&self, query: String, limit: i32) -> Vec<Found> {
        let index = self.index();
        let limit = usize::try_from(limit).ok().filter(|limit| *limit > 0).unwrap_or(DEFAULT_RESULTS);
        let search = move || search::search(&index, &query, limit);
        tokio::task::spawn_blocking(search).await.unwrap_or_default()
    }

    /// Reads the cover of a track: its media type and its bytes.
    ///
    /// # Errors
    /// [`Error::TrackUnknown`] and [`Error::ArtworkAbsent`].
    pub async fn artwork(&self, track_id: &str) -> Result<(String, Vec<u8>), Error> {
        let file = self.index().file(track_id)?;
        let read = tokio::task::spawn_blocking(move || tags::read_artwork(&file.path)).await;
        read.ok().flatten().ok_or_else(|| Error::ArtworkAbsent(track_id.to_owned()))
    }

    /// Scans the folders now. Answers the library, and whether a scan was under way already.
    ///
    /// # Errors
    /// [`Error::LibraryUnavailable`] when no folder can be read.
    pub async fn rescan(&self, cause: Cause) -> Result<(LibraryMessage, bool), Error> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(owner::Rescan { cause, reply }).await.map_err(|_| Error::Closed)?;
        answer.await.map_err(|_| Error::Closed)?
    }
}

#[cfg(test)]
mod tests;
