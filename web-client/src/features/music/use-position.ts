import { type RefObject, useEffect, useState } from "react";
import type { Position } from "../../gen/cantina/music/v1/music_pb";
import { durationMs } from "../../rpc/time";
import { positionAt } from "../../state/position";
import { serverNow } from "../../state/store";

/** The transforms of an element at a share of the way, 0 to 1. */
type Draw = (share: number) => string;

export const grow: Draw = (share) => `scaleX(${share})`;
/** For an element as wide as its way. */
export const slide: Draw = (share) => `translateX(${share * 100}%)`;

/**
 * Moves an element along with the music at every frame of the screen. The browser's compositor does
 * it: between two changes of the position there is neither traffic nor script. `heldMs` is where a
 * person holds it instead.
 */
export function useTravel(element: RefObject<HTMLElement | null>, position: Position | undefined, draw: Draw, heldMs?: number): void {
  useEffect(() => {
    const { current } = element;
    if (!current) return;
    const total = position?.duration ? durationMs(position.duration) : 0;
    const start = heldMs ?? (position ? positionAt(position, serverNow()) : 0);
    const share = total > 0 ? Math.min(1, start / total) : 0;
    current.style.transform = draw(share);
    if (!position || position.rate <= 0 || total <= start || heldMs !== undefined) return;
    const way = [{ transform: draw(share) }, { transform: draw(1) }];
    const animation = current.animate(way, { duration: (total - start) / position.rate, fill: "forwards" });
    return () => animation.cancel();
  }, [element, position, draw, heldMs]);
}

/** The position in whole seconds, for what is read rather than watched. */
export function usePositionSeconds(position: Position | undefined): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    if (!position) return setSeconds(0);
    const look = () => setSeconds(Math.floor(positionAt(position, serverNow()) / 1000));
    look();
    if (position.rate === 0) return;
    const timer = setInterval(look, 200);
    return () => clearInterval(timer);
  }, [position]);
  return seconds;
}
