import type { State } from "./model";
import { emptyState } from "./model";

const DATABASE = "cantina";
const SHELF = "last";
const KEY = "state";
/** Raised when the shape of the state changes, so that an old one is not read. */
const VERSION = 1;

/** What is worth showing when the device cannot be reached, and survives being stored. */
function remembering(state: State): State {
  const { incoming, entries, capabilities } = emptyState;
  return { ...state, incoming, entries, capabilities, link: { phase: "connecting" }, resumeToken: "", remembered: true };
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => request.result.createObjectStore(SHELF);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("The browser keeps no data."));
  });
}

/** Keeps the state on this machine. A browser that keeps nothing is no failure. */
export async function remember(state: State): Promise<void> {
  try {
    const database = await open();
    database.transaction(SHELF, "readwrite").objectStore(SHELF).put(remembering(state), KEY);
    database.close();
  } catch {
    return;
  }
}

/** The state of the last visit, or undefined. */
export async function recall(): Promise<State | undefined> {
  try {
    const database = await open();
    const request = database.transaction(SHELF).objectStore(SHELF).get(KEY);
    const state = await new Promise<State | undefined>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result as State | undefined);
      request.onerror = () => reject(request.error ?? new Error("The browser keeps no data."));
    });
    database.close();
    return state && { ...emptyState, ...state };
  } catch {
    return undefined;
  }
}
