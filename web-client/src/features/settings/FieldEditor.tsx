import type { JsonValue } from "@bufbuild/protobuf";
import { Plus, Undo2, X } from "lucide-react";
import { useId } from "react";
import { ConfigLayer } from "../../gen/cantina/config/v1/config_pb";
import { Button } from "../../ui/button";
import { bytes, enumWord } from "../../ui/format";
import { Prose } from "../../ui/prose";
import { Toggle } from "../../ui/toggle";
import { DurationInput } from "./DurationInput";
import { type Setting, showValue, valueAt } from "./fields";
import type { SettingsView } from "./use-settings";

/** One setting: its value, where it comes from, what it means, and what is wrong with the wish. */
export function FieldEditor({ setting, view }: { setting: Setting; view: SettingsView }) {
  const id = useId();
  const { path } = setting;
  const edited = view.draft.has(path);
  const current = valueAt(view.current, setting);
  const value = edited ? view.draft.get(path) : current;
  const origin = view.origin(path);
  const marks = view.marksOf(path);
  const fallback = showValue(valueAt(view.defaults, setting));
  return (
    <div className={`setting ${edited ? "edited" : ""}`}>
      <div className="setting-words">
        {setting.kind === "toggle" ? <span className="label">{title(setting.name)}</span> : <label className="label" htmlFor={id}>{title(setting.name)}</label>}
        <p className="soft small">
          <Prose text={setting.doc} />
        </p>
      </div>
      <div className="setting-value">
        <Editor
          id={id}
          setting={setting}
          value={value}
          invalid={marks.length > 0}
          describedBy={`${id}-facts`}
          onChange={(next) => view.set(setting, next)}
        />
        {marks.map((mark) => (
          <p className="mark" role="alert" key={`${mark.field}${mark.rule}`}>
            {mark.description || mark.rule}
          </p>
        ))}
        <p className="soft small" id={`${id}-facts`}>
          {enumWord(ConfigLayer, origin.layer)}
          {origin.layer !== ConfigLayer.DEFAULT && ` · default ${fallback}`}
          {setting.environment && ` · ${setting.environment}`}
          {setting.needsRestart && " · needs a restart"}
          {origin.restartPending && " · waits for the restart"}
        </p>
        <div className="row">
          {edited && (
            <Button look="quiet" icon={<Undo2 size={16} aria-hidden />} onClick={() => view.leave(setting)}>
              Leave as it is
            </Button>
          )}
          {origin.layer === ConfigLayer.REVISION && !edited && (
            <Button look="quiet" icon={<X size={16} aria-hidden />} onClick={() => view.set(setting, undefined)}>
              Go back to the layer below
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

function title(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

interface EditorProps {
  id: string;
  setting: Setting;
  value: JsonValue | undefined;
  invalid: boolean;
  describedBy: string;
  onChange: (value: JsonValue) => void;
}

function Editor({ id, setting, value, invalid, describedBy, onChange }: EditorProps) {
  const common = { id, className: "input", "aria-invalid": invalid || undefined, "aria-describedby": describedBy };
  switch (setting.kind) {
    case "toggle":
      return <Toggle label={value === true ? "On" : value === false ? "Off" : "Not set"} checked={value === true} onChange={onChange} />;
    case "text":
      return <input {...common} value={typeof value === "string" ? value : ""} onChange={(event) => onChange(event.target.value)} />;
    case "integer":
    case "number": {
      const size = setting.unit === "bytes" && value !== undefined ? ` (${bytes(Number(value))})` : "";
      return (
        <div className="with-unit">
          <input
            {...common}
            type="number"
            inputMode={setting.kind === "integer" ? "numeric" : "decimal"}
            step={setting.kind === "integer" ? 1 : "any"}
            value={value === undefined ? "" : String(value)}
            onChange={(event) => onChange(setting.kind === "integer" ? event.target.value : Number(event.target.value))}
          />
          {setting.unit && (
            <span className="soft small">
              {setting.unit}
              {size}
            </span>
          )}
        </div>
      );
    }
    case "duration":
      return <DurationInput id={id} invalid={invalid} describedBy={describedBy} value={value} onChange={onChange} />;
    case "list":
      return <ListEditor id={id} value={Array.isArray(value) ? value.map(String) : []} onChange={onChange} />;
    case "other":
      return <code className="wrap">{showValue(value)}</code>;
    default:
      return setting.kind satisfies never;
  }
}

function ListEditor({ id, value, onChange }: { id: string; value: string[]; onChange: (value: JsonValue) => void }) {
  return (
    <div className="stack">
      {value.map((item, index) => (
        <div className="row list-item" key={index}>
          <input
            id={index === 0 ? id : undefined}
            aria-label={`Entry ${index + 1}`}
            className="input"
            value={item}
            onChange={(event) => onChange(value.with(index, event.target.value))}
          />
          <Button look="bare" aria-label={`Remove entry ${index + 1}`} icon={<X size={18} aria-hidden />} onClick={() => onChange(value.toSpliced(index, 1))} />
        </div>
      ))}
      <Button id={value.length === 0 ? id : undefined} icon={<Plus size={18} aria-hidden />} onClick={() => onChange([...value, ""])}>
        Add an entry
      </Button>
    </div>
  );
}
