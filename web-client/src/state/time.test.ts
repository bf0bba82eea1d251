import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { PositionSchema } from "../gen/cantina/music/v1/music_pb";
import { durationFromMs, durationMs, timestampFromMs, timestampMs } from "../rpc/time";
import { observe, serverTime, unknownClock } from "./clock";
import { connectionOf, isAged, whyMute } from "./connection";
import { positionAt } from "./position";

describe("the daemon's clock", () => {
  it("is taken from the frame that was the least late", () => {
    const seen = [4_900, 4_990, 4_700].reduce((clock, sample) => observe(clock, 10_000 + sample, 10_000), unknownClock);
    expect(serverTime(seen, 20_000)).toBe(24_990);
  });

  it("follows at once when a clock was set", () => {
    const seen = observe(observe(unknownClock, 15_000, 10_000), 1_000, 20_000);
    expect(seen.offsetMs).toBe(-19_000);
  });

  it("forgets old samples", () => {
    let clock = observe(unknownClock, 1_500, 1_000);
    for (let round = 0; round < 12; round += 1) clock = observe(clock, 1_400, 1_000);
    expect(clock.offsetMs).toBe(400);
  });
});

describe("a position", () => {
  const position = create(PositionSchema, {
    position: durationFromMs(10_000),
    rate: 1,
    asOf: timestampFromMs(1_000_000),
    duration: durationFromMs(60_000),
  });

  it("moves by its rate, and stays inside the track", () => {
    expect(positionAt(position, 1_005_250)).toBe(15_250);
    expect(positionAt(position, 9_000_000)).toBe(60_000);
    expect(positionAt(position, 999_000)).toBe(10_000);
  });

  it("holds while the rate is 0, and needs no duration", () => {
    expect(positionAt({ ...position, rate: 0 }, 1_020_000)).toBe(10_000);
    expect(positionAt(create(PositionSchema, { position: durationFromMs(5), rate: 1, asOf: timestampFromMs(0) }), 100)).toBe(105);
    expect(positionAt(create(PositionSchema, {}), 100)).toBe(0);
  });
});

describe("times", () => {
  it("survive the way to the wire and back", () => {
    expect(durationMs(durationFromMs(1_234.5))).toBe(1_234.5);
    expect(durationMs(durationFromMs(-1_500))).toBe(-1_500);
    expect(timestampMs(timestampFromMs(1_760_000_000_123))).toBe(1_760_000_000_123);
  });
});

describe("the connection", () => {
  const open = { phase: "open" as const, lastFrameAt: 100_000 };

  it("is live, behind, or stale after 12 s of silence", () => {
    expect(connectionOf(open, 0n, 101_000)).toEqual({ kind: "live" });
    expect(connectionOf(open, 7n, 101_000)).toEqual({ kind: "catching-up", behind: 7n });
    expect(connectionOf(open, 0n, 112_001)).toEqual({ kind: "stale", silentMs: 12_001 });
  });

  it("says when it tries again, when the daemon is back, and that it was shut down", () => {
    expect(connectionOf({ phase: "connecting" }, 0n, 0)).toEqual({ kind: "connecting" });
    expect(connectionOf({ phase: "waiting", retryAt: 5_000 }, 0n, 2_000)).toEqual({ kind: "offline", retryInMs: 3_000 });
    expect(connectionOf({ phase: "waiting", goodbye: { reason: 1, backAt: 9_000 } }, 0n, 1_000)).toEqual({ kind: "restarting", backInMs: 8_000 });
    expect(connectionOf({ phase: "waiting", goodbye: { reason: 2 } }, 0n, 1_000)).toEqual({ kind: "shut-down" });
  });

  it("sends nothing and greys what it shows while nobody answers", () => {
    const waiting = connectionOf({ phase: "waiting", retryAt: 1 }, 0n, 0);
    expect(whyMute(waiting)).toBe("The device cannot be reached.");
    expect(isAged(waiting)).toBe(true);
    const live = connectionOf(open, 0n, 100_000);
    expect(whyMute(live)).toBeUndefined();
    expect(isAged(live)).toBe(false);
    expect(isAged(connectionOf(open, 0n, 200_000))).toBe(true);
  });
});
