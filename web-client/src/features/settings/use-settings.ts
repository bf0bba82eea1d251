import { create, fromJson, type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { useEffect, useMemo, useState } from "react";
import { ConfigLayer, ConfigSchema, ConfigService, type UpdateConfigResponse } from "../../gen/cantina/config/v1/config_pb";
import { useContract } from "../../rpc/contract";
import type { FieldMark } from "../../rpc/failure";
import { durationFromMs } from "../../rpc/time";
import { useCommand } from "../../rpc/use-command";
import { useQuery } from "../../rpc/use-query";
import { useDaemon } from "../../state/store";
import { configWith, type Section, type Setting, sectionsOf, valueAt } from "./fields";
import { concerns, validateConfig } from "./validate";

/** The wish for one setting: a value, or undefined to go back to the layer below. */
export type Draft = ReadonlyMap<string, JsonValue | undefined>;

export interface Change {
  setting: Setting;
  before: JsonValue | undefined;
  after: JsonValue | undefined;
}

const VALIDATE_MS = 250;

/** The settings as they are, as the person wants them, and the way from one to the other. */
export function useSettings() {
  const { contract, failure } = useContract();
  const state = useDaemon((whole) => whole.config);
  const read = useQuery(ConfigService.method.getConfig, {}, state?.etag ?? "");
  const update = useCommand(ConfigService.method.updateConfig);
  const [draft, setDraft] = useState<Draft>(new Map());
  const [marks, setMarks] = useState<FieldMark[]>([]);
  const [tried, setTried] = useState<UpdateConfigResponse>();
  const [confirmSeconds, setConfirmSeconds] = useState("60");

  const sections = useMemo(() => (contract ? sectionsOf(contract) : []), [contract]);
  const current = useMemo(() => (state?.config ? (toJson(ConfigSchema, state.config) as JsonObject) : {}), [state]);
  const defaults = useMemo(() => (read.answer?.defaults ? (toJson(ConfigSchema, read.answer.defaults) as JsonObject) : {}), [read.answer]);
  const changes = useMemo(() => changesOf(sections, draft, current), [sections, draft, current]);

  useEffect(() => {
    setTried(undefined);
    if (!contract || changes.length === 0) return setMarks([]);
    const timer = setTimeout(() => void validateConfig(contract, wished(changes)).then(setMarks), VALIDATE_MS);
    return () => clearTimeout(timer);
  }, [contract, changes]);

  const set = (setting: Setting, value: JsonValue | undefined) => {
    const next = new Map(draft);
    next.set(setting.path, value);
    setDraft(next);
  };
  const leave = (setting: Setting) => {
    const next = new Map(draft);
    next.delete(setting.path);
    setDraft(next);
  };
  const request = (validateOnly: boolean) => ({
    config: fromJson(ConfigSchema, wished(changes)),
    updateMask: create(FieldMaskSchema, { paths: changes.map(({ setting }) => setting.path) }),
    etag: state?.etag ?? "",
    validateOnly,
    ...(!validateOnly && confirmSeconds !== "0" && { confirmWithin: durationFromMs(Number(confirmSeconds) * 1000) }),
  });

  return {
    ...{ sections, state, current, defaults, draft, changes, set, leave, update, tried, failure: failure ?? read.failure },
    ...{ confirmSeconds, setConfirmSeconds },
    loading: !contract || !state,
    marks: [...marks, ...(update.failure?.fields ?? [])],
    origin: (path: string) => state?.origins.find((origin) => origin.path === path) ?? { layer: ConfigLayer.DEFAULT, restartPending: false },
    marksOf: (path: string) => [...marks, ...(update.failure?.fields ?? [])].filter((mark) => concerns(mark, path)),
    tryIt: async () => setTried(await update.run(request(true))),
    apply: async () => {
      if (await update.run(request(false))) setDraft(new Map());
    },
    discard: () => setDraft(new Map()),
  };
}

export type SettingsView = ReturnType<typeof useSettings>;

/** The settings whose wish differs from what is in force. */
export function changesOf(sections: readonly Section[], draft: Draft, current: JsonObject): Change[] {
  return sections
    .flatMap((section) => section.settings)
    .filter((setting) => draft.has(setting.path))
    .map((setting) => ({ setting, before: valueAt(current, setting), after: draft.get(setting.path) }))
    .filter(({ before, after }) => after === undefined || JSON.stringify(before) !== JSON.stringify(after));
}

function wished(changes: readonly Change[]): JsonObject {
  return configWith(changes.flatMap(({ setting, after }) => (after === undefined ? [] : [[setting, after] as [Setting, JsonValue]])));
}
