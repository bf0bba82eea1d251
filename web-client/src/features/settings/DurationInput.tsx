import type { JsonValue } from "@bufbuild/protobuf";
import { useState } from "react";

const UNITS = { ms: 0.001, s: 1, min: 60, h: 3600, d: 86_400 } as const;
type Unit = keyof typeof UNITS;

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

interface Props {
  id: string;
  invalid: boolean;
  describedBy: string;
  value: JsonValue | undefined;
  onChange: (value: JsonValue) => void;
}

/** A length of time in the unit that suits it. */
export function DurationInput({ id, invalid, describedBy, value, onChange }: Props) {
  const seconds = secondsOf(value);
  const [unit, setUnit] = useState<Unit>();
  const shown = unit ?? (seconds === undefined ? "s" : unitFor(seconds));
  const amount = seconds === undefined ? "" : String(Number((seconds / UNITS[shown]).toFixed(6)));
  const send = (text: string, next: Unit) => onChange(`${Number((Number(text) * UNITS[next]).toFixed(9))}s`);
  return (
    <div className="with-unit">
      <input
        id={id}
        className="input"
        type="number"
        step="any"
        aria-invalid={invalid || undefined}
        aria-describedby={describedBy}
        value={amount}
        onChange={(event) => send(event.target.value, shown)}
      />
      <select className="select" aria-label="Unit" value={shown} onChange={(event) => setUnit(event.target.value as Unit)}>
        {Object.keys(UNITS).map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </div>
  );
}
