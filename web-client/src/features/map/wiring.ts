import type { EventType } from "../../gen/cantina/event/v1/event_pb";

export interface Node {
  id: string;
  column: "producer" | "type" | "consumer";
  label: string;
  x: number;
  y: number;
}

export interface Edge {
  from: Node;
  to: Node;
  /** The event type that travels along it. */
  type: string;
}

export interface Wiring {
  nodes: Node[];
  edges: Edge[];
  height: number;
}

export const ROW = 34;
export const WIDTH = 1000;
const COLUMNS = { producer: 0, type: 345, consumer: 850 };
export const NODE_WIDTH = { producer: 150, type: 310, consumer: 150 };

/** Places producers, types and consumers in three columns, each feature beside what it makes or reads. */
export function layOut(eventTypes: readonly EventType[]): Wiring {
  const types = [...eventTypes].sort((a, b) => key(a).localeCompare(key(b)));
  const typeNodes = types.map((type, index) => node("type", type.type, index * ROW));
  const beside = (column: "producer" | "consumer", names: (type: EventType) => string[]) => {
    const rows = new Map<string, number[]>();
    types.forEach((type, index) => names(type).forEach((name) => rows.set(name, [...(rows.get(name) ?? []), index])));
    const wished = [...rows].map(([name, at]) => ({ name, y: mean(at) * ROW }));
    return spread(wished.sort((a, b) => a.y - b.y)).map(({ name, y }) => node(column, name, y));
  };
  const producers = beside("producer", (type) => [producerOf(type)]);
  const consumers = beside("consumer", consumersOf);
  const edges = types.flatMap((type, index) => {
    const middle = typeNodes[index];
    const from = producers.find(({ label }) => label === producerOf(type));
    if (!middle || !from) return [];
    const out = consumers.filter(({ label }) => consumersOf(type).includes(label));
    return [{ from, to: middle, type: type.type }, ...out.map((to) => ({ from: middle, to, type: type.type }))];
  });
  const nodes = [...producers, ...typeNodes, ...consumers];
  return { nodes, edges, height: Math.max(ROW, ...nodes.map(({ y }) => y + ROW)) };
}

function key(type: EventType): string {
  return `${producerOf(type)} ${type.type}`;
}

export function producerOf(type: EventType): string {
  return type.wiring?.producer ?? "unknown";
}

export function consumersOf(type: EventType): string[] {
  return type.wiring?.consumers ?? [];
}

function node(column: Node["column"], label: string, y: number): Node {
  return { id: `${column} ${label}`, column, label, x: COLUMNS[column], y };
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Keeps wished places apart by at least a row and a half. */
function spread(wished: { name: string; y: number }[]): { name: string; y: number }[] {
  const placed: { name: string; y: number }[] = [];
  for (const wish of wished) {
    const least = (placed.at(-1)?.y ?? -Infinity) + ROW * 1.5;
    placed.push({ ...wish, y: Math.max(wish.y, least) });
  }
  return placed;
}
