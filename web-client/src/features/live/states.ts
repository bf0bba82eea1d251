import { CheckOutcome, ComponentState } from "../../gen/cantina/system/v1/system_pb";
import type { Tone } from "../../ui/lamp";

const TONES: Record<ComponentState, Tone> = {
  [ComponentState.UNSPECIFIED]: "unknown",
  [ComponentState.STARTING]: "busy",
  [ComponentState.RUNNING]: "good",
  [ComponentState.DEGRADED]: "warn",
  [ComponentState.FAILED]: "bad",
  [ComponentState.STOPPING]: "busy",
  [ComponentState.STOPPED]: "off",
  [ComponentState.DISABLED]: "off",
};

export function componentTone(state: ComponentState): Tone {
  return TONES[state] ?? "unknown";
}

const OUTCOMES: Record<CheckOutcome, { tone: Tone; words: string }> = {
  [CheckOutcome.UNSPECIFIED]: { tone: "unknown", words: "Unknown" },
  [CheckOutcome.PASS]: { tone: "good", words: "Pass" },
  [CheckOutcome.WARN]: { tone: "warn", words: "Look at it" },
  [CheckOutcome.FAIL]: { tone: "bad", words: "Fail" },
};

export function outcomeOf(outcome: CheckOutcome): { tone: Tone; words: string } {
  return OUTCOMES[outcome] ?? OUTCOMES[CheckOutcome.UNSPECIFIED];
}
