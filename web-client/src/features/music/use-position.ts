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

/**
 * Moves a dial at every frame: the part before the needle, and the needle between the step that is
 * drawn and where the music really is.
 */
export function useDialTravel(
  position: Position | undefined,
  durationMs: number,
  drawnMs: number,
  travelled: RefObject<HTMLElement | null>,
  needle: RefObject<HTMLElement | null>,
): void {
  useTravel(position, durationMs, travelled);
  usePositionFrames(position, (ms) => {
    const width = travelled.current?.offsetWidth ?? 0;
    if (needle.current && durationMs > 0) needle.current.style.transform = `translateX(${((ms - drawnMs) / durationMs) * width}px)`;
  });
  useEffect(() => {
    if (!position && needle.current) needle.current.style.transform = "";
  }, [position, needle]);
}

/** Scales an element to a share of its width at every frame. */
export function useTravel(position: Position | undefined, durationMs: number, element: RefObject<HTMLElement | null>): void {
  usePositionFrames(position, (ms) => {
    if (element.current && durationMs > 0) element.current.style.transform = `scaleX(${ms / durationMs})`;
  });
}
