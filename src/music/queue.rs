//! The queue: what is played in which order. Pure.

use super::{
    Error,
    proto::{Queue as QueueMessage, QueueItem, Track},
};

/// Is how many items the queue holds at most.
pub const MAX_ITEMS: usize = 10_000;

/// Is the queue and its current item.
#[derive(Clone, Debug)]
pub struct Queue {
    items: Vec<QueueItem>,
    current: String,
    etag: String,
}

impl Queue {
    /// Takes a stored queue; a current item that is not in it is forgotten.
    #[must_use]
    pub fn restore(items: Vec<QueueItem>, current: String) -> Self {
        let mut queue = Self { items, current: String::new(), etag: String::new() };
        queue.renew_etag();
        if queue.position(&current).is_ok() {
            queue.current = current;
        }
        queue
    }

    /// Is the queue as a message.
    #[must_use]
    pub fn message(&self) -> QueueMessage {
        QueueMessage { items: self.items.clone(), current_item_id: self.current.clone(), etag: self.etag.clone() }
    }

    /// Changes with every change of the items.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// Is the id of the current item, or empty.
    #[must_use]
    pub fn current_id(&self) -> &str {
        &self.current
    }

    /// Is the current item.
    #[must_use]
    pub fn current(&self) -> Option<&QueueItem> {
        self.items.iter().find(|item| item.id == self.current)
    }

    /// Makes an item the current one, or none with an empty id.
    pub fn set_current(&mut self, id: &str) {
        id.clone_into(&mut self.current);
    }

    /// Finds an item.
    ///
    /// # Errors
    /// [`Error::QueueItemUnknown`].
    pub fn item(&self, id: &str) -> Result<&QueueItem, Error> {
        Ok(&self.items[self.position(id)?])
    }

    /// Is the first item with a track.
    #[must_use]
    pub fn with_track(&self, track_id: &str) -> Option<&QueueItem> {
        self.items.iter().find(|item| item.track.as_ref().is_some_and(|track| track.id == track_id))
    }

    /// Is the first item.
    #[must_use]
    pub fn first(&self) -> Option<&QueueItem> {
        self.items.first()
    }

    /// Are the items behind the current one; all, when none is current.
    #[must_use]
    pub fn behind_current(&self) -> &[QueueItem] {
        &self.items[self.behind()..]
    }

    /// Is the item before the current one.
    #[must_use]
    pub fn before_current(&self) -> Option<&QueueItem> {
        self.position(&self.current).ok()?.checked_sub(1).map(|position| &self.items[position])
    }

    /// Is the place behind the current item; the first, when none is current.
    #[must_use]
    pub fn behind(&self) -> usize {
        self.position(&self.current).map_or(0, |position| position + 1)
    }

    /// Puts tracks in at a place, or at the end; answers the place and the new items.
    ///
    /// # Errors
    /// [`Error::QueueFull`], and then nothing changes.
    pub fn insert(&mut self, index: Option<usize>, tracks: Vec<Track>) -> Result<(usize, Vec<QueueItem>), Error> {
        if self.items.len() + tracks.len() > MAX_ITEMS {
            return Err(Error::QueueFull(MAX_ITEMS));
        }
        let index = index.unwrap_or(usize::MAX).min(self.items.len());
        let item = |track| QueueItem { id: uuid::Uuid::now_v7().simple().to_string(), track: Some(track) };
        let items: Vec<QueueItem> = tracks.into_iter().map(item).collect();
        self.items.splice(index..index, items.iter().cloned());
        self.renew_etag();
        Ok((index, items))
    }

    /// Moves an item; answers its place afterwards.
    ///
    /// # Errors
    /// [`Error::QueueItemUnknown`].
    pub fn shift(&mut self, id: &str, index: usize) -> Result<usize, Error> {
        let item = self.items.remove(self.position(id)?);
        let index = index.min(self.items.len());
        self.items.insert(index, item);
        self.renew_etag();
        Ok(index)
    }

