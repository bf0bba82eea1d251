const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * How long to wait before an attempt, 1 s doubling to 30 s, less up to half by chance so that many
 * dashboards do not come back in the same moment. `attempt` counts from 0; `random` is 0 to 1.
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.max(FIRST_MS, ceiling * (1 - random / 2));
}

/** Waits, or returns early when the signal aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}
