import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema, type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";

/** Milliseconds since 1970 of a Timestamp. */
export function timestampMs(time: Timestamp): number {
  return Number(time.seconds) * 1000 + time.nanos / 1e6;
}

/** Milliseconds of a Duration. */
export function durationMs(duration: Duration): number {
  return Number(duration.seconds) * 1000 + duration.nanos / 1e6;
}

export function durationFromMs(ms: number): Duration {
  const nanos = Math.round((ms % 1000) * 1e6);
  return create(DurationSchema, { seconds: BigInt(Math.trunc(ms / 1000)), nanos });
}

export function timestampFromMs(ms: number): Timestamp {
  const seconds = Math.floor(ms / 1000);
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos: Math.round((ms - seconds * 1000) * 1e6) });
}

/** Wall-clock milliseconds that never jump while the page lives. */
export function localNow(): number {
  return performance.timeOrigin + performance.now();
}
