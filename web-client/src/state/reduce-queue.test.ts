import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { QueueChangedSchema, QueueSchema } from "../gen/cantina/music/v1/music_pb";
import { after, event, events, part, snapshotComplete, subscribed } from "./fixtures";
import { reduce } from "./reduce";
import { applyQueueChange } from "./reduce-queue";

const queue = create(QueueSchema, { items: [{ id: "a" }, { id: "b" }, { id: "c" }], etag: "1", currentItemId: "a" });

function change(content: MessageInitShape<typeof QueueChangedSchema>["change"], itemCount: number, currentItemId = "a") {
  return create(QueueChangedSchema, { previousEtag: "1", etag: "2", currentItemId, itemCount, ...(content && { change: content }) });
}

const ids = (changed: ReturnType<typeof applyQueueChange>) => changed?.items.map(({ id }) => id);

describe("a change of the queue", () => {
  it("puts in, takes out and moves", () => {
    const inserted = applyQueueChange(queue, change({ case: "inserted", value: { index: 1, items: [{ id: "x" }] } }, 4));
    expect(ids(inserted)).toEqual(["a", "x", "b", "c"]);
    expect(inserted?.etag).toBe("2");
    expect(ids(applyQueueChange(queue, change({ case: "removed", value: { itemIds: ["b"] } }, 2)))).toEqual(["a", "c"]);
    expect(ids(applyQueueChange(queue, change({ case: "moved", value: { itemId: "a", index: 2 } }, 3)))).toEqual(["b", "c", "a"]);
    expect(applyQueueChange(queue, change({ case: "current", value: {} }, 3, "b"))?.currentItemId).toBe("b");
  });

  it("of another queue, with another count or of an unknown kind asks for the queue itself", () => {
    const other = create(QueueSchema, { ...queue, etag: "0" });
    expect(applyQueueChange(other, change({ case: "removed", value: { itemIds: ["b"] } }, 2))).toBeUndefined();
    expect(applyQueueChange(queue, change({ case: "removed", value: { itemIds: ["b"] } }, 9))).toBeUndefined();
    expect(applyQueueChange(queue, change({ case: "moved", value: { itemId: "gone", index: 0 } }, 3))).toBeUndefined();
    expect(applyQueueChange(queue, change(undefined, 3))).toBeUndefined();
    expect(applyQueueChange(undefined, change({ case: "current", value: {} }, 3))).toBeUndefined();
  });

  it("that was missed is mended by reading", () => {
    const known = after([subscribed(1n, 1), part({ case: "queue", value: queue }), snapshotComplete(1n)]);
    const value = { previousEtag: "7", etag: "8", itemCount: 1, change: { case: "current" as const, value: {} } };
    const missed = after([events(event(2n, { case: "musicQueueChanged", value }))], known);
    expect(missed.queueStale).toBe(true);
    const read = reduce(missed, { kind: "queue-read", queue: create(QueueSchema, { etag: "8" }) });
    expect(read.queueStale).toBe(false);
    const late = after([events(event(3n, { case: "musicQueueChanged", value }))], read);
    expect(late.queueStale).toBe(false);
  });
});
