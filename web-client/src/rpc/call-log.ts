import { createStore } from "zustand/vanilla";
import type { Failure } from "./failure";

/** One unary call of this page, as the API page shows it. */
export interface Call {
  id: number;
  /** For example `cantina.music.v1.MusicService/Play`. */
  method: string;
  startedAt: number;
  durationMs?: number;
  requestJson: string;
  responseJson?: string;
  failure?: Failure;
}

const KEPT = 200;
let nextId = 1;

export const callLog = createStore<{ calls: Call[] }>(() => ({ calls: [] }));

export function recordCall(method: string, requestJson: string, startedAt: number): number {
  const id = nextId++;
  const call: Call = { id, method, startedAt, requestJson };
  callLog.setState(({ calls }) => ({ calls: [call, ...calls].slice(0, KEPT) }));
  return id;
}

export function completeCall(id: number, end: Pick<Call, "durationMs" | "responseJson" | "failure">): void {
  callLog.setState(({ calls }) => ({ calls: calls.map((call) => (call.id === id ? { ...call, ...end } : call)) }));
}
