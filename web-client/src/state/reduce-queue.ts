import type { Queue, QueueChanged, QueueItem } from "../gen/cantina/music/v1/music_pb";

/**
 * Applies a change to the queue it was made on. Answers undefined when the change belongs to another
 * queue, and the queue must be read again.
 */
export function applyQueueChange(queue: Queue | undefined, change: QueueChanged): Queue | undefined {
  if (!queue || queue.etag !== change.previousEtag) return undefined;
  const items = changedItems(queue.items, change);
  if (!items || items.length !== change.itemCount) return undefined;
  return { ...queue, items, currentItemId: change.currentItemId, etag: change.etag };
}

function changedItems(items: QueueItem[], { change }: QueueChanged): QueueItem[] | undefined {
  switch (change.case) {
    case "inserted":
      return items.toSpliced(change.value.index, 0, ...change.value.items);
    case "removed": {
      const gone = new Set(change.value.itemIds);
      return items.filter((item) => !gone.has(item.id));
    }
    case "moved":
      return moveItem(items, change.value.itemId, change.value.index);
    case "current":
      return items;
    case undefined:
      return undefined;
    default:
      return change satisfies never;
  }
}

/** The items with one of them at another place; undefined when it is not there. */
export function moveItem(items: QueueItem[], id: string, index: number): QueueItem[] | undefined {
  const from = items.findIndex((item) => item.id === id);
  const item = items[from];
  return item && items.toSpliced(from, 1).toSpliced(index, 0, item);
}
