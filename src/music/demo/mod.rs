//! Demo music for a machine that has none: six short pieces in six styles, composed for this
//! program, synthesised on the spot, with tags and covers. The same program always makes the same
//! files.

mod cover;
mod drum;
mod instrument;
mod render;
mod score;
mod songs;
mod sounds;
mod space;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use flac_codec::{
    encode::{FlacSampleWriter, Options},
    metadata::{Picture, PictureType},
};

use score::Song;
use songs::SONGS;

/// Says why the demo music could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder or a file in it cannot be written.
    #[error("{path} cannot be written: {source}")]
    Write {
        /// Is the folder or the file.
        path: PathBuf,
        /// Is what the system says.
        source: io::Error,
    },
    /// A song could not be measured, drawn or encoded: a defect of this program.
    #[error("{title} could not be made: {what}")]
    Make {
        /// Is the title of the song.
        title: &'static str,
        /// Is what went wrong.
        what: String,
    },
}

/// One step of [`make`].
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Counts the files that are done.
    pub done: usize,
    /// Counts all files.
    pub total: usize,
    /// Is the file that has just been made, or was there already.
    pub path: &'a Path,
}

/// Writes the demo music into a folder, which is made if needed, and answers the files.
///
/// A file that exists is left as it is. A file appears under its name only when it is complete.
/// Two songs are made at a time, each of which takes about 150 MB of memory meanwhile.
pub fn make(folder: &Path, mut progress: impl FnMut(Progress<'_>)) -> Result<Vec<PathBuf>, Error> {
    fs::create_dir_all(folder).map_err(|source| Error::Write { path: folder.to_owned(), source })?;
    let path = |i: usize, s: &Song| folder.join(format!("{:02} {} - {}.flac", i + 1, s.artist, s.title));
    let files: Vec<_> = SONGS.into_iter().enumerate().map(|(i, song)| (song, path(i, song))).collect();
    let next = AtomicUsize::new(0);
    let (finished, results) = mpsc::channel();
    thread::scope(|scope| {
        let (next, songs) = (&next, &files);
        for finished in [finished.clone(), finished] {
            scope.spawn(move || {
                while let Some((song, path)) = songs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if finished.send(write(song, path).map(|()| path)).is_err() {
                        break;
                    }
                }
            });
        }
        for (index, result) in results.iter().enumerate() {
            let path = result.inspect_err(|_| next.store(files.len(), Ordering::Relaxed))?;
            progress(Progress { done: index + 1, total: files.len(), path });
        }
        Ok(())
    })?;
    Ok(files.iter().map(|(_, path)| path.clone()).collect())
}

fn write(song: &Song, path: &Path) -> Result<(), Error> {
    if path.exists() {
        return Ok(());
    }
    let temporary = path.with_extension("part");
    fs::write(&temporary, encode(song)?)
        .and_then(|()| fs::rename(&temporary, path))
        .map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// Renders a song and packs it as FLAC, 16 bit, with tags and cover.
fn encode(song: &Song) -> Result<Vec<u8>, Error> {
    let broken = |what: String| Error::Make { title: song.title, what };
    let frames = render::render(song).map_err(|e| broken(e.to_string()))?;
    let cover = cover::draw(song.title).ok_or_else(|| broken("the cover cannot be drawn".to_owned()))?;
    let picture = Picture::new(PictureType::FrontCover, "", cover).map_err(|e| broken(e.to_string()))?;
    let options = Options::default()
        .tag("TITLE", song.title)
        .tag("ARTIST", song.artist)
        .tag("ALBUM", song.album)
        .tag("GENRE", song.genre)
        .tag("DATE", song.year)
        .tag("TRACKNUMBER", song.number)
        .tag("BPM", song.bpm)
        .tag("INITIALKEY", song.key)
        .tag("COMMENT", "Made by cantinad make-demo-music")
        .picture(picture);
    let mut file = io::Cursor::new(Vec::new());
    FlacSampleWriter::new(&mut file, options, song.rate, 16, 2, Some(frames.len() as u64 * 2))
        .and_then(|mut writer| {
            for block in frames.chunks(4096) {
                let samples = block.as_flattened().iter().map(|s| (s * 32_767.0) as i32);
                writer.write(&samples.collect::<Vec<_>>())?;
            }
            writer.finalize()
        })
        .map_err(|e| broken(e.to_string()))?;
    Ok(file.into_inner())
}

#[cfg(test)]
mod tests;
