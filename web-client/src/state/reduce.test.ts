import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { EventSchema, GapReason, GoodbyeReason } from "../gen/cantina/event/v1/event_pb";
import { EndReason, OutputKind, PlaybackState } from "../gen/cantina/music/v1/music_pb";
import { ComponentState, LogLevel, Mode } from "../gen/cantina/system/v1/system_pb";
import { durationFromMs, timestampFromMs } from "../rpc/time";
import { after, event, events, frame, part, snapshotComplete, subscribed, T0 } from "./fixtures";
import { emptyState, KEPT_ENTRIES } from "./model";
import { reduce } from "./reduce";

const track = { id: "t1", title: "Mad About Me" };
const playing = { state: PlaybackState.PLAYING, playbackId: "p1", track, volume: 0.5 };
const ready = after([
  subscribed(10n, 4),
  part({ case: "systemStatus", value: { mode: Mode.IDLE, deviceName: "Rex" } }),
  part({ case: "component", value: { name: "audio", state: ComponentState.RUNNING } }),
  part({ case: "playback", value: playing }),
  part({ case: "queue", value: { items: [{ id: "a" }, { id: "b" }], etag: "e1", currentItemId: "a" } }),
  part({ case: "library", value: { trackCount: 3, etag: "l1" } }),
  part({ case: "config", value: { etag: "c1" } }),
  snapshotComplete(10n),
]);

describe("a snapshot", () => {
  it("shows nothing until it is complete, then all of it", () => {
    const half = after([subscribed(10n, 1), part({ case: "playback", value: playing })]);
    expect(half.playback).toBeUndefined();
    expect(ready.playback?.track?.title).toBe("Mad About Me");
    expect(ready.components["audio"]?.state).toBe(ComponentState.RUNNING);
    expect(ready.applied).toBe(10n);
    expect(ready.config?.etag).toBe("c1");
    expect(ready.library?.trackCount).toBe(3);
  });

  it("takes away what it does not contain", () => {
    const next = after([subscribed(20n, 1), part({ case: "systemStatus", value: {} }), snapshotComplete(20n)], ready);
    expect(next.components).toEqual({});
    expect(next.playback).toBeUndefined();
  });

  it("of another numbering forgets the old events", () => {
    const used = after([events(event(11n, undefined))], ready);
    const reset = after([subscribed(2n, 1, "epoch-2"), part({ case: "systemStatus", value: {} }), snapshotComplete(2n)], used);
    expect(reset.entries).toEqual([]);
    expect(reset.applied).toBe(2n);
  });

  it("confirms what was remembered from an earlier visit", () => {
    const remembered = { ...ready, remembered: true };
    expect(after([subscribed(10n, 1), snapshotComplete(10n)], remembered).remembered).toBe(false);
  });
});

describe("each event", () => {
  const apply = (payload: Parameters<typeof event>[1]) => after([events(event(11n, payload))], ready);

  it("counts once, however often it comes", () => {
    const twice = after([events(event(11n, undefined)), events(event(11n, undefined))], ready);
    expect(twice.entries).toHaveLength(1);
    expect(twice.applied).toBe(11n);
  });

  it("has a place in the reducer", () => {
    const variants = EventSchema.oneofs[0]?.fields ?? [];
    expect(variants.length).toBeGreaterThan(15);
    for (const field of variants) {
      if (field.fieldKind !== "message") throw new Error(`${field.name} is not a message`);
      const payload = { case: field.localName, value: create(field.message) } as Parameters<typeof event>[1];
      expect(apply(payload).applied, field.name).toBe(11n);
    }
  });

  it("command.completed changes no state", () => {
    const next = apply({ case: "commandCompleted", value: { method: "x/Y" } });
    expect(next.playback).toBe(ready.playback);
  });

  it("system.daemon_stopping is known until the daemon starts again", () => {
    const stopping = apply({ case: "systemDaemonStopping", value: { restarting: true } });
    expect(stopping.stopping?.value.restarting).toBe(true);
    expect(after([events(event(12n, { case: "systemDaemonStarted", value: {} }))], stopping).stopping).toBeUndefined();
  });

  it("system.mode_changing shows until the change has completed or failed", () => {
    const changing = apply({ case: "systemModeChanging", value: { from: Mode.IDLE, to: Mode.AMBIENT } });
    expect(changing.modeChanging?.to).toBe(Mode.AMBIENT);
    const changed = after([events(event(12n, { case: "systemModeChanged", value: { status: { mode: Mode.AMBIENT } } }))], changing);
    expect(changed.modeChanging).toBeUndefined();
    expect(changed.status?.mode).toBe(Mode.AMBIENT);
    const value = { from: Mode.IDLE, to: Mode.AMBIENT, error: { message: "no" } };
    const failed = after([events(event(12n, { case: "systemModeChangeFailed", value }))], changing);
    expect(failed.modeChanging).toBeUndefined();
    expect(failed.modeFailure?.value.error?.message).toBe("no");
    expect(failed.status?.mode).toBe(Mode.IDLE);
  });

  it("system.component_changed replaces the component", () => {
    const component = { name: "audio", state: ComponentState.DEGRADED };
    expect(apply({ case: "systemComponentChanged", value: { component } }).components["audio"]?.state).toBe(ComponentState.DEGRADED);
  });

  it("system.stop_latched and stop_cleared carry the device", () => {
    const latched = apply({ case: "systemStopLatched", value: { status: { stopped: true } } });
    expect(latched.status?.stopped).toBe(true);
    expect(after([events(event(12n, { case: "systemStopCleared", value: { status: {} } }))], latched).status?.stopped).toBe(false);
  });

  it("system.status_changed carries the device", () => {
    expect(apply({ case: "systemStatusChanged", value: { status: { deviceName: "Rex" } } }).status?.deviceName).toBe("Rex");
  });

  it("system.log_recorded replaces a line that is reported again", () => {
    const line = (number: bigint, repeatCount: number) => ({ number, repeatCount, level: LogLevel.INFO, message: "m" });
    const once = apply({ case: "systemLogRecorded", value: { line: line(1n, 1) } });
    const again = after([events(event(12n, { case: "systemLogRecorded", value: { line: line(1n, 4) } }))], once);
    expect(again.logs.map(({ repeatCount }) => repeatCount)).toEqual([4]);
  });

  it("config.changed carries the settings", () => {
    expect(apply({ case: "configChanged", value: { state: { etag: "c2" } } }).config?.etag).toBe("c2");
  });

  it("music events carry the player", () => {
    const paused = { ...playing, state: PlaybackState.PAUSED };
    expect(apply({ case: "musicPlaybackChanged", value: { playback: paused } }).playback?.state).toBe(PlaybackState.PAUSED);
    expect(apply({ case: "musicTrackStarted", value: { playback: paused } }).playback?.state).toBe(PlaybackState.PAUSED);
    const finished = apply({ case: "musicTrackFinished", value: { endReason: EndReason.FINISHED, playback: { state: PlaybackState.STOPPED } } });
    expect(finished.playback?.state).toBe(PlaybackState.STOPPED);
  });

  it("music.track_ending_soon shows until another track starts", () => {
    const ending = apply({ case: "musicTrackEndingSoon", value: { playbackId: "p1", remaining: durationFromMs(30_000) } });
    expect(ending.endingSoon?.playbackId).toBe("p1");
    expect(after([events(event(12n, { case: "musicTrackStarted", value: { playback: playing } }))], ending).endingSoon).toBeUndefined();
  });

  it("music.volume_changed and output_changed change the player only", () => {
    expect(apply({ case: "musicVolumeChanged", value: { volume: 0.25 } }).playback?.volume).toBe(0.25);
    const output = { name: "null", kind: OutputKind.NULL };
    expect(apply({ case: "musicOutputChanged", value: { output } }).playback?.output?.name).toBe("null");
  });

  it("scan events follow the scan", () => {
    const started = apply({ case: "musicScanStarted", value: { library: { scan: { done: 0n } } } });
    expect(started.scan?.done).toBe(0n);
    const on = after([events(event(12n, { case: "musicScanProgressed", value: { progress: { done: 5n } } }))], started);
    expect(on.scan?.done).toBe(5n);
    const done = after([events(event(13n, { case: "musicScanCompleted", value: { library: { trackCount: 9 } } }))], on);
    expect(done.scan).toBeUndefined();
    expect(done.library?.trackCount).toBe(9);
  });

  it("of a newer daemon is listed by its type", () => {
    const next = after([events(event(11n, undefined, "future.thing"))], ready);
    expect(next.entries.at(-1)).toMatchObject({ event: { type: "future.thing" } });
  });
});

