//! The library in memory: an unchanging picture of all files, sorted once for each order.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use crate::{
    clock,
    music::{
        Error,
        proto::{ListTracksRequest, Track, TrackOrder},
    },
};

const DEFAULT_PAGE_SIZE: usize = 100;

/// Is one file that the library knows.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    /// Is its path.
    pub path: PathBuf,
    /// Is its size in bytes.
    pub size: u64,
    /// Is when it was changed, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// Is what it holds.
    pub track: Arc<Track>,
}

/// Is a page of tracks.
#[derive(Debug, Default)]
pub struct Page {
    /// Are the tracks.
    pub tracks: Vec<Track>,
    /// Asks for the next page; empty at the end.
    pub next_page_token: String,
    /// Counts the tracks of all pages.
    pub total: usize,
}

/// Is all files of the library at one moment. The same content in several files is one track.
#[derive(Debug, Default)]
pub struct Index {
    files: BTreeMap<PathBuf, Arc<File>>,
    by_id: HashMap<String, Arc<File>>,
    playable: Vec<Arc<File>>,
    problems: Vec<Arc<File>>,
    sorted: [OnceLock<Vec<Arc<File>>>; 6],
    etag: String,
}

impl Index {
    /// Makes a picture of files.
    #[must_use]
    pub fn new(files: BTreeMap<PathBuf, Arc<File>>) -> Self {
        let mut index = Self { etag: etag(&files), ..Self::default() };
        for file in files.values() {
            if file.track.problem.is_some() {
                index.problems.push(file.clone());
            } else if !index.by_id.contains_key(&file.track.id) {
                index.playable.push(file.clone());
                index.by_id.insert(file.track.id.clone(), file.clone());
            }
        }
        for file in &index.problems {
            index.by_id.entry(file.track.id.clone()).or_insert_with(|| file.clone());
        }
        index.files = files;
        index
    }

    /// Are all files by path.
    #[must_use]
    pub fn files(&self) -> &BTreeMap<PathBuf, Arc<File>> {
        &self.files
    }

    /// Finds the file of a track.
    ///
    /// # Errors
    /// [`Error::TrackUnknown`].
    pub fn file(&self, track_id: &str) -> Result<Arc<File>, Error> {
        self.by_id.get(track_id).cloned().ok_or_else(|| Error::TrackUnknown(track_id.to_owned()))
    }

    /// Are the tracks that can be played, by path.
    #[must_use]
    pub fn playable(&self) -> &[Arc<File>] {
        &self.playable
    }

    /// Are the files that cannot be played, by path.
    #[must_use]
    pub fn problems(&self) -> &[Arc<File>] {
        &self.problems
    }

    /// Changes with every change of the tracks.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// Is the length of all tracks together.
    #[must_use]
    pub fn total_duration(&self) -> Duration {
        self.playable.iter().filter_map(|file| duration(&file.track)).sum()
    }

    /// Counts the tracks below a folder.
    #[must_use]
    pub fn count_below(&self, folder: &Path) -> usize {
        let below = self.files.range(folder.to_owned()..).take_while(|(path, _)| path.starts_with(folder));
        below.filter(|(_, file)| file.track.problem.is_none()).count()
    }

    /// Lists tracks, page by page.
    ///
    /// # Errors
    /// [`Error::PageTokenInvalid`] for a token of another request.
    pub fn list(&self, request: &ListTracksRequest) -> Result<Page, Error> {
        let offset = read_token(request)?;
        let files = if request.problems_only { &self.problems } else { self.sorted(request.order_by()) };
        let genre = request.genre.to_lowercase();
        let wanted = |file: &&Arc<File>| genre.is_empty() || file.track.genre.to_lowercase() == genre;
        let total = files.iter().filter(wanted).count();
        let page_size = usize::try_from(request.page_size).ok().filter(|size| *size > 0).unwrap_or(DEFAULT_PAGE_SIZE);
        let select = |files: &mut dyn Iterator<Item = &Arc<File>>| -> Vec<Track> {
            files.filter(wanted).skip(offset).take(page_size).map(|file| (*file.track).clone()).collect()
        };
        let tracks = if request.descending { select(&mut files.iter().rev()) } else { select(&mut files.iter()) };
        let next = offset + tracks.len();
        let next_page_token = if next < total { write_token(request, next) } else { String::new() };
        Ok(Page { tracks, next_page_token, total })
    }

    fn sorted(&self, order: TrackOrder) -> &Vec<Arc<File>> {
        let slot = (order as usize).saturating_sub(1).min(self.sorted.len() - 1);
        self.sorted[slot].get_or_init(|| {
            let mut files = self.playable.clone();
            files.sort_by_cached_key(|file| Key::new(order, &file.track));
            files
        })
    }
}

