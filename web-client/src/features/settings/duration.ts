import type { JsonValue } from "@bufbuild/protobuf";

/** Units of time in seconds. */
export const UNITS = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86_400 } as const;

export type Unit = keyof typeof UNITS;

/** Seconds of the JSON form of a Duration; undefined when it is none. */
export function secondsOf(value: JsonValue | undefined): number | undefined {
  const match = typeof value === "string" && /^(-?\d+(?:\.\d+)?)s$/.exec(value);
  return match ? Number(match[1]) : undefined;
}

/** The largest unit in which the length is a whole number. */
export function unitFor(seconds: number): Unit {
  const fitting = (["d", "h", "min", "s"] as const).find((unit) => seconds >= UNITS[unit] && seconds % UNITS[unit] === 0);
  return fitting ?? "ms";
}
