import type { Event } from "../../gen/cantina/event/v1/event_pb";

export interface Branch {
  event: Event;
  effects: Branch[];
}

/** The events of a trace as a tree: each under the event that led to it. */
export function traceTree(events: readonly Event[]): Branch[] {
  const branches = new Map(events.map((event) => [event.sequence, { event, effects: [] as Branch[] }]));
  const roots: Branch[] = [];
  for (const branch of branches.values()) {
    const parent = branches.get(branch.event.cause?.parentSequence ?? 0n);
    if (parent && parent !== branch) parent.effects.push(branch);
    else roots.push(branch);
  }
  return roots;
}
