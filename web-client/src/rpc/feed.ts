import { create } from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { EventService, GoodbyeReason, WatchRequestSchema, type WatchResponse } from "../gen/cantina/event/v1/event_pb";
import { SystemService } from "../gen/cantina/system/v1/system_pb";
import { backoffMs, sleep } from "./backoff";
import { type Failure, failureOf } from "./failure";
import { durationFromMs, durationMs, localNow } from "./time";

/** What the stream of the page says about itself. Times are local milliseconds. */
export interface Link {
  phase: "connecting" | "open" | "waiting";
  lastFrameAt?: number;
  /** When the next attempt begins, while waiting. */
  retryAt?: number;
  /** The daemon said goodbye; with `backAt` it comes back by itself. */
  goodbye?: { reason: GoodbyeReason; backAt?: number };
  failure?: Failure;
}

export interface FeedHost {
  transport: Transport;
  onFrame: (frame: WatchResponse) => void;
  onLink: (link: Link) => void;
  resumeToken: () => string;
  forgetToken: () => void;
  random?: () => number;
}

const HEARTBEAT_MS = 5_000;
const SILENCE_MS = 20_000;
/** How often each telemetry channel may speak; a channel that is not named is not asked for. */
const TELEMETRY_MS: Record<string, number> = { "system.resources": 2_000, "event.rates": 1_000, "audio.meter": 100 };

/** Watches until the signal aborts: connects, reads, and after each end waits and resumes. */
export async function watchForever(host: FeedHost, signal: AbortSignal, wake: EventTarget): Promise<void> {
  const random = host.random ?? Math.random;
  let attempt = 0;
  while (!signal.aborted) {
    host.onLink({ phase: "connecting" });
    const end = await watchOnce(host, signal);
    if (signal.aborted) return;
    if (end.frames > 0) attempt = 0;
    const wait = end.backInMs !== undefined ? end.backInMs + 500 * random() : backoffMs(attempt++, random());
    const retryAt = localNow() + wait;
    const { goodbye } = end;
    host.onLink({ phase: "waiting", retryAt, ...(goodbye && { goodbye }), ...(end.failure && { failure: end.failure }) });
    await sleepUnlessWoken(wait, signal, wake);
  }
}

interface End {
  frames: number;
  failure?: Failure;
  goodbye?: Link["goodbye"];
  backInMs?: number;
}

async function watchOnce(host: FeedHost, signal: AbortSignal): Promise<End> {
  const stream = new AbortController();
  const stop = () => stream.abort();
  signal.addEventListener("abort", stop);
  let watchdog = setTimeout(stop, SILENCE_MS);
  const end: End = { frames: 0 };
  try {
    const request = await watchRequest(host, stream.signal);
    const response = await host.transport.stream(EventService.method.watch, stream.signal, 0, undefined, once(request));
    for await (const frame of response.message) {
      clearTimeout(watchdog);
      watchdog = setTimeout(stop, SILENCE_MS);
      end.frames += 1;
      host.onFrame(frame);
      if (frame.frame.case === "goodbye") return { ...end, ...farewell(frame.frame.value) };
    }
  } catch (error) {
    if (!signal.aborted) end.failure = failureOf(error);
    if (end.failure?.reason === "RESUME_TOKEN_INVALID") host.forgetToken();
  } finally {
    clearTimeout(watchdog);
    signal.removeEventListener("abort", stop);
    stream.abort();
  }
  return end;
}

function farewell(goodbye: { reason: GoodbyeReason; reconnectAfter?: Parameters<typeof durationMs>[0] | undefined }) {
  const backInMs = goodbye.reconnectAfter && durationMs(goodbye.reconnectAfter);
  if (backInMs === undefined) return { goodbye: { reason: goodbye.reason } };
  return { goodbye: { reason: goodbye.reason, backAt: localNow() + backInMs }, backInMs };
}

async function watchRequest(host: FeedHost, signal: AbortSignal) {
  const capabilities = await host.transport.unary(SystemService.method.getCapabilities, signal, HEARTBEAT_MS, undefined, {});
  const telemetry = capabilities.message.telemetryChannels.flatMap((channel) => {
    const interval = TELEMETRY_MS[channel];
    return interval === undefined ? [] : [{ channel, minInterval: durationFromMs(interval) }];
  });
  return create(WatchRequestSchema, {
    resumeToken: host.resumeToken(),
    heartbeatInterval: durationFromMs(HEARTBEAT_MS),
    telemetry,
  });
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

async function sleepUnlessWoken(ms: number, signal: AbortSignal, wake: EventTarget): Promise<void> {
  const either = new AbortController();
  const stop = () => either.abort();
  signal.addEventListener("abort", stop);
  wake.addEventListener("wake", stop);
  await sleep(ms, either.signal);
  signal.removeEventListener("abort", stop);
  wake.removeEventListener("wake", stop);
}