    /// Takes an item out. When it was the current one, none is current.
    ///
    /// # Errors
    /// [`Error::QueueItemUnknown`].
    pub fn remove(&mut self, id: &str) -> Result<QueueItem, Error> {
        let item = self.items.remove(self.position(id)?);
        if self.current == item.id {
            self.current.clear();
        }
        self.renew_etag();
        Ok(item)
    }

    /// Takes out everything but the current item; answers what was taken out.
    pub fn clear(&mut self) -> Vec<QueueItem> {
        let (kept, removed) = std::mem::take(&mut self.items).into_iter().partition(|item| item.id == self.current);
        self.items = kept;
        self.renew_etag();
        removed
    }

    /// Fails unless the etag is empty or that of the queue now.
    ///
    /// # Errors
    /// [`Error::EtagMismatch`].
    pub fn check(&self, etag: &str) -> Result<(), Error> {
        if etag.is_empty() || etag == self.etag {
            return Ok(());
        }
        Err(Error::EtagMismatch { current: self.etag.clone() })
    }

    fn position(&self, id: &str) -> Result<usize, Error> {
        let position = self.items.iter().position(|item| item.id == id);
        position.ok_or_else(|| Error::QueueItemUnknown(id.to_owned()))
    }

    fn renew_etag(&mut self) {
        let mut hash = blake3::Hasher::new();
        self.items.iter().for_each(|item| {
            hash.update(item.id.as_bytes()).update(b"\n");
        });
        self.etag = hash.finalize().to_hex()[..16].to_owned();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tracks(ids: &[u32]) -> Vec<Track> {
        ids.iter().map(|id| Track { id: id.to_string(), ..Track::default() }).collect()
    }

    fn order(queue: &Queue) -> Vec<String> {
        queue.items.iter().map(|item| item.track.as_ref().unwrap().id.clone()).collect()
    }

    #[test]
    fn a_queue_that_is_full_takes_none_of_what_does_not_fit() {
        let mut queue = Queue::restore(Vec::new(), String::new());
        queue.insert(None, tracks(&[0; MAX_ITEMS - 1])).unwrap();
        assert!(matches!(queue.insert(None, tracks(&[1, 2])), Err(Error::QueueFull(_))));
        assert_eq!(queue.items.len(), MAX_ITEMS - 1);
    }

    #[test]
    fn clearing_keeps_the_current_item() {
        let mut queue = Queue::restore(Vec::new(), String::new());
        let (_, items) = queue.insert(None, tracks(&[1, 2, 3])).unwrap();
        queue.set_current(&items[1].id);
        assert_eq!(queue.clear().len(), 2);
        assert_eq!((order(&queue), queue.current().is_some()), (vec!["2".to_owned()], true));
    }

    proptest! {
        #[test]
        fn whatever_is_done_the_items_are_those_of_a_plain_list(
            steps in proptest::collection::vec((0..4_u8, 0..12_usize, 0..12_usize), 1..60)
        ) {
            let (mut queue, mut model) = (Queue::restore(Vec::new(), String::new()), Vec::<String>::new());
            for (number, (kind, a, b)) in steps.into_iter().enumerate() {
                let etag = queue.etag().to_owned();
                let id = queue.items.get(a).map(|item| item.id.clone()).unwrap_or_default();
                match (kind, a < model.len()) {
                    (0 | 1, _) => {
                        queue.insert(Some(a), tracks(&[number as u32])).unwrap();
                        model.insert(a.min(model.len()), number.to_string());
                    }
                    (2, true) => {
                        queue.shift(&id, b).unwrap();
                        let track = model.remove(a);
                        model.insert(b.min(model.len()), track);
                    }
                    (3, true) => {
                        queue.remove(&id).unwrap();
                        model.remove(a);
                    }
                    _ => prop_assert!(matches!(queue.remove("none"), Err(Error::QueueItemUnknown(_)))),
                }
                prop_assert_eq!(&order(&queue), &model);
                prop_assert!(queue.check(queue.etag()).is_ok());
                if kind < 2 {
                    prop_assert!(queue.check(&etag).is_err());
                }
            }
        }
    }
}
