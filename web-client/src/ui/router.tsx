import { type AnchorHTMLAttributes, useSyncExternalStore } from "react";

const MOVED = "cantina:moved";

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(MOVED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(MOVED, listener);
  };
}

/** Goes to another page of the dashboard. */
export function navigate(to: string): void {
  history.pushState(null, "", to);
  window.dispatchEvent(new Event(MOVED));
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}

/** A value of the address, so that a filtered page can be shared and gone back to. */
export function useAddressValue(name: string): [string, (value: string) => void] {
  const value = useSyncExternalStore(subscribe, () => new URLSearchParams(location.search).get(name) ?? "");
  const set = (next: string) => {
    const values = new URLSearchParams(location.search);
    if (next) values.set(name, next);
    else values.delete(name);
    const search = values.size > 0 ? `?${values}` : "";
    history.replaceState(null, "", `${location.pathname}${search}`);
    window.dispatchEvent(new Event(MOVED));
  };
  return [value, set];
}

/** A link inside the dashboard; a click with a modifier is the browser's own. */
export function Link({ href, onClick, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  return (
    <a
      {...rest}
      href={href}
      onClick={(event) => {
        onClick?.(event);
        if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        navigate(href);
      }}
    />
  );
}
