import type { ConfigState } from "../gen/cantina/config/v1/config_pb";
import type { Event, EventRates, Gap, SnapshotPart } from "../gen/cantina/event/v1/event_pb";
import type { Library, OutputMeter, Playback, Queue, ScanProgress, TrackEndingSoon } from "../gen/cantina/music/v1/music_pb";
import type {
  Component,
  DaemonStopping,
  GetCapabilitiesResponse,
  LogLine,
  Mode,
  ModeChangeFailed,
  ResourceUsage,
  SystemStatus,
} from "../gen/cantina/system/v1/system_pb";
import type { Link } from "../rpc/feed";
import { type Clock, unknownClock } from "./clock";

/** A value and the daemon's wall-clock milliseconds at which it was true. */
export interface Timed<T> {
  value: T;
  atMs: number;
}

/** One line of the activity page: something that happened, or a hole in what is known. */
export type Entry = { kind: "event"; event: Event } | { kind: "gap"; gap: Gap; atMs: number };

/** Everything the daemon has said. What it has not said is absent. */
export interface State {
  link: Link;
  clock: Clock;
  deviceId: string;
  epoch: string;
  resumeToken: string;
  /** The newest sequence number the daemon has, and the newest one that is part of this state. */
  head: bigint;
  applied: bigint;
  /** Parts of a snapshot that is still on its way. */
  incoming: SnapshotPart[] | undefined;
  /** The daemon's wall-clock milliseconds of the newest frame; when kept from an earlier visit, of that. */
  asOfMs: number | undefined;
  /** The state was kept on this machine and the daemon has not confirmed it yet. */
  remembered: boolean;
  status: SystemStatus | undefined;
  modeChanging: { from: Mode; to: Mode; reason: string } | undefined;
  modeFailure: Timed<ModeChangeFailed> | undefined;
  stopping: Timed<DaemonStopping> | undefined;
  components: Record<string, Component>;
  config: ConfigState | undefined;
  playback: Playback | undefined;
  endingSoon: TrackEndingSoon | undefined;
  queue: Queue | undefined;
  /** The queue missed a change and must be read again. */
  queueStale: boolean;
  library: Library | undefined;
  scan: ScanProgress | undefined;
  logs: readonly LogLine[];
  entries: readonly Entry[];
  resources: Timed<ResourceUsage> | undefined;
  meter: Timed<OutputMeter> | undefined;
  rates: Timed<EventRates> | undefined;
  capabilities: GetCapabilitiesResponse | undefined;
}

export const emptyState: State = {
  link: { phase: "connecting" },
  clock: unknownClock,
  deviceId: "",
  epoch: "",
  resumeToken: "",
  head: 0n,
  applied: 0n,
  incoming: undefined,
  asOfMs: undefined,
  remembered: false,
  status: undefined,
  modeChanging: undefined,
  modeFailure: undefined,
  stopping: undefined,
  components: {},
  config: undefined,
  playback: undefined,
  endingSoon: undefined,
  queue: undefined,
  queueStale: false,
  library: undefined,
  scan: undefined,
  logs: [],
  entries: [],
  resources: undefined,
  meter: undefined,
  rates: undefined,
  capabilities: undefined,
};

export const KEPT_ENTRIES = 2_000;
export const KEPT_LOGS = 1_000;
