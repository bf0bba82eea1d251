/** The daemon's clock as seen from here, from the times it puts into frames. */
export interface Clock {
  /** Server minus local milliseconds, newest last. */
  samples: readonly number[];
  offsetMs: number;
}

export const unknownClock: Clock = { samples: [], offsetMs: 0 };

const KEPT = 12;
const JUMP_MS = 2_000;

/**
 * Takes in one server time. A frame can only be late, never early, so the largest recent difference
 * is the best one. A difference far from all others means that a clock was set: then the old samples
 * say nothing any more.
 */
export function observe(clock: Clock, serverMs: number, localMs: number): Clock {
  const sample = serverMs - localMs;
  const jumped = clock.samples.length > 0 && Math.abs(sample - clock.offsetMs) > JUMP_MS;
  const samples = jumped ? [sample] : [...clock.samples, sample].slice(-KEPT);
  return { samples, offsetMs: Math.max(...samples) };
}

/** The daemon's wall-clock milliseconds at a local time. */
export function serverTime(clock: Clock, localMs: number): number {
  return localMs + clock.offsetMs;
}
