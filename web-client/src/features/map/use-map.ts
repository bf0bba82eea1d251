import { useMemo, useState } from "react";
import { EventService } from "../../gen/cantina/event/v1/event_pb";
import { useQuery } from "../../rpc/use-query";
import { useDaemon } from "../../state/store";
import { useAddressValue } from "../../ui/router";
import { consumersOf, layOut, type Node, producerOf } from "./wiring";

export interface Rate {
  perSecond: number;
  total: bigint;
}

/** The registry with what flows through it now. */
export function useMap() {
  const registry = useQuery(EventService.method.listEventTypes, {}, "types");
  const rates = useDaemon((state) => state.rates);
  const [words, setWords] = useAddressValue("find");
  const [chosen, setChosen] = useState<Node>();
  const all = registry.answer?.eventTypes;
  const types = useMemo(() => (all ?? []).filter((type) => `${type.type} ${producerOf(type)}`.includes(words.toLowerCase())), [all, words]);
  const wiring = useMemo(() => layOut(types), [types]);
  const flow = useMemo(() => {
    const entries = rates?.value.rates ?? [];
    return new Map(entries.map((rate) => [rate.type, { perSecond: rate.ratePerSecond, total: rate.totalCount }]));
  }, [rates]);
  const lit = useMemo(() => {
    if (!chosen) return undefined;
    const touches = types.filter(
      (type) =>
        (chosen.column === "type" && type.type === chosen.label) ||
        (chosen.column === "producer" && producerOf(type) === chosen.label) ||
        (chosen.column === "consumer" && consumersOf(type).includes(chosen.label)),
    );
    return new Set(touches.map((type) => type.type));
  }, [chosen, types]);
  return { registry, types, wiring, flow, ratesAtMs: rates?.atMs, words, setWords, chosen, setChosen, lit };
}

export type MapView = ReturnType<typeof useMap>;
