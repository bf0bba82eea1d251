import type { Failure } from "../rpc/failure";
import type { Link } from "../rpc/feed";

/** What a person is told about the connection. */
export type Connection =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "catching-up"; behind: bigint }
  | { kind: "stale"; silentMs: number }
  | { kind: "offline"; retryInMs?: number; failure?: Failure }
  | { kind: "restarting"; backInMs: number }
  | { kind: "shut-down" };

export const STALE_AFTER_MS = 12_000;

/** Says how the connection is at the local time `now`. `behind` counts events not read yet. */
export function connectionOf(link: Link, behind: bigint, now: number): Connection {
  if (link.phase === "open") {
    const silentMs = now - (link.lastFrameAt ?? now);
    if (silentMs > STALE_AFTER_MS) return { kind: "stale", silentMs };
    return behind > 0n ? { kind: "catching-up", behind } : { kind: "live" };
  }
  const { goodbye } = link;
  if (goodbye?.backAt !== undefined) return { kind: "restarting", backInMs: Math.max(0, goodbye.backAt - now) };
  if (goodbye) return { kind: "shut-down" };
  if (link.phase === "connecting") return { kind: "connecting" };
  return {
    kind: "offline",
    ...(link.retryAt !== undefined && { retryInMs: Math.max(0, link.retryAt - now) }),
    ...(link.failure && { failure: link.failure }),
  };
}

/** Whether what is shown may differ from what is: values are drawn grey. */
export function isAged(connection: Connection): boolean {
  return connection.kind !== "live" && connection.kind !== "catching-up";
}

/** Why no command is sent, or undefined when commands are sent. */
export function whyMute(connection: Connection): string | undefined {
  switch (connection.kind) {
    case "live":
    case "catching-up":
    case "stale":
      return undefined;
    case "connecting":
      return "Connecting to the device.";
    case "offline":
      return "The device cannot be reached.";
    case "restarting":
      return "The daemon restarts.";
    case "shut-down":
      return "The daemon was shut down.";
    default:
      return connection satisfies never;
  }
}
