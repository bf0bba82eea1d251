import { ConfigChangeKind } from "../../gen/cantina/config/v1/config_pb";
import type { Event } from "../../gen/cantina/event/v1/event_pb";
import { EventSeverity, GapReason, type Gap } from "../../gen/cantina/event/v1/event_pb";
import { EndReason, PlaybackState, type Playback, type QueueChanged } from "../../gen/cantina/music/v1/music_pb";
import { ComponentState, Mode } from "../../gen/cantina/system/v1/system_pb";
import { durationMs } from "../../rpc/time";
import { clockTime, enumWord, span } from "../../ui/format";
import type { Tone } from "../../ui/lamp";

/** An event in one line. The type stands beside it, so the line does not repeat it. */
export function describeEvent({ payload, resource }: Event): string {
  switch (payload.case) {
    case "commandCompleted": {
      const { method, status, duration } = payload.value;
      const name = method.slice(method.lastIndexOf(".") + 1);
      const took = duration ? ` in ${durationMs(duration).toFixed(1)} ms` : "";
      return status && status.code !== 0 ? `${name} failed: ${status.message}` : `${name}${took}`;
    }
    case "systemDaemonStarted": {
      const { version, afterUncleanShutdown } = payload.value;
      return `Version ${version}${afterUncleanShutdown ? ", after an unclean stop" : ""}`;
    }
    case "systemDaemonStopping":
      return `${payload.value.restarting ? "Restarts" : "Ends"}${because(payload.value.reason)}`;
    case "systemModeChanging":
      return `${enumWord(Mode, payload.value.from)} to ${enumWord(Mode, payload.value.to)}${because(payload.value.reason)}`;
    case "systemModeChanged": {
      const { from, status, reason } = payload.value;
      return `${enumWord(Mode, from)} to ${status ? enumWord(Mode, status.mode) : "unknown"}${because(reason)}`;
    }
    case "systemModeChangeFailed": {
      const { from, to, error } = payload.value;
      return `Stays ${enumWord(Mode, from)} instead of ${enumWord(Mode, to)}: ${error?.message ?? "no reason given"}`;
    }
    case "systemComponentChanged": {
      const { component, previousState } = payload.value;
      if (!component) return resource;
      const reason = component.reason?.message;
      return `${component.name}: ${enumWord(ComponentState, previousState)} to ${enumWord(ComponentState, component.state)}${reason ? `: ${reason}` : ""}`;
    }
    case "systemStopLatched":
      return `Everything is stopped${because(payload.value.status?.stopLatch?.reason ?? "")}`;
    case "systemStopCleared":
      return "The stop is cleared";
    case "systemStatusChanged":
      return payload.value.status?.safeMode ? "Safe mode" : `The device is called ${payload.value.status?.deviceName ?? ""}`;
    case "systemLogRecorded": {
      const { line } = payload.value;
      return line ? `${line.component}: ${line.message}${line.repeatCount > 1 ? ` (${line.repeatCount} times)` : ""}` : "";
    }
    case "configChanged":
      return `${enumWord(ConfigChangeKind, payload.value.kind)}: ${payload.value.changedPaths.join(", ") || "no setting"}`;
    case "musicPlaybackChanged":
      return describePlayback(payload.value.playback);
    case "musicTrackStarted":
      return describePlayback(payload.value.playback);
    case "musicTrackFinished": {
      const { track, endReason, position } = payload.value;
      const where = position ? ` at ${clockTime(durationMs(position))}` : "";
      return `${track?.title ?? "A track"}: ${enumWord(EndReason, endReason).toLowerCase()}${where}`;
    }
    case "musicTrackEndingSoon": {
      const { remaining, next } = payload.value;
      const left = remaining ? `${span(durationMs(remaining))} left` : "Ends soon";
      return next?.track ? `${left}, then ${next.track.title}` : `${left}, nothing follows`;
    }
    case "musicQueueChanged":
      return describeQueue(payload.value);
    case "musicVolumeChanged":
      return `${percent(payload.value.previousVolume)} to ${percent(payload.value.volume)}`;
    case "musicOutputChanged": {
      const { output, previousOutput, problem } = payload.value;
      return `${previousOutput?.name ?? "none"} to ${output?.name ?? "none"}${problem ? `: ${problem.message}` : ""}`;
    }
    case "musicScanStarted":
      return `${payload.value.library?.folders.length ?? 0} folders`;
    case "musicScanProgressed": {
      const { progress } = payload.value;
      return progress ? `${progress.done} of ${progress.total ?? "an unknown number of"} files` : "";
    }
    case "musicScanCompleted": {
      const { addedCount, changedCount, removedCount } = payload.value;
      return `${addedCount} added, ${changedCount} changed, ${removedCount} removed`;
    }
    case undefined:
      return resource || "This dashboard is older than the event.";
    default:
      return payload satisfies never;
  }
}

function because(reason: string): string {
  return reason ? `: ${reason}` : "";
}

function percent(volume: number): string {
  return `${Math.round(volume * 100)} %`;
}

function describePlayback(playback: Playback | undefined): string {
  if (!playback) return "";
  const where = playback.position?.position ? ` at ${clockTime(durationMs(playback.position.position))}` : "";
  const state = enumWord(PlaybackState, playback.state);
  return playback.track ? `${state}: ${playback.track.title}${where}` : state;
}

function describeQueue({ change, itemCount }: QueueChanged): string {
  switch (change.case) {
    case "inserted":
      return `${change.value.items.length} put in at ${change.value.index + 1}, ${itemCount} now`;
    case "removed":
      return `${change.value.itemIds.length} taken out, ${itemCount} left`;
    case "moved":
      return `One moved to place ${change.value.index + 1}`;
    case "current":
      return "Another item is the current one";
    case undefined:
      return `${itemCount} items`;
    default:
      return change satisfies never;
  }
}

const SEVERITIES: Record<EventSeverity, { tone: Tone; words: string }> = {
  [EventSeverity.UNSPECIFIED]: { tone: "unknown", words: "Unknown weight" },
  [EventSeverity.DEBUG]: { tone: "unknown", words: "Detail" },
  [EventSeverity.INFO]: { tone: "off", words: "Info" },
  [EventSeverity.WARNING]: { tone: "warn", words: "Warning" },
  [EventSeverity.ERROR]: { tone: "bad", words: "Error" },
};

export function severityOf(severity: EventSeverity): { tone: Tone; words: string } {
  return SEVERITIES[severity] ?? SEVERITIES[EventSeverity.UNSPECIFIED];
}

const GAPS: Record<GapReason, string> = {
  [GapReason.UNSPECIFIED]: "for an unknown reason",
  [GapReason.RETENTION]: "older than what is kept",
  [GapReason.UNCLEAN_SHUTDOWN]: "lost with the power, or never happened",
  [GapReason.DEVICE_RESET]: "the device lost its data",
  [GapReason.FILTER_CHANGED]: "not selected by the earlier filter",
};

export function describeGap(gap: Gap): string {
  const range = gap.firstSequence === gap.lastSequence ? `${gap.firstSequence}` : `${gap.firstSequence} to ${gap.lastSequence}`;
  return `Events ${range} are missing: ${GAPS[gap.reason] ?? GAPS[GapReason.UNSPECIFIED]}`;
}
