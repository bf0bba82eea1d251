//! What is played in which order.

use super::actor::Actor;
use crate::{
    call::Cause,
    music::{
        Error,
        proto::{Queue, QueueInsertion, QueueItem, QueueMove, QueueRemoval, queue_changed::Change},
    },
};

impl Actor {
    pub(super) fn enqueue(
        &mut self,
        ids: &[String],
        index: Option<u32>,
        cause: &Cause,
    ) -> Result<(Vec<QueueItem>, String), Error> {
        let library = self.library.index();
        let tracks: Result<Vec<_>, Error> = ids.iter().map(|id| Ok((*library.file(id)?.track).clone())).collect();
        let before = self.queue.etag().to_owned();
        let (index, items) = self.queue.insert(index.map(|index| index as usize), tracks?)?;
        let change = Change::Inserted(QueueInsertion { index: place(index), items: items.clone() });
        self.tell_queue(self.commit(cause), before, change).send();
        self.ahead = None;
        Ok((items, self.queue.etag().to_owned()))
    }

    pub(super) fn move_item(&mut self, id: &str, index: u32, etag: &str, cause: &Cause) -> Result<Queue, Error> {
        self.queue.check(etag)?;
        let before = self.queue.etag().to_owned();
        let index = self.queue.shift(id, index as usize)?;
        let change = Change::Moved(QueueMove { item_id: id.to_owned(), index: place(index) });
        self.tell_queue(self.commit(cause), before, change).send();
        self.ahead = None;
        Ok(self.queue.message())
    }

    pub(super) async fn remove_item(&mut self, id: &str, etag: &str, cause: &Cause) -> Result<Queue, Error> {
        self.queue.check(etag)?;
        self.queue.item(id)?;
        if self.playing.as_ref().is_some_and(|playing| playing.item_id == id) {
            self.leave_current(cause).await?;
        }
        let before = self.queue.etag().to_owned();
        let removed = self.queue.remove(id)?;
        let change = Change::Removed(QueueRemoval { item_ids: vec![removed.id] });
        let commit = self.tell_queue(self.commit(cause), before, change);
        self.send(commit);
        self.ahead = None;
        Ok(self.queue.message())
    }

    /// Plays the next item, or stops when there is none.
    async fn leave_current(&mut self, cause: &Cause) -> Result<(), Error> {
        let paused = self.playing.as_ref().is_some_and(|playing| playing.paused);
        let outcome = if paused { Err(Error::QueueEmpty) } else { self.next(cause).await };
        if outcome.is_err() {
            self.stop(cause).await?;
        }
        Ok(())
    }

    pub(super) fn clear(&mut self, etag: &str, cause: &Cause) -> Result<(Queue, Vec<QueueItem>), Error> {
        self.queue.check(etag)?;
        let before = self.queue.etag().to_owned();
        let removed = self.queue.clear();
        let item_ids = removed.iter().map(|item| item.id.clone()).collect();
        let commit = self.tell_queue(self.commit(cause), before, Change::Removed(QueueRemoval { item_ids }));
        commit.send();
        self.ahead = None;
        Ok((self.queue.message(), removed))
    }
}

/// Is a place of the queue as the contract carries it.
pub fn place(index: usize) -> u32 {
    u32::try_from(index).expect("the queue is bounded far below")
}
