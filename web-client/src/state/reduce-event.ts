import type { Event } from "../gen/cantina/event/v1/event_pb";
import type { LogLine, SystemStatus } from "../gen/cantina/system/v1/system_pb";
import { timestampMs } from "../rpc/time";
import { KEPT_ENTRIES, KEPT_LOGS, type State } from "./model";
import { applyQueueChange } from "./reduce-queue";

/** Takes one event into the state. An event that is part of it already changes nothing. */
export function reduceEvent(state: State, event: Event): State {
  if (event.sequence <= state.applied) return state;
  const atMs = event.time ? timestampMs(event.time) : undefined;
  const counted: State = {
    ...state,
    applied: event.sequence,
    head: event.sequence > state.head ? event.sequence : state.head,
    asOfMs: atMs ?? state.asOfMs,
    entries: [...state.entries, { kind: "event" as const, event }].slice(-KEPT_ENTRIES),
  };
  return reducePayload(counted, event, atMs ?? 0);
}

function reducePayload(state: State, { payload }: Event, atMs: number): State {
  switch (payload.case) {
    case "commandCompleted":
      return state;
    case "systemDaemonStarted":
      return { ...state, stopping: undefined };
    case "systemDaemonStopping":
      return { ...state, stopping: { value: payload.value, atMs } };
    case "systemModeChanging":
      return { ...state, modeChanging: payload.value, modeFailure: undefined };
    case "systemModeChanged":
      return { ...withStatus(state, payload.value.status), modeChanging: undefined };
    case "systemModeChangeFailed":
      return { ...state, modeChanging: undefined, modeFailure: { value: payload.value, atMs } };
    case "systemComponentChanged": {
      const { component } = payload.value;
      return component ? { ...state, components: { ...state.components, [component.name]: component } } : state;
    }
    case "systemStopLatched":
    case "systemStopCleared":
    case "systemStatusChanged":
      return withStatus(state, payload.value.status);
    case "systemLogRecorded":
      return payload.value.line ? { ...state, logs: mergeLogs(state.logs, [payload.value.line]) } : state;
    case "configChanged":
      return { ...state, config: payload.value.state ?? state.config };
    case "musicPlaybackChanged":
      return { ...state, playback: payload.value.playback ?? state.playback };
    case "musicTrackStarted":
    case "musicTrackFinished":
      return { ...state, playback: payload.value.playback ?? state.playback, endingSoon: undefined };
    case "musicTrackEndingSoon":
      return { ...state, endingSoon: payload.value };
    case "musicQueueChanged": {
      const queue = applyQueueChange(state.queue, payload.value);
      if (queue) return { ...state, queue };
      return { ...state, queueStale: state.queue?.etag !== payload.value.etag };
    }
    case "musicVolumeChanged":
      return state.playback ? { ...state, playback: { ...state.playback, volume: payload.value.volume } } : state;
    case "musicOutputChanged": {
      const { output } = payload.value;
      return state.playback && output ? { ...state, playback: { ...state.playback, output } } : state;
    }
    case "musicScanStarted":
      return { ...state, library: payload.value.library ?? state.library, scan: payload.value.library?.scan };
    case "musicScanProgressed":
      return { ...state, scan: payload.value.progress };
    case "musicScanCompleted":
      return { ...state, library: payload.value.library ?? state.library, scan: undefined };
    case undefined:
      return state;
    default:
      return payload satisfies never;
  }
}

function withStatus(state: State, status: SystemStatus | undefined): State {
  return status ? { ...state, status } : state;
}

/** Lines in the order of their numbers, each once, the newest saying of a line winning. */
export function mergeLogs(kept: readonly LogLine[], fresh: readonly LogLine[]): LogLine[] {
  const last = kept.at(-1);
  const [only] = fresh;
  if (fresh.length === 1 && only && (!last || only.number > last.number)) return [...kept, only].slice(-KEPT_LOGS);
  const byNumber = new Map([...kept, ...fresh].map((line) => [line.number, line]));
  return [...byNumber.values()].sort((a, b) => (a.number < b.number ? -1 : 1)).slice(-KEPT_LOGS);
}
