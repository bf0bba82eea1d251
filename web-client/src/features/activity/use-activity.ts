import { toJson } from "@bufbuild/protobuf";
import { useEffect, useMemo, useState } from "react";
import { type Event, EventSchema, EventService, EventSeverity } from "../../gen/cantina/event/v1/event_pb";
import { call } from "../../rpc/call";
import { type Failure, failureOf } from "../../rpc/failure";
import { timestampFromMs } from "../../rpc/time";
import { useQuery } from "../../rpc/use-query";
import type { Entry, State } from "../../state/model";
import { useDaemon, useDaemonPaced } from "../../state/store";
import { useAddressValue } from "../../ui/router";
import { describeEvent } from "./describe";

const PAGE = 200;
const PACE_MS = 100;
const entriesOf = (state: State) => state.entries;

interface History {
  events: Event[];
  nextPageToken: string;
  loading: boolean;
  failure?: Failure;
}

const nothing: History = { events: [], nextPageToken: "", loading: false };

export function sequenceOf(entry: Entry): bigint {
  return entry.kind === "event" ? entry.event.sequence : entry.gap.firstSequence;
}

/** History and live feed as one list, newest first, each event once. */
export function joinEntries(live: readonly Entry[], history: readonly Event[]): Entry[] {
  if (live.every((entry) => entry.kind === "event")) return joinUnbroken(live, history);
  const seen = new Set(live.flatMap((entry) => (entry.kind === "event" ? [entry.event.sequence] : [])));
  const older = history.filter((event) => !seen.has(event.sequence)).map((event) => ({ kind: "event" as const, event }));
  return [...live, ...older].sort((a, b) => (sequenceOf(a) > sequenceOf(b) ? -1 : sequenceOf(a) < sequenceOf(b) ? 1 : 0));
}

/** Without a gap the live events are all that happened since the first of them. */
function joinUnbroken(live: readonly Entry[], history: readonly Event[]): Entry[] {
  const [first] = live;
  const older = first ? history.filter((event) => event.sequence < sequenceOf(first)) : history;
  return [...live.toReversed(), ...older.map((event) => ({ kind: "event" as const, event }))];
}

/** Whether a filter selects an event. `type` is empty, a whole type or `feature.*`. */
export function selects(event: Event, type: string, severity: EventSeverity, words: string): boolean {
  const byType = type === "" || event.type === type || (type.endsWith(".*") && event.type.startsWith(type.slice(0, -1)));
  if (!byType || event.severity < severity) return false;
  if (words === "") return true;
  const text = `${event.type} ${event.resource} ${event.cause?.actor?.name ?? ""} ${describeEvent(event)}`.toLowerCase();
  return text.includes(words.toLowerCase());
}

/** What happened, as far as the person wants to see it. */
export function useActivity() {
  const entries = useDaemonPaced(entriesOf, PACE_MS);
  const open = useDaemon((state) => state.link.phase === "open");
  const [type, setType] = useAddressValue("type");
  const [weight, setWeight] = useAddressValue("weight");
  const [words, setWords] = useAddressValue("words");
  const [until, setUntil] = useAddressValue("until");
  const [history, setHistory] = useState<History>(nothing);
  const [held, setHeld] = useState<readonly Entry[]>();
  const types = useQuery(EventService.method.listEventTypes, {}, "types");
  const severity = Number(weight || EventSeverity.UNSPECIFIED) as EventSeverity;
  const untilMs = until ? new Date(until).getTime() : undefined;

  const request = (pageToken: string) => ({
    filter: { types: type ? [type] : [], minSeverity: severity },
    pageSize: PAGE,
    pageToken,
    newestFirst: true,
    ...(untilMs !== undefined && Number.isFinite(untilMs) && { endTime: timestampFromMs(untilMs + 1000) }),
  });

  const load = (pageToken: string, before: Event[], signal?: AbortSignal) => {
    setHistory((now) => ({ ...now, events: before, loading: true }));
    call(EventService.method.listEvents, request(pageToken), signal)
      .then((page) => setHistory({ events: [...before, ...page.events], nextPageToken: page.nextPageToken, loading: false }))
      .catch((error: unknown) => {
        if (!signal?.aborted) setHistory({ events: before, nextPageToken: pageToken, loading: false, failure: failureOf(error) });
      });
  };

  useEffect(() => {
    if (!open) return;
    const abort = new AbortController();
    load("", [], abort.signal);
    return () => abort.abort();
  }, [type, severity, until, open]);

  const live = held ?? entries;
  const shown = useMemo(() => {
    const joined = untilMs === undefined ? joinEntries(live, history.events) : joinEntries([], history.events);
    return joined.filter((entry) => entry.kind === "gap" || selects(entry.event, type, severity, words));
  }, [live, history.events, type, severity, words, untilMs]);

  return {
    ...{ type, setType, weight, setWeight, words, setWords, until, setUntil },
    ...{ history, shown, types: types.answer?.eventTypes ?? [] },
    held: held !== undefined,
    setHeld: (hold: boolean) => setHeld(hold ? entries : undefined),
    loadOlder: () => load(history.nextPageToken, history.events),
  };
}

export type ActivityView = ReturnType<typeof useActivity>;

/** Saves what is shown as a JSON file. */
export function exportEntries(entries: readonly Entry[]): void {
  const events = entries.flatMap((entry) => (entry.kind === "event" ? [toJson(EventSchema, entry.event)] : []));
  const address = URL.createObjectURL(new Blob([JSON.stringify(events, null, 2)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `cantina-events-${new Date().toISOString().slice(0, 19).replaceAll(":", "")}.json`;
  link.click();
  URL.revokeObjectURL(address);
}
