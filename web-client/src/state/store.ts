import { useEffect, useState, useSyncExternalStore } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { localNow } from "../rpc/time";
import { serverTime } from "./clock";
import { type Connection, connectionOf } from "./connection";
import { emptyState, type State } from "./model";
import { type Action, reduce } from "./reduce";

/** The one store of the page. Only `dispatch` changes it. */
export const store = createStore<State>(() => emptyState);

export function dispatch(action: Action): void {
  store.setState((state) => reduce(state, action), true);
}

/** Reads a part of what the daemon said; draws again when that part changes. */
export function useDaemon<T>(select: (state: State) => T): T {
  return useStore(store, select);
}

/**
 * Reads a part that may change a hundred times a second and is costly to draw: the first change at
 * once, the next ones together after the pace. `select` is a function of the module.
 */
export function useDaemonPaced<T>(select: (state: State) => T, paceMs: number): T {
  const [value, setValue] = useState(() => select(store.getState()));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let drawnAt = -Infinity;
    const draw = () => {
      timer = undefined;
      drawnAt = performance.now();
      setValue(() => select(store.getState()));
    };
    const look = () => {
      if (timer !== undefined) return;
      const wait = drawnAt + paceMs - performance.now();
      if (wait <= 0) draw();
      else timer = setTimeout(draw, wait);
    };
    look();
    const leave = store.subscribe(look);
    return () => {
      leave();
      clearTimeout(timer);
    };
  }, [select, paceMs]);
  return value;
}

export function behindOf(state: State): bigint {
  return state.head > state.applied ? state.head - state.applied : 0n;
}

export function currentConnection(): Connection {
  const state = store.getState();
  return connectionOf(state.link, behindOf(state), localNow());
}

const ticks = new Set<() => void>();
let ticker: ReturnType<typeof setInterval> | undefined;

/** One timer for everything on the page that shows time going by. */
function everySecond(listener: () => void): () => void {
  ticks.add(listener);
  ticker ??= setInterval(() => ticks.forEach((tick) => tick()), 1_000);
  return () => {
    ticks.delete(listener);
    if (ticks.size > 0) return;
    clearInterval(ticker);
    ticker = undefined;
  };
}

/** Local milliseconds, looked at every second. */
export function useNow(): number {
  return useSyncExternalStore(everySecond, () => Math.floor(localNow() / 1_000)) * 1_000;
}

function subscribeConnection(listener: () => void): () => void {
  const leave = [store.subscribe(listener), everySecond(listener)];
  return () => leave.forEach((step) => step());
}

/** A part of the connection that is cheap to compare; draws again only when it changes. */
export function useConnectionPart<T extends string | number | boolean | bigint | undefined>(
  select: (connection: Connection) => T,
): T {
  return useSyncExternalStore(subscribeConnection, () => select(currentConnection()));
}

/** The connection as it is now, looked at again every second. */
export function useConnection(): Connection {
  const link = useDaemon((state) => state.link);
  const behind = useDaemon(behindOf);
  useNow();
  return connectionOf(link, behind, localNow());
}

/** The daemon's wall-clock milliseconds now. */
export function serverNow(): number {
  return serverTime(store.getState().clock, localNow());
}
