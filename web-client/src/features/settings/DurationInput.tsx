import type { JsonValue } from "@bufbuild/protobuf";
import { useState } from "react";
import { secondsOf, type Unit, UNITS, unitFor } from "./duration";

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
