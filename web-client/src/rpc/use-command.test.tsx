import { act, renderHook, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { MusicService, PlaybackState } from "../gen/cantina/music/v1/music_pb";
import { after, event, events, part, snapshotComplete, subscribed } from "../state/fixtures";
import { dispatch } from "../state/store";
import { callLog } from "./call-log";
import { fakeDaemon, seekRefused } from "./daemon.fixture";
import { localNow } from "./time";
import { replaceTransport } from "./transport";
import { useCommand } from "./use-command";

const status = (stopped: boolean) => part({ case: "systemStatus", value: { stopped } });

function feed(stopped = false) {
  dispatch({ kind: "adopt", state: after([subscribed(4n, 1), status(stopped), snapshotComplete(4n)], undefined, localNow()) });
}

beforeEach(() => feed());

describe("a command of the page", () => {
  it("sends a fresh request id and waits for the feed", async () => {
    const seen: string[] = [];
    const { transport } = fakeDaemon({
      music: {
        pause: ({ requestId }) => {
          seen.push(requestId);
          return { commit: { sequence: 5n }, playback: { state: PlaybackState.PAUSED } };
        },
      },
    });
    replaceTransport(transport);
    const { result } = renderHook(() => useCommand(MusicService.method.pause));
    await act(() => result.current.run({}));
    expect(result.current.phase).toMatchObject({ kind: "answered", sequence: 5n });
    expect(result.current.pending).toBe(true);
    act(() => dispatch({ kind: "frame", frame: events(event(5n, undefined)), receivedAt: localNow() }));
    await waitFor(() => expect(result.current.pending).toBe(false));
    await act(() => result.current.run({}));
    expect(new Set(seen).size).toBe(2);
    expect(callLog.getState().calls[0]?.method).toBe("cantina.music.v1.MusicService/Pause");
  });

  it("shows a typed failure in full and can be sent again", async () => {
    let calls = 0;
    const { transport } = fakeDaemon({
      music: {
        seek: () => {
          calls += 1;
          throw seekRefused();
        },
      },
    });
    replaceTransport(transport);
    const { result } = renderHook(() => useCommand(MusicService.method.seek));
    await act(() => result.current.run({}));
    expect(result.current.failure).toMatchObject({
      sentence: "The position lies behind the end.",
      recovery: "Seek to a position before the duration.",
      reason: "SEEK_OUT_OF_RANGE",
      retryable: true,
      requestId: "r1",
      fields: [{ field: "position", rule: "duration.lte", description: "is too far" }],
      components: ["music"],
      unreachable: false,
    });
    await act(async () => result.current.retry());
    await waitFor(() => expect(calls).toBe(2));
    await waitFor(() => expect(result.current.failure).toBeDefined());
    act(() => result.current.dismiss());
    expect(result.current.failure).toBeUndefined();
  });

  it("is blocked by the stop latch only where the contract says so", async () => {
    feed(true);
    const { result } = renderHook(() => [useCommand(MusicService.method.play), useCommand(MusicService.method.setVolume)] as const);
    expect(result.current[0].blocked).toBe("Everything is stopped. Clear the stop first.");
    expect(result.current[1].blocked).toBeUndefined();
  });

  it("is blocked while the device cannot be reached", () => {
    dispatch({ kind: "link", link: { phase: "waiting", retryAt: localNow() + 5_000 } });
    const { result } = renderHook(() => useCommand(MusicService.method.pause));
    expect(result.current.blocked).toBe("The device cannot be reached.");
  });
});
