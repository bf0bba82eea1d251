import type { WatchResponse } from "../gen/cantina/event/v1/event_pb";
import { MusicService } from "../gen/cantina/music/v1/music_pb";
import { SystemService } from "../gen/cantina/system/v1/system_pb";
import { call } from "../rpc/call";
import { type Link, watchForever } from "../rpc/feed";
import { localNow } from "../rpc/time";
import { transport } from "../rpc/transport";
import { unknownClock } from "./clock";
import { recall, remember } from "./memory";
import { dispatch, store } from "./store";
import { Tabs } from "./tabs";

const REMEMBER_MS = 10_000;
const WATCH_MS = 3_000;
const FROZEN_MS = 25_000;
const wake = new EventTarget();

/** Tries to connect now instead of when the wait is over. */
export function connectNow(): void {
  wake.dispatchEvent(new Event("wake"));
}

/** Joins the feed for as long as the page lives. Answers how to leave. */
export function startSession(): () => void {
  const page = new AbortController();
  const startedAt = localNow();
  const tabs: Tabs = new Tabs({
    lead: (signal) => lead(tabs, signal),
    state: () => store.getState(),
    onState: (state) => dispatch({ kind: "adopt", state: { ...state, clock: unknownClock } }),
    onFrame: takeFrame,
    onLink: (link) => dispatch({ kind: "link", link }),
  });
  void recall().then((state) => {
    const known = store.getState();
    if (state && known.epoch === "") dispatch({ kind: "adopt", state: { ...state, link: known.link, clock: unknownClock } });
  });
  void tabs.run(page.signal);
  const timers = [setInterval(keep, REMEMBER_MS), setInterval(() => mendSilence(tabs, startedAt), WATCH_MS)];
  const unsubscribe = store.subscribe(readWhatIsMissing);
  window.addEventListener("online", connectNow);
  window.addEventListener("pagehide", keep);
  return () => {
    page.abort();
    timers.forEach((timer) => clearInterval(timer));
    unsubscribe();
    window.removeEventListener("online", connectNow);
    window.removeEventListener("pagehide", keep);
  };
}

/** The reading tab ends a silent stream by itself; longer silence means that the tab does not run. */
function mendSilence(tabs: Tabs, startedAt: number): void {
  const { phase, lastFrameAt, retryAt } = store.getState().link;
  const sign = phase === "waiting" ? retryAt : (lastFrameAt ?? startedAt);
  if (document.visibilityState === "visible" && sign !== undefined && localNow() - sign > FROZEN_MS) tabs.takeOver();
}

function keep(): void {
  const state = store.getState();
  if (state.epoch !== "" && !state.remembered) void remember(state);
}

function lead(tabs: Tabs, signal: AbortSignal): Promise<void> {
  const host = {
    transport: transport(),
    onFrame: (frame: WatchResponse) => {
      takeFrame(frame);
      tabs.relayFrame(frame);
    },
    onLink: (link: Link) => {
      dispatch({ kind: "link", link });
      tabs.relayLink(link);
    },
    resumeToken: () => store.getState().resumeToken,
    forgetToken: () => dispatch({ kind: "forget-token" }),
  };
  return watchForever(host, signal, wake);
}

function takeFrame(frame: WatchResponse): void {
  dispatch({ kind: "frame", frame, receivedAt: localNow() });
}

let readingQueue = false;
let capabilitiesFor = "";

/** Reads by call what the feed alone does not carry. */
function readWhatIsMissing(): void {
  const { queueStale, link, epoch, capabilities } = store.getState();
  if (link.phase !== "open") {
    capabilitiesFor = "";
    return;
  }
  if (queueStale && !readingQueue) void readQueue();
  if (epoch !== capabilitiesFor || !capabilities) {
    if (capabilitiesFor !== epoch) void readCapabilities();
    capabilitiesFor = epoch;
  }
}

async function readQueue(): Promise<void> {
  readingQueue = true;
  try {
    const { queue } = await call(MusicService.method.getQueue, {});
    if (queue) dispatch({ kind: "queue-read", queue });
  } catch {
    setTimeout(() => void readQueue(), 2_000);
    return;
  } finally {
    readingQueue = false;
  }
}

async function readCapabilities(): Promise<void> {
  try {
    const capabilities = await call(SystemService.method.getCapabilities, {});
    dispatch({ kind: "capabilities", capabilities });
  } catch {
    capabilitiesFor = "";
  }
}

/** Whether the daemon has the service that a page is about. Unknown counts as no. */
export function hasService(services: readonly string[] | undefined, service: { typeName: string }): boolean {
  return services?.includes(service.typeName) ?? false;
}

