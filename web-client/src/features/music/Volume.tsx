import { useEffect, useRef } from "react";
import { useDaemon } from "../../state/store";
import { Dial } from "../../ui/dial";
import { useHeld } from "./use-held";
import { usePlayer } from "./use-player";

const PACE_MS = 80;

/** The volume follows the hand; while it moves, the newest value is sent and older ones are left out. */
export function Volume() {
  const volume = useDaemon((state) => state.playback?.volume);
  const { setVolume } = usePlayer();
  const { held, hold, settle } = useHeld(setVolume.pending);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const send = (value: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void setVolume.run({ volume: value }), PACE_MS);
  };
  const finish = (value: number) => {
    clearTimeout(timer.current);
    void setVolume.run({ volume: value });
    settle(value);
  };
  const shown = held ?? volume;
  const percent = shown === undefined ? "unknown" : `${Math.round(shown * 100)} %`;
  return (
    <div className="volume">
      <span className="label">Volume</span>
      <Dial
        label="Volume"
        value={shown ?? 0}
        max={1}
        step={0.01}
        ticks={20}
        longEvery={5}
        spoken={percent}
        disabled={shown === undefined || setVolume.blocked !== undefined}
        onMove={(value) => {
          hold(value);
          send(value);
        }}
        onSettle={finish}
      />
      <span className="figure volume-value" data-testid="volume">{percent}</span>
    </div>
  );
}
