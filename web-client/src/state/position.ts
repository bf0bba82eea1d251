import type { Position } from "../gen/cantina/music/v1/music_pb";
import { durationMs, timestampMs } from "../rpc/time";

/** Milliseconds into the track at a moment of the daemon's clock, never outside the track. */
export function positionAt(position: Position, serverMs: number): number {
  if (!position.position) return 0;
  const start = durationMs(position.position);
  const elapsed = position.asOf ? Math.max(0, serverMs - timestampMs(position.asOf)) : 0;
  const now = Math.max(0, start + position.rate * elapsed);
  return position.duration ? Math.min(now, durationMs(position.duration)) : now;
}
