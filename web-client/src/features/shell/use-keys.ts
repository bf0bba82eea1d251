import { useEffect, useRef } from "react";
import { usePreference } from "../../ui/preference";
import { navigate } from "../../ui/router";
import { PAGES } from "../pages";

export interface KeyActions {
  stopAll: () => void;
  toggle: () => void;
  next: () => void;
  help: () => void;
  palette: () => void;
}

const SECOND_KEY_MS = 1_500;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable=true]") !== null;
}

function usesSpace(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("button, a, summary, [role], video, audio") !== null;
}

/** The keys of the whole dashboard. Single keys can be switched off, as WCAG 2.1.4 asks. */
export function useKeys(actions: KeyActions): void {
  const latest = useRef(actions);
  latest.current = actions;
  const [single] = usePreference<"on" | "off">("keys", "on");

  useEffect(() => {
    let goUntil = 0;
    const press = (event: KeyboardEvent) => {
      const act = latest.current;
      if (event.key === "Escape" && event.shiftKey) return done(event, act.stopAll);
      if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) return done(event, act.palette);
      if (single === "off" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector("[role=dialog], [role=alertdialog], [role=menu]")) return;
      if (event.timeStamp < goUntil) {
        goUntil = 0;
        const page = PAGES.find(({ key }) => key === event.key);
        if (page) return done(event, () => navigate(page.path));
      }
      if (event.key === "g") goUntil = event.timeStamp + SECOND_KEY_MS;
      else if (event.key === "?") done(event, act.help);
      else if (event.key === "n") done(event, act.next);
      else if (event.key === "/") done(event, focusFilter);
      else if (event.key === " " && !usesSpace(event.target)) done(event, act.toggle);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [single]);
}

function done(event: KeyboardEvent, action: () => void): void {
  event.preventDefault();
  action();
}

function focusFilter(): void {
  document.querySelector<HTMLInputElement>("main [data-filter]")?.focus();
}
