import { type RefObject, useEffect, useState } from "react";
import type { Position } from "../../gen/cantina/music/v1/music_pb";
import { positionAt } from "../../state/position";
import { serverNow } from "../../state/store";

/**
 * Moves along with the music: `draw` runs at every frame of the screen while the position moves, and
 * once when it is held. It costs no traffic and draws nothing by React.
 */
export function usePositionFrames(position: Position | undefined, draw: (ms: number) => void): void {
  useEffect(() => {
    if (!position) return;
    let frame = 0;
    const step = () => {
      draw(positionAt(position, serverNow()));
      if (position.rate !== 0) frame = requestAnimationFrame(step);
    };
    step();
    return () => cancelAnimationFrame(frame);
  }, [position, draw]);
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

/** Scales an element to a share of its width at every frame. */
export function useTravel(position: Position | undefined, durationMs: number, element: RefObject<HTMLElement | null>): void {
  usePositionFrames(position, (ms) => {
    if (element.current && durationMs > 0) element.current.style.transform = `scaleX(${ms / durationMs})`;
  });
}
