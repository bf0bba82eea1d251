import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CommandErrorSchema, ErrorReason } from "../gen/cantina/error/v1/error_pb";
import { GoodbyeReason, type WatchResponse } from "../gen/cantina/event/v1/event_pb";
import { frame, subscribed } from "../state/fixtures";
import { fakeDaemon } from "./daemon.fixture";
import { type FeedHost, type Link, watchForever } from "./feed";
import { durationFromMs } from "./time";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function host(transport: FeedHost["transport"], token = "") {
  const links: Link[] = [];
  const frames: WatchResponse[] = [];
  const forgetToken = vi.fn();
  const made: FeedHost = {
    transport,
    onFrame: (one) => void frames.push(one),
    onLink: (link) => void links.push(link),
    resumeToken: () => frames.at(-1)?.resumeToken ?? token,
    forgetToken,
    random: () => 0,
  };
  return { made, links, frames, forgetToken };
}

describe("the feed", () => {
  it("asks only for the telemetry that the daemon offers, and resumes behind the last frame", async () => {
    const daemon = fakeDaemon({
      watch: async function* () {
        yield subscribed(1n);
      },
    });
    const { made, frames } = host(daemon.transport);
    const abort = new AbortController();
    const ended = watchForever(made, abort.signal, new EventTarget());
    await vi.waitFor(() => expect(frames).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(1_100);
    await vi.waitFor(() => expect(daemon.watches).toHaveLength(2));
    expect(daemon.watches[0]?.telemetry.map(({ channel }) => channel)).toEqual(["audio.meter"]);
    expect(daemon.watches.map(({ resumeToken }) => resumeToken)).toEqual(["", "token"]);
    abort.abort();
    await ended;
  });

  it("comes back when Goodbye says, not by back-off", async () => {
    const daemon = fakeDaemon({
      watch: async function* () {
        yield frame({ case: "goodbye", value: { reason: GoodbyeReason.RESTART, reconnectAfter: durationFromMs(8_000) } });
      },
    });
    const { made, links } = host(daemon.transport);
    const abort = new AbortController();
    const ended = watchForever(made, abort.signal, new EventTarget());
    await vi.waitFor(() => expect(links.at(-1)?.phase).toBe("waiting"));
    expect(links.at(-1)?.goodbye?.reason).toBe(GoodbyeReason.RESTART);
    await vi.advanceTimersByTimeAsync(7_900);
    expect(daemon.watches).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    await vi.waitFor(() => expect(daemon.watches).toHaveLength(2));
    abort.abort();
    await ended;
  });

  it("waits longer after each failure, and at once when woken", async () => {
    const daemon = fakeDaemon({
      watch: () => {
        throw new ConnectError("down", Code.Unavailable);
      },
    });
    const { made, links } = host(daemon.transport);
    const abort = new AbortController();
    const wake = new EventTarget();
    const ended = watchForever(made, abort.signal, wake);
    await vi.waitFor(() => expect(links.at(-1)?.phase).toBe("waiting"));
    expect(links.at(-1)?.failure?.unreachable).toBe(true);
    await vi.advanceTimersByTimeAsync(1_000);
    await vi.waitFor(() => expect(daemon.watches).toHaveLength(2));
    await vi.advanceTimersByTimeAsync(1_500);
    expect(daemon.watches).toHaveLength(2);
    wake.dispatchEvent(new Event("wake"));
    await vi.waitFor(() => expect(daemon.watches).toHaveLength(3));
    abort.abort();
    await ended;
  });

  it("gives up a stream that has been silent for 20 s", async () => {
    const signals: AbortSignal[] = [];
    const daemon = fakeDaemon({
      watch: async function* (_, signal) {
        signals.push(signal);
        yield subscribed(1n);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    });
    const { made, frames, links } = host(daemon.transport);
    const abort = new AbortController();
    const ended = watchForever(made, abort.signal, new EventTarget());
    await vi.waitFor(() => expect(frames).toHaveLength(1));
    await vi.advanceTimersByTimeAsync(20_001);
    await vi.waitFor(() => expect(links.at(-1)?.phase).toBe("waiting"));
    expect(signals[0]?.aborted).toBe(true);
    abort.abort();
    await ended;
  });

  it("drops a token that the daemon does not know", async () => {
    const value = create(CommandErrorSchema, { reason: ErrorReason.RESUME_TOKEN_INVALID });
    const daemon = fakeDaemon({
      watch: () => {
        throw new ConnectError("unknown token", Code.InvalidArgument, undefined, [{ desc: CommandErrorSchema, value }]);
      },
    });
    const { made, forgetToken } = host(daemon.transport, "old");
    const abort = new AbortController();
    const ended = watchForever(made, abort.signal, new EventTarget());
    await vi.waitFor(() => expect(forgetToken).toHaveBeenCalled());
    abort.abort();
    await ended;
  });
});
