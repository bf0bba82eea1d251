//! Which request ids were ever used: a filter in memory that answers "never" without reading the disk.
//!
//! A Bloom filter of 512 KiB. It forgets nothing while the daemon runs, so it is never wrong about a
//! new id; after 400,000 ids one new id in eighty is looked up on disk all the same.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures_util::{Stream, TryStreamExt};
use tracing::warn;

use crate::storage;

/// The words of the filter, a power of two.
const WORDS: usize = 1 << 16;

/// The ids that were used, about.
#[derive(Debug)]
pub(super) struct Known {
    words: Box<[AtomicU64]>,
    /// Whether it holds everything that the disk does.
    complete: AtomicBool,
}

impl Known {
    /// Nothing is known yet, so every id may have been used.
    pub fn new() -> Self {
        Self { words: (0..WORDS).map(|_| AtomicU64::new(0)).collect(), complete: AtomicBool::new(false) }
    }

    /// Learns the ids on disk. Until it has, or when it cannot, every id is looked up there.
    pub async fn learn(&self, stored: impl Stream<Item = Result<String, storage::Error>>) {
        let learned = stored.try_for_each(|id| {
            self.note(&id);
            std::future::ready(Ok(()))
        });
        match learned.await {
            Ok(()) => self.complete.store(true, Ordering::Release),
            Err(error) => warn!(%error, "the request ids cannot be read: commands with one will be slower"),
        }
    }

    /// Notes an id and tells whether it certainly was never used before.
    pub fn is_new(&self, id: &str) -> bool {
        let complete = self.complete.load(Ordering::Acquire);
        self.note(id) && complete
    }

    /// Sets the bits of an id; whether one of them was not set.
    fn note(&self, id: &str) -> bool {
        let hash = blake3::hash(id.as_bytes());
        let mut changed = false;
        for part in hash.as_bytes().chunks_exact(8).take(4) {
            let part = u64::from_le_bytes(part.try_into().expect("eight bytes"));
            #[allow(clippy::cast_possible_truncation, reason = "any bits of a hash are as good")]
            let (word, bit) = ((part >> 6) as usize % WORDS, 1 << (part & 63));
            changed |= self.words[word].fetch_or(bit, Ordering::AcqRel) & bit == 0;
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_and_only_after_the_disk_was_read() {
        let known = Known::new();
        assert!(!known.is_new("before"));
        known.complete.store(true, Ordering::Release);
        assert!(!known.is_new("before"));
        assert!(known.is_new("after"));
        assert!(!known.is_new("after"));
    }

    #[test]
    fn few_of_many_new_ids_are_taken_for_used_ones() {
        let known = Known::new();
        known.complete.store(true, Ordering::Release);
        let wrong = (0..100_000).filter(|number| !known.is_new(&number.to_string())).count();
        assert!(wrong < 100, "{wrong}");
    }
}
