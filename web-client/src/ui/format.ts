import type { Duration } from "@bufbuild/protobuf/wkt";
import { durationMs } from "../rpc/time";

/** `3:07`, or `1:02:09` from an hour on. */
export function clockTime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  const hours = Math.floor(seconds / 3600);
  const [minutes = 0, rest = 0] = parts;
  const tail = String(rest).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** A length of a track, or a dash that says that it is not known. */
export function length(duration: Duration | undefined): string {
  return duration ? clockTime(durationMs(duration)) : "–";
}

/** `12 s`, `4 min`, `3 h`, `2 d`: the largest whole unit. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export function bytes(count: bigint | number): string {
  let value = Number(count);
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });

export function timeOfDay(ms: number): string {
  return time.format(ms);
}

export function dateTime(ms: number): string {
  return day.format(ms);
}

/** `COMPONENT_STATE_RUNNING` or `RUNNING` to `Running`; a number the page does not know to itself. */
export function enumWord(values: Record<string | number, string | number>, value: number): string {
  const name = values[value];
  if (typeof name !== "string") return `Unknown (${value})`;
  if (name === "UNSPECIFIED") return "Unknown";
  const words = name.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
