import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** A choice of this browser, kept over visits where the browser allows it. */
export function usePreference<T extends string>(name: string, fallback: T): [T, (value: T) => void] {
  const key = `cantina.${name}`;
  const raw = useSyncExternalStore(subscribe, () => read(key));
  const value = raw === null ? fallback : (JSON.parse(raw) as T);
  const set = (next: T) => {
    try {
      localStorage.setItem(key, JSON.stringify(next));
    } finally {
      listeners.forEach((listener) => listener());
    }
  };
  return [value, set];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}
