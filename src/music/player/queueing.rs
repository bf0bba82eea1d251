//! What is played in which order.

use std::time::Duration;

use super::{actor::Actor, announce::End, playing::Playing};
use crate::{
    call::Cause,
    music::{
        Error,
        proto::{EndReason, Queue, QueueInsertion, QueueItem, QueueMove, QueueRemoval, queue_changed::Change},
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

    /// Goes to the next item, playing or held as this one is, or stops when there is none.
    async fn leave_current(&mut self, cause: &Cause) -> Result<(), Error> {
        let next = self.queue.behind_current().first().cloned();
        match next.filter(|_| self.playing.as_ref().is_some_and(|playing| playing.paused)) {
            Some(next) => self.hold_instead(&next, cause)?,
            None if self.next(cause).await.is_err() => drop(self.stop(cause).await?),
            None => {}
        }
        Ok(())
    }

    /// Holds another item at its start in place of the one that is held.
    fn hold_instead(&mut self, item: &QueueItem, cause: &Cause) -> Result<(), Error> {
        let Some(ended) = self.playing.replace(Playing::held(item, Duration::ZERO)) else { return Ok(()) };
        ended.end_sound(&self.audio, self.fade_frames)?;
        let commit = self.tell_end(self.commit(cause), &ended, &End::of(EndReason::Skipped));
        let commit = self.tell_current(commit, &item.id);
        self.send(commit);
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
