import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { EventSchema, EventSeverity, EventTypeSchema, GapSchema } from "../gen/cantina/event/v1/event_pb";
import { QueueSchema } from "../gen/cantina/music/v1/music_pb";
import { event } from "../state/fixtures";
import { describeEvent } from "./activity/describe";
import { traceTree } from "./activity/trace";
import { joinEntries, selects, sequenceOf } from "./activity/use-activity";
import { repeatable, snippetsOf } from "./api/snippets";
import { layOut } from "./map/wiring";
import { clearedOf } from "./music/use-queue";
import { secondsOf, unitFor } from "./settings/duration";
import { configWith, type Setting, showValue } from "./settings/fields";
import { changesOf } from "./settings/use-settings";
import { concerns } from "./settings/validate";

describe("the activity page", () => {
  it("joins history and live feed, newest first and each event once", () => {
    const live = [event(3n, undefined), event(4n, undefined)].map((one) => ({ kind: "event" as const, event: one }));
    const joined = joinEntries(live, [event(1n, undefined), event(3n, undefined)]);
    expect(joined.map(sequenceOf)).toEqual([4n, 3n, 1n]);
  });

  it("puts what a gap left out of the feed into its place from the history", () => {
    const gap = { kind: "gap" as const, gap: create(GapSchema, { firstSequence: 2n, lastSequence: 3n }), atMs: 0 };
    const live = [gap, { kind: "event" as const, event: event(4n, undefined) }];
    expect(joinEntries(live, [event(3n, undefined), event(1n, undefined)]).map(sequenceOf)).toEqual([4n, 3n, 2n, 1n]);
  });

  it("selects by type, feature, weight and words", () => {
    const one = event(1n, { case: "musicVolumeChanged", value: { volume: 0.5, previousVolume: 1 } }, "music.volume_changed");
    expect(selects(one, "music.*", EventSeverity.UNSPECIFIED, "50 %")).toBe(true);
    expect(selects(one, "music.volume_changed", EventSeverity.UNSPECIFIED, "")).toBe(true);
    expect(selects(one, "system.*", EventSeverity.UNSPECIFIED, "")).toBe(false);
    expect(selects(one, "", EventSeverity.WARNING, "")).toBe(false);
    expect(selects(one, "", EventSeverity.UNSPECIFIED, "absent")).toBe(false);
  });

  it("has a sentence for every variant", () => {
    for (const field of EventSchema.oneofs[0]?.fields ?? []) {
      if (field.fieldKind !== "message") continue;
      const payload = { case: field.localName, value: create(field.message) } as Parameters<typeof event>[1];
      expect(typeof describeEvent(event(1n, payload)), field.name).toBe("string");
    }
  });

  it("draws a trace as a tree, also when its beginning is no longer kept", () => {
    const list = [event(2n, undefined), event(3n, undefined), event(4n, undefined)];
    const parents = [1n, 2n, 2n];
    list.forEach((one, index) => (one.cause = { parentSequence: parents[index] } as never));
    const [root] = traceTree(list);
    expect(root?.event.sequence).toBe(2n);
    expect(root?.effects.map((branch) => branch.event.sequence)).toEqual([3n, 4n]);
  });
});

describe("the queue", () => {
  it("remembers around which item the cleared ones stood", () => {
    const items = ["a", "b", "c"].map((id) => ({ id, track: { id: `t-${id}` } }));
    const queue = create(QueueSchema, { items, currentItemId: "b" });
    const removed = queue.items.filter(({ id }) => id !== "b");
    expect(clearedOf(queue, removed)).toEqual({ before: ["t-a"], behind: ["t-c"] });
  });
});

describe("the map", () => {
  it("joins each type with its producer and consumers, and nothing overlaps", () => {
    const types = ["a.x", "a.y", "b.z"].map((type) =>
      create(EventTypeSchema, { type, wiring: { producer: type.charAt(0), consumers: ["dashboard", "stats"] } }),
    );
    const { nodes, edges } = layOut(types);
    expect(edges).toHaveLength(9);
    for (const column of ["producer", "type", "consumer"]) {
      const places = nodes.filter((node) => node.column === column).map(({ y }) => y);
      expect(new Set(places).size).toBe(places.length);
    }
  });
});

describe("copies of a call", () => {
  it("leave the request id out and quote what a shell would read", () => {
    expect(repeatable(`{"requestId":"1","query":"it's"}`)).toBe(`{"query":"it's"}`);
    const { grpcurl, curl, typescript } = snippetsOf("cantina.music.v1.MusicService/SearchTracks", `{"query":"it's"}`, "http://host:8080");
    expect(grpcurl).toBe(`grpcurl -plaintext -d '{"query":"it'\\''s"}' host:8080 cantina.music.v1.MusicService/SearchTracks`);
    expect(curl).toContain("http://host:8080/cantina.music.v1.MusicService/SearchTracks");
    expect(typescript).toContain(`client.searchTracks({"query":"it's"})`);
    expect(typescript).toContain(`"./gen/cantina/music/v1/music_pb"`);
  });
});

describe("settings", () => {
  const setting = { path: "audio.output", keys: ["audio", "output"] } as Setting;
  const sections = [{ name: "audio", doc: "", settings: [setting] }];

  it("change only what differs, or what goes back to the layer below", () => {
    const current = { audio: { output: "null" } };
    expect(changesOf(sections, new Map([["audio.output", "null"]]), current)).toEqual([]);
    expect(changesOf(sections, new Map([["audio.output", "default"]]), current)).toHaveLength(1);
    expect(changesOf(sections, new Map([["audio.output", undefined]]), current)[0]?.after).toBeUndefined();
    expect(configWith([[setting, "default"]])).toEqual({ audio: { output: "default" } });
  });

  it("mark the field that a violation names, in the form and in the request", () => {
    const mark = (field: string) => ({ field, rule: "", description: "" });
    expect(concerns(mark("config.audio.output"), "audio.output")).toBe(true);
    expect(concerns(mark("music.folders[2]"), "music.folders")).toBe(true);
    expect(concerns(mark("audio.output_rate"), "audio.output")).toBe(false);
  });

  it("read lengths of time in the unit that suits them", () => {
    expect(secondsOf("0.010s")).toBe(0.01);
    expect(secondsOf("soon")).toBeUndefined();
    expect(["7776000s", "0.010s", "", "null"].map(showValue)).toEqual(["90 d", "10 ms", "empty", "null"]);
    expect([7_776_000, 3_600, 90, 0.01].map(unitFor)).toEqual(["d", "h", "s", "ms"]);
  });
});
