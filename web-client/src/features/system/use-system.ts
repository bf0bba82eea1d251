import { useEffect, useMemo, useRef, useState } from "react";
import { LogLevel, type LogLine, SystemService } from "../../gen/cantina/system/v1/system_pb";
import type { ResourceUsage } from "../../gen/cantina/system/v1/system_pb";
import { call } from "../../rpc/call";
import { type Failure, failureOf } from "../../rpc/failure";
import { useQuery } from "../../rpc/use-query";
import type { Timed } from "../../state/model";
import { dispatch, useDaemon } from "../../state/store";
import { useAddressValue } from "../../ui/router";

const LINES = 1_000;
const SAMPLES = 60;

/** The log, from its stored beginning to the line that was just written. */
export function useLogs() {
  const logs = useDaemon((state) => state.logs);
  const open = useDaemon((state) => state.link.phase === "open");
  const [level, setLevel] = useState(LogLevel.INFO);
  const [component, setComponent] = useState("");
  const [words, setWords] = useAddressValue("find");
  const [failure, setFailure] = useState<Failure>();
  const [dropped, setDropped] = useState(0n);

  useEffect(() => {
    if (!open) return;
    const abort = new AbortController();
    call(SystemService.method.listLogs, { minLevel: level, pageSize: LINES }, abort.signal)
      .then(({ lines, droppedCount }) => {
        dispatch({ kind: "logs-read", lines });
        setDropped(droppedCount);
        setFailure(undefined);
      })
      .catch((error: unknown) => !abort.signal.aborted && setFailure(failureOf(error)));
    return () => abort.abort();
  }, [open, level]);

  const components = useMemo(() => [...new Set(logs.map((line) => line.component))].sort(), [logs]);
  const shown = useMemo(
    () => logs.filter((line) => line.level >= level && (!component || line.component === component) && fits(line, words)),
    [logs, level, component, words],
  );
  return { shown, level, setLevel, component, setComponent, components, words, setWords, failure, dropped };
}

function fits(line: LogLine, words: string): boolean {
  return words === "" || `${line.component} ${line.message}`.toLowerCase().includes(words.toLowerCase());
}

export interface Sample {
  atMs: number;
  cpu: number;
  memory: number;
}

/** The last samples of the process's use of the machine, as they came. */
export function useResources(): { now: Timed<ResourceUsage> | undefined; samples: Sample[] } {
  const now = useDaemon((state) => state.resources);
  const samples = useRef<Sample[]>([]);
  if (now && samples.current.at(-1)?.atMs !== now.atMs) {
    const sample = { atMs: now.atMs, cpu: now.value.cpuCores, memory: Number(now.value.residentBytes) };
    samples.current = [...samples.current, sample].slice(-SAMPLES);
  }
  return { now, samples: samples.current };
}

export function useCatalogue() {
  return useQuery(SystemService.method.listErrorReasons, {}, "reasons");
}
