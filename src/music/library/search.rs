//! Finding tracks by words that may have gaps and small mistakes.

use std::{cmp::Ordering, sync::Arc};

use nucleo_matcher::{Config, Matcher, Utf32Str, chars::normalize};

use super::index::{File, Index};

/// Is how well the words must fit on average to be a candidate.
const LEAST_SCORE: f64 = 0.55;
/// Is how well each single word must fit to count at all.
const LEAST_WORD: f64 = 0.45;

/// Is a candidate.
pub struct Found {
    /// Is the file.
    pub file: Arc<File>,
    /// Is how well it fits, 0 to 1, where 1 is the query word by word.
    pub score: f64,
}

/// Ranks the tracks that fit the words, best first; equal ones by how near the title is to the query.
pub fn search(index: &Index, query: &str, limit: usize) -> Vec<Found> {
    let wanted = words(query);
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let rank = |file: &Arc<File>| {
        let score = score(&mut matcher, &wanted, file);
        (score >= LEAST_SCORE).then(|| Found { file: file.clone(), score })
    };
    let mut found: Vec<Found> = index.playable().iter().filter_map(rank).collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| shorter_title(a, b)));
    found.truncate(limit);
    found
}

fn shorter_title(a: &Found, b: &Found) -> Ordering {
    a.file.track.title.chars().count().cmp(&b.file.track.title.chars().count())
}

fn score(matcher: &mut Matcher, wanted: &[String], file: &File) -> f64 {
    let track = &file.track;
    let stem = file.path.file_stem().unwrap_or_default().to_string_lossy();
    // A word in the title weighs as much as one in the artist; the others break ties.
    let fields =
        [(&*track.title, 1.0), (&track.artist, 1.0), (&track.album, 0.97), (&track.genre, 0.95), (&stem, 0.95)];
    let fields: Vec<(Vec<String>, f64)> = fields.map(|(text, weight)| (words(text), weight)).into();
    let total: f64 = wanted
        .iter()
        .map(|word| {
            let best = fields.iter().flat_map(|(there, weight)| there.iter().map(move |one| (one, weight)));
            let best = best.map(|(one, weight)| similarity(matcher, word, one) * weight).fold(0.0, f64::max);
            if best >= LEAST_WORD { best } else { 0.0 }
        })
        .sum();
    total / wanted.len() as f64
}

/// Is how alike two words are, 0 to 1: the same, a beginning, a few wrong letters, or letters left out.
fn similarity(matcher: &mut Matcher, wanted: &str, there: &str) -> f64 {
    if wanted == there {
        return 1.0;
    }
    let (length, other) = (wanted.chars().count(), there.chars().count());
    if there.starts_with(wanted) {
        return 0.75 + 0.2 * length as f64 / other as f64;
    }
    if length < 3 {
        return 0.0;
    }
    let mistakes = distance(wanted, there);
    if mistakes <= length.max(other) / 3 {
        return 0.95 - 0.9 * mistakes as f64 / length.max(other) as f64;
    }
    let (mut here, mut full) = (Vec::new(), Vec::new());
    let needle = Utf32Str::new(wanted, &mut here);
    let best = f64::from(matcher.fuzzy_match(needle, needle).unwrap_or(u16::MAX));
    let score = matcher.fuzzy_match(Utf32Str::new(there, &mut full), needle).map_or(0.0, f64::from);
    0.7 * score / best
}

/// Counts the letters that are wrong, missing, too many or swapped (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let substituted = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = substituted.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

/// Is a text as words in small letters without accents. Words are cut at 40 letters.
fn words(text: &str) -> Vec<String> {
    let simple = text.chars().flat_map(|letter| normalize(letter).to_lowercase()).filter(|letter| *letter != '\'');
    let simple: String = simple.collect();
    let words = simple.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word.chars().take(40).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::proto::Track;

    fn library() -> Index {
        let tracks = [
            ("Lapti Nek", "Max Rebo", "Palace"),
            ("Mad About Me", "Figrin D'an", "Cantina"),
            ("Cantina Band", "Figrin D'an", "Cantina"),
            ("Café del Mar", "Énergie", "Ibiza"),
        ];
        let files = tracks.iter().map(|(title, artist, album)| {
            let path = std::path::PathBuf::from(format!("/m/{title}.mp3"));
            let track = Track {
                id: (*title).into(),
                title: (*title).into(),
                artist: (*artist).into(),
                album: (*album).into(),
                ..Track::default()
            };
            (path.clone(), Arc::new(File { path, size: 0, modified_ns: 0, track: Arc::new(track) }))
        });
        Index::new(files.collect())
    }

    fn titles(query: &str) -> Vec<String> {
        search(&library(), query, 10).into_iter().map(|found| found.file.track.title.clone()).collect()
    }

    #[test]
    fn the_query_word_by_word_scores_one_and_comes_first() {
        let found = search(&library(), "cantina band", 10);
        assert_eq!((found[0].file.track.title.as_str(), found[0].score), ("Cantina Band", 1.0));
    }

    #[test]
    fn small_mistakes_gaps_accents_and_order_are_forgiven() {
        for query in ["lapti nekk", "lpati nek", "nek lapti", "lap", "max rbo", "rebo lapti"] {
            assert_eq!(titles(query)[0], "Lapti Nek", "{query}");
        }
        assert_eq!(titles("cafe energie")[0], "Café del Mar");
        assert_eq!(titles("figrin dan mad")[0], "Mad About Me");
    }

    #[test]
    fn nothing_is_substituted() {
        assert!(titles("bohemian rhapsody").is_empty());
        assert!(titles("!!!").is_empty());
    }
}
