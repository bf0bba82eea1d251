import { type DescField, getOption, ScalarType, type JsonObject, type JsonValue } from "@bufbuild/protobuf";
import { setting, unit } from "../../gen/cantina/options/v1/options_pb";
import type { Contract } from "../../rpc/contract";
import { secondsOf, UNITS, unitFor } from "./duration";

export type FieldKind = "text" | "toggle" | "integer" | "number" | "duration" | "list" | "other";

/** One setting, as the contract describes it. */
export interface Setting {
  /** For example `storage.record_max_bytes`. */
  path: string;
  section: string;
  name: string;
  /** The keys of the value in the JSON form of Config. */
  keys: [string, string];
  kind: FieldKind;
  doc: string;
  unit: string;
  environment: string;
  needsRestart: boolean;
}

export interface Section {
  name: string;
  doc: string;
  settings: Setting[];
}

const CONFIG = "cantina.config.v1.Config";

/** The form of the settings: one section for each message of Config, one field for each setting. */
export function sectionsOf(contract: Contract): Section[] {
  const config = contract.registry.getMessage(CONFIG);
  return (config?.fields ?? []).flatMap((section) => {
    if (section.fieldKind !== "message") return [];
    const settings = section.message.fields.map((field) => settingOf(section, field, contract));
    return [{ name: section.name, doc: contract.comment(section), settings }];
  });
}

function settingOf(section: DescField, field: DescField, contract: Contract): Setting {
  const described = getOption(field, setting);
  return {
    path: `${section.name}.${field.name}`,
    section: section.name,
    name: field.name,
    keys: [section.jsonName, field.jsonName],
    kind: kindOf(field),
    doc: contract.comment(field),
    unit: getOption(field, unit) || unitOfName(field.name),
    environment: described.environment,
    needsRestart: described.needsRestart,
  };
}

function kindOf(field: DescField): FieldKind {
  if (field.fieldKind === "list") return field.listKind === "scalar" && field.scalar === ScalarType.STRING ? "list" : "other";
  if (field.fieldKind === "message") return field.message.typeName === "google.protobuf.Duration" ? "duration" : "other";
  if (field.fieldKind !== "scalar") return "other";
  switch (field.scalar) {
    case ScalarType.STRING:
      return "text";
    case ScalarType.BOOL:
      return "toggle";
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return "number";
    case ScalarType.BYTES:
      return "other";
    default:
      return "integer";
  }
}

function unitOfName(name: string): string {
  const last = name.slice(name.lastIndexOf("_") + 1);
  return ["bytes", "frames", "hz", "ms"].includes(last) ? last : "";
}

/** The value of a setting in the JSON form of Config; undefined when it is not there. */
export function valueAt(config: JsonObject, { keys: [section, name] }: Setting): JsonValue | undefined {
  const part = config[section];
  return part !== null && typeof part === "object" && !Array.isArray(part) ? part[name] : undefined;
}

/** A Config in JSON form that holds these values and nothing else. */
export function configWith(values: Iterable<[Setting, JsonValue]>): JsonObject {
  const config: Record<string, JsonObject> = {};
  for (const [{ keys }, value] of values) {
    const [section, name] = keys;
    config[section] = { ...config[section], [name]: value };
  }
  return config;
}

/** A value for people. */
export function showValue(value: JsonValue | undefined): string {
  if (value === undefined) return "not set";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(", ");
  if (typeof value !== "string") return JSON.stringify(value);
  const seconds = secondsOf(value);
  if (seconds === undefined) return value === "" ? "empty" : value;
  const unit = unitFor(seconds);
  return `${Number((seconds / UNITS[unit]).toFixed(6))} ${unit}`;
}
