import type { SnapshotPart, Subscribed, Telemetry, WatchResponse } from "../gen/cantina/event/v1/event_pb";
import type { Queue } from "../gen/cantina/music/v1/music_pb";
import type { GetCapabilitiesResponse, LogLine } from "../gen/cantina/system/v1/system_pb";
import type { Link } from "../rpc/feed";
import { timestampMs } from "../rpc/time";
import { observe, serverTime } from "./clock";
import { emptyState, KEPT_ENTRIES, type State } from "./model";
import { mergeLogs, reduceEvent } from "./reduce-event";

export type Action =
  | { kind: "frame"; frame: WatchResponse; receivedAt: number }
  | { kind: "link"; link: Link }
  | { kind: "queue-read"; queue: Queue }
  | { kind: "logs-read"; lines: LogLine[] }
  | { kind: "capabilities"; capabilities: GetCapabilitiesResponse }
  | { kind: "forget-token" }
  /** Takes over the state of another tab, or the one kept on this machine. */
  | { kind: "adopt"; state: State };

/** The one place that decides what the page knows. Pure. */
export function reduce(state: State, action: Action): State {
  switch (action.kind) {
    case "frame":
      return reduceFrame(state, action.frame, action.receivedAt);
    case "link":
      return { ...state, link: keepGoodbye(state.link, action.link) };
    case "queue-read":
      return { ...state, queue: action.queue, queueStale: false };
    case "logs-read":
      return { ...state, logs: mergeLogs(state.logs, action.lines) };
    case "capabilities":
      return { ...state, capabilities: action.capabilities };
    case "forget-token":
      return { ...state, resumeToken: "" };
    case "adopt":
      return action.state;
    default:
      return action satisfies never;
  }
}

/** While the daemon is expected back, an attempt to connect does not hide that it restarts. */
function keepGoodbye(before: Link, link: Link): Link {
  const expected = link.phase === "connecting" && before.goodbye;
  return expected ? { ...link, goodbye: expected } : link;
}

function reduceFrame(before: State, frame: WatchResponse, receivedAt: number): State {
  const state: State = {
    ...before,
    resumeToken: frame.resumeToken || before.resumeToken,
    link: { phase: "open", lastFrameAt: receivedAt },
  };
  const content = frame.frame;
  switch (content.case) {
    case "subscribed":
      return subscribe(state, content.value, receivedAt);
    case "snapshotPart":
      return { ...state, incoming: [...(state.incoming ?? []), content.value] };
    case "snapshotComplete":
      return completeSnapshot(state, content.value.sequence, receivedAt);
    case "events":
      return content.value.events.reduce(reduceEvent, state);
    case "telemetry":
      return reduceTelemetry(state, content.value);
    case "heartbeat": {
      const { headSequence, serverTime: time } = content.value;
      const serverMs = time && timestampMs(time);
      const clock = serverMs === undefined ? state.clock : observe(state.clock, serverMs, receivedAt);
      return { ...state, clock, head: headSequence, asOfMs: serverMs ?? state.asOfMs };
    }
    case "gap": {
      const gap = content.value;
      const entry = { kind: "gap" as const, gap, atMs: serverTime(state.clock, receivedAt) };
      const applied = gap.lastSequence > state.applied ? gap.lastSequence : state.applied;
      return { ...state, applied, entries: [...state.entries, entry].slice(-KEPT_ENTRIES) };
    }
    case "goodbye":
      return state;
    case undefined:
      return state;
    default:
      return content satisfies never;
  }
}

function subscribe(state: State, subscribed: Subscribed, receivedAt: number): State {
  const serverMs = subscribed.serverTime && timestampMs(subscribed.serverTime);
  const sameLog = state.epoch === subscribed.epoch && !state.remembered;
  return {
    ...state,
    ...(!sameLog && { applied: 0n, entries: [], logs: [] }),
    deviceId: subscribed.deviceId,
    epoch: subscribed.epoch,
    head: subscribed.headSequence,
    clock: serverMs === undefined ? state.clock : observe(state.clock, serverMs, receivedAt),
    asOfMs: state.remembered ? state.asOfMs : (serverMs ?? state.asOfMs),
    incoming: subscribed.snapshotPartCount > 0 ? [] : undefined,
  };
}

/** Puts the whole snapshot in the place of what was known, at once. */
function completeSnapshot(state: State, sequence: bigint, receivedAt: number): State {
  const { status, components, config, playback, queue, library } = emptyState;
  const cleared: State = {
    ...state,
    ...{ status, components, config, playback, queue, library },
    modeChanging: undefined,
    stopping: undefined,
    endingSoon: undefined,
    queueStale: false,
    scan: undefined,
    incoming: undefined,
    remembered: false,
    applied: sequence > state.applied ? sequence : state.applied,
    head: sequence > state.head ? sequence : state.head,
    asOfMs: serverTime(state.clock, receivedAt),
  };
  return (state.incoming ?? []).reduce(reducePart, cleared);
}

function reducePart(state: State, { part }: SnapshotPart): State {
  switch (part.case) {
    case "systemStatus":
      return { ...state, status: part.value };
    case "component":
      return { ...state, components: { ...state.components, [part.value.name]: part.value } };
    case "config":
      return { ...state, config: part.value };
    case "playback":
      return { ...state, playback: part.value };
    case "queue":
      return { ...state, queue: part.value };
    case "library":
      return { ...state, library: part.value, scan: part.value.scan };
    case undefined:
      return state;
    default:
      return part satisfies never;
  }
}

function reduceTelemetry(state: State, telemetry: Telemetry): State {
  const atMs = telemetry.time ? timestampMs(telemetry.time) : (state.asOfMs ?? 0);
  const { value } = telemetry;
  switch (value.case) {
    case "resources":
      return { ...state, resources: { value: value.value, atMs } };
    case "meter":
      return { ...state, meter: { value: value.value, atMs } };
    case "eventRates":
      return { ...state, rates: { value: value.value, atMs } };
    case undefined:
      return state;
    default:
      return value satisfies never;
  }
}
