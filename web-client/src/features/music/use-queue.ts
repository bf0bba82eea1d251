import { useState } from "react";
import { MusicService, type Queue, type QueueItem } from "../../gen/cantina/music/v1/music_pb";
import { useCommand } from "../../rpc/use-command";
import { moveItem } from "../../state/reduce-queue";
import { store, useDaemon } from "../../state/store";

const AT_ONCE = 1_000;

/** What ClearQueue took out, as it is put back: before and behind the item that plays on. */
export interface Cleared {
  before: string[];
  behind: string[];
}

/** Sorts removed items by where they stood around the current one. */
export function clearedOf(queue: Queue | undefined, removed: QueueItem[]): Cleared {
  const current = queue?.items.findIndex((item) => item.id === queue.currentItemId) ?? -1;
  const first = new Set(queue?.items.slice(0, Math.max(0, current)).map((item) => item.id));
  const ids = (items: QueueItem[]) => items.flatMap((item) => item.track?.id ?? []);
  return { before: ids(removed.filter((item) => first.has(item.id))), behind: ids(removed.filter((item) => !first.has(item.id))) };
}

export function useQueue() {
  const queue = useDaemon((state) => state.queue);
  const move = useCommand(MusicService.method.moveQueueItem);
  const remove = useCommand(MusicService.method.removeQueueItem);
  const clear = useCommand(MusicService.method.clearQueue);
  const enqueue = useCommand(MusicService.method.enqueue);
  const play = useCommand(MusicService.method.play);
  const [moving, setMoving] = useState<{ id: string; index: number }>();
  const [cleared, setCleared] = useState<Cleared>();

  const etag = queue?.etag ?? "";
  const real = queue?.items ?? [];
  const items = (move.pending && moving && moveItem(real, moving.id, moving.index)) || real;

  const moveTo = (id: string, index: number) => {
    if (move.pending || move.blocked || index < 0 || index >= real.length) return;
    setMoving({ id, index });
    void move.run({ itemId: id, index, etag });
  };
  const clearAll = async () => {
    const before = store.getState().queue;
    const answer = await clear.run({ etag });
    if (answer) setCleared(clearedOf(before, answer.removedItems));
  };
  const undo = async () => {
    if (!cleared) return;
    setCleared(undefined);
    const steps = [...chunks(cleared.before, 0), ...chunks(cleared.behind, undefined)];
    for (const [trackIds, index] of steps) {
      if (!(await enqueue.run({ trackIds, ...(index !== undefined && { index }) }))) return;
    }
  };
  return {
    ...{ queue, items, moveTo, clearAll, undo, cleared, forgetCleared: () => setCleared(undefined) },
    ...{ move, remove, clear, enqueue, play, failed: [move, remove, clear, enqueue, play].filter((command) => command.failure) },
    removeItem: (id: string) => void remove.run({ itemId: id, etag }),
    playItem: (id: string) => void play.run({ target: { case: "queueItemId", value: id } }),
  };
}

/** Track ids in portions that one Enqueue takes, with the place of each portion. */
function chunks(ids: string[], index: number | undefined): [string[], number | undefined][] {
  const portions: [string[], number | undefined][] = [];
  for (let start = 0; start < ids.length; start += AT_ONCE) {
    portions.push([ids.slice(start, start + AT_ONCE), index === undefined ? undefined : index + start]);
  }
  return portions;
}

export type QueueView = ReturnType<typeof useQueue>;
