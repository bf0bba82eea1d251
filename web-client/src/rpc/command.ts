import type { Failure } from "./failure";

/**
 * The life of one command: sent, answered, and done when the feed has passed the sequence at which
 * its effect shows. A failure stays until the next attempt or until a person puts it away.
 */
export type Phase =
  | { kind: "idle" }
  | { kind: "sending"; requestId: string }
  | { kind: "answered"; requestId: string; sequence: bigint }
  | { kind: "failed"; requestId: string; failure: Failure };

export type Step =
  | { kind: "send"; requestId: string }
  | { kind: "answer"; requestId: string; sequence: bigint; applied: bigint }
  | { kind: "fail"; requestId: string; failure: Failure }
  | { kind: "feed"; applied: bigint }
  | { kind: "dismiss" };

export const idle: Phase = { kind: "idle" };

/** Decides the next phase. Steps of an older request than the current one change nothing. */
export function nextPhase(phase: Phase, step: Step): Phase {
  switch (step.kind) {
    case "send":
      return { kind: "sending", requestId: step.requestId };
    case "answer":
      if (!isCurrent(phase, step.requestId)) return phase;
      if (step.applied >= step.sequence) return idle;
      return { kind: "answered", requestId: step.requestId, sequence: step.sequence };
    case "fail":
      if (!isCurrent(phase, step.requestId)) return phase;
      return { kind: "failed", requestId: step.requestId, failure: step.failure };
    case "feed":
      return phase.kind === "answered" && step.applied >= phase.sequence ? idle : phase;
    case "dismiss":
      return phase.kind === "failed" ? idle : phase;
    default:
      return step satisfies never;
  }
}

function isCurrent(phase: Phase, requestId: string): boolean {
  return phase.kind === "sending" && phase.requestId === requestId;
}

export function isPending(phase: Phase): boolean {
  return phase.kind === "sending" || phase.kind === "answered";
}