describe("other frames", () => {
  it("a gap is a line of its own and counts as read", () => {
    const gap = { firstSequence: 11n, lastSequence: 30n, reason: GapReason.UNCLEAN_SHUTDOWN };
    const next = after([frame({ case: "gap", value: gap })], ready);
    expect(next.entries.at(-1)).toMatchObject({ kind: "gap", gap });
    expect(next.applied).toBe(30n);
  });

  it("a heartbeat tells the head and the daemon's clock", () => {
    const value = { headSequence: 15n, serverTime: timestampFromMs(T0 + 700) };
    const next = after([frame({ case: "heartbeat", value })], ready);
    expect(next.head).toBe(15n);
    expect(next.clock.offsetMs).toBe(700);
  });

  it("telemetry keeps the latest value with its time", () => {
    const time = timestampFromMs(T0 + 5);
    const one = frame({ case: "telemetry", value: { channel: "a", time, value: { case: "resources", value: { openStreams: 2 } } } });
    const two = frame({ case: "telemetry", value: { channel: "b", time, value: { case: "meter", value: { rmsLeftDbfs: -9 } } } });
    const three = frame({ case: "telemetry", value: { channel: "c", time, value: { case: "eventRates", value: { rates: [{ type: "x" }] } } } });
    const next = after([one, two, three], ready);
    expect(next.resources).toMatchObject({ atMs: T0 + 5, value: { openStreams: 2 } });
    expect(next.meter?.value.rmsLeftDbfs).toBe(-9);
    expect(next.rates?.value.rates).toHaveLength(1);
  });

  it("keep the token of the newest frame", () => {
    const next = after([frame({ case: "heartbeat", value: {} }, "newer")], ready);
    expect(next.resumeToken).toBe("newer");
    expect(reduce(next, { kind: "forget-token" }).resumeToken).toBe("");
  });

  it("an attempt to connect does not hide that the daemon restarts", () => {
    const goodbye = { reason: GoodbyeReason.RESTART, backAt: T0 };
    const waiting = reduce(ready, { kind: "link", link: { phase: "waiting", goodbye } });
    expect(reduce(waiting, { kind: "link", link: { phase: "connecting" } }).link.goodbye).toEqual(goodbye);
  });

  it("events beyond what is kept push out the oldest", () => {
    const many = Array.from({ length: KEPT_ENTRIES + 5 }, (_, index) => event(BigInt(11 + index), undefined));
    expect(after([events(...many)], ready).entries).toHaveLength(KEPT_ENTRIES);
  });

  it("an unknown frame changes nothing but the time of the last sign of life", () => {
    const next = reduce(emptyState, { kind: "frame", frame: frame({ case: undefined } as never), receivedAt: 5 });
    expect(next.link).toEqual({ phase: "open", lastFrameAt: 5 });
  });
});
