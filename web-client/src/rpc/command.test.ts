import { describe, expect, it } from "vitest";
import { backoffMs, sleep } from "./backoff";
import { idle, isPending, nextPhase, type Phase, type Step } from "./command";
import { failureOf } from "./failure";
import { uuid } from "./uuid";

const failure = failureOf(new Error("no"));
const run = (...steps: Step[]) => steps.reduce(nextPhase, idle as Phase);

describe("a command", () => {
  it("is pending until its sequence has passed in the feed", () => {
    const sent = run({ kind: "send", requestId: "1" });
    const answered = nextPhase(sent, { kind: "answer", requestId: "1", sequence: 8n, applied: 5n });
    expect([isPending(sent), isPending(answered)]).toEqual([true, true]);
    expect(nextPhase(answered, { kind: "feed", applied: 7n })).toBe(answered);
    expect(nextPhase(answered, { kind: "feed", applied: 8n })).toEqual(idle);
  });

  it("is done at once when the feed was faster than the answer", () => {
    expect(run({ kind: "send", requestId: "1" }, { kind: "answer", requestId: "1", sequence: 8n, applied: 9n })).toEqual(idle);
  });

  it("keeps its failure until it is sent again or put away", () => {
    const failed = run({ kind: "send", requestId: "1" }, { kind: "fail", requestId: "1", failure });
    expect(failed).toEqual({ kind: "failed", requestId: "1", failure });
    expect(nextPhase(failed, { kind: "feed", applied: 99n })).toBe(failed);
    expect(nextPhase(failed, { kind: "dismiss" })).toEqual(idle);
    expect(nextPhase(failed, { kind: "send", requestId: "2" })).toEqual({ kind: "sending", requestId: "2" });
  });

  it("does not listen to the answer of an older request", () => {
    const second = run({ kind: "send", requestId: "1" }, { kind: "send", requestId: "2" });
    expect(nextPhase(second, { kind: "answer", requestId: "1", sequence: 1n, applied: 9n })).toBe(second);
    expect(nextPhase(second, { kind: "fail", requestId: "1", failure })).toBe(second);
    expect(nextPhase(second, { kind: "dismiss" })).toBe(second);
  });
});

describe("the wait before an attempt", () => {
  it("doubles from 1 s to 30 s, less up to half by chance", () => {
    expect([0, 1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, 0))).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(backoffMs(5, 1)).toBe(15_000);
    expect(backoffMs(0, 1)).toBe(1_000);
  });

  it("ends early when it is given up", async () => {
    const abort = new AbortController();
    const waiting = sleep(60_000, abort.signal);
    abort.abort();
    await expect(waiting).resolves.toBeUndefined();
    await expect(sleep(60_000, abort.signal)).resolves.toBeUndefined();
  });
});

describe("a request id", () => {
  it("is a UUID of version 4, new each time", () => {
    expect(uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuid()).not.toBe(uuid());
  });
});