/// Is what tracks are ordered by; equal keys keep the order of the paths.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Words([String; 2], u32, String),
    Number(Reversible, String),
}

/// Is a number that sorts, with those that are not known last.
#[derive(PartialEq, PartialOrd)]
struct Reversible(f64);

impl Eq for Reversible {}

#[expect(clippy::derive_ord_xor_partial_ord, reason = "the numbers are never NaN, so both orders agree")]
impl Ord for Reversible {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Key {
    fn new(order: TrackOrder, track: &Track) -> Self {
        let title = track.title.to_lowercase();
        let number = |number: Option<f64>, title| Self::Number(Reversible(number.unwrap_or(f64::MAX)), title);
        let place = track.track_number.unwrap_or(u32::MAX);
        match order {
            TrackOrder::Unspecified | TrackOrder::Artist => {
                Self::Words([last_if_empty(&track.artist), track.album.to_lowercase()], place, title)
            }
            TrackOrder::Title => Self::Words([title, track.artist.to_lowercase()], 0, String::new()),
            TrackOrder::Album => Self::Words([last_if_empty(&track.album), String::new()], place, title),
            TrackOrder::Duration => number(duration(track).map(|duration| duration.as_secs_f64()), title),
            TrackOrder::CreateTime => {
                let time = track.create_time.as_ref();
                number(time.map(|time| time.seconds as f64 + f64::from(time.nanos) / 1e9), title)
            }
            TrackOrder::Tempo => number(track.tempo_bpm, title),
        }
    }
}

fn last_if_empty(text: &str) -> String {
    if text.is_empty() { char::MAX.to_string() } else { text.to_lowercase() }
}

/// Is the length of a track.
pub fn duration(track: &Track) -> Option<Duration> {
    track.duration.as_ref().and_then(clock::duration)
}

fn etag(files: &BTreeMap<PathBuf, Arc<File>>) -> String {
    let mut hash = blake3::Hasher::new();
    for (path, file) in files {
        hash.update(path.as_os_str().as_encoded_bytes());
        hash.update(file.track.id.as_bytes());
        hash.update(&file.modified_ns.to_le_bytes());
    }
    hash.finalize().to_hex()[..16].to_owned()
}

/// Identifies the request that a token belongs to: everything but the page.
fn request_hash(request: &ListTracksRequest) -> String {
    let text = format!("{} {} {} {}", request.order_by, request.descending, request.genre, request.problems_only);
    blake3::hash(text.as_bytes()).to_hex()[..12].to_owned()
}

fn write_token(request: &ListTracksRequest, offset: usize) -> String {
    format!("{offset}-{}", request_hash(request))
}

fn read_token(request: &ListTracksRequest) -> Result<usize, Error> {
    if request.page_token.is_empty() {
        return Ok(0);
    }
    let parts = request.page_token.split_once('-');
    let offset = parts.filter(|(_, hash)| *hash == request_hash(request)).and_then(|(offset, _)| offset.parse().ok());
    offset.ok_or(Error::PageTokenInvalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(titles: &[(&str, &str, u32)]) -> Index {
        let files = titles.iter().enumerate().map(|(n, (artist, title, number))| {
            let path = PathBuf::from(format!("/music/{n}.mp3"));
            let track = Track {
                id: format!("id{n}"),
                title: (*title).into(),
                artist: (*artist).into(),
                track_number: Some(*number),
                ..Track::default()
            };
            (path.clone(), Arc::new(File { path, size: 1, modified_ns: 1, track: Arc::new(track) }))
        });
        Index::new(files.collect())
    }

    #[test]
    fn pages_join_without_hole_or_overlap() {
        let index = index(&[("b", "1", 1), ("a", "2", 2), ("a", "1", 1), ("", "9", 1), ("C", "0", 0)]);
        let mut request = ListTracksRequest { page_size: 2, ..Default::default() };
        let mut titles = Vec::new();
        loop {
            let page = index.list(&request).unwrap();
            assert_eq!(page.total, 5);
            titles.extend(page.tracks.into_iter().map(|track| format!("{}{}", track.artist, track.title)));
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        assert_eq!(titles, ["a1", "a2", "b1", "C0", "9"]);
    }

    #[test]
    fn a_token_of_another_request_is_refused() {
        let index = index(&[("b", "1", 1), ("a", "2", 2)]);
        let request = ListTracksRequest { page_size: 1, ..Default::default() };
        let page_token = index.list(&request).unwrap().next_page_token;
        let other = ListTracksRequest { page_token: page_token.clone(), descending: true, ..request };
        assert!(matches!(index.list(&other), Err(Error::PageTokenInvalid)));
        let garbage = ListTracksRequest { page_token: "garbage".into(), ..Default::default() };
        assert!(matches!(index.list(&garbage), Err(Error::PageTokenInvalid)));
    }
}
