import { Slider } from "radix-ui";
import { memo, type Ref } from "react";

interface Props {
  label: string;
  value: number;
  max: number;
  step: number;
  /** How many intervals the scale has, and every how many of them is a long one. */
  ticks: number;
  longEvery: number;
  spoken: string;
  disabled?: boolean;
  /** Draws the part before the needle; a caller that moves it by itself holds it. */
  travelled?: Ref<HTMLDivElement>;
  /** A box as wide as the scale with the needle at its left end, for a caller that moves it by itself. */
  runner?: Ref<HTMLDivElement>;
  onMove: (value: number) => void;
  onSettle: (value: number) => void;
}

/** A scale with a needle: every value that a person sets by position. */
export function Dial(props: Props) {
  const { label, value, max, step, ticks, longEvery, spoken, disabled, travelled, runner } = props;
  const reached = max > 0 ? value / max : 0;
  return (
    <Slider.Root
      className="dial"
      value={[Math.min(value, max)]}
      max={max > 0 ? max : 1}
      step={step}
      disabled={disabled ?? false}
      onValueChange={([moved]) => moved !== undefined && props.onMove(moved)}
      onValueCommit={([settled]) => settled !== undefined && props.onSettle(settled)}
    >
      <Scale ticks={ticks} longEvery={longEvery} />
      <div className="travelled" ref={travelled} style={travelled ? undefined : { transform: `scaleX(${reached})` }} />
      {runner && (
        <div className="runner" ref={runner}>
          <span className="needle" />
        </div>
      )}
      <Slider.Track style={{ flex: 1, height: "100%", position: "relative" }} />
      <Slider.Thumb className="thumb" aria-label={label} aria-valuetext={spoken}>
        {!runner && <span className="needle" />}
      </Slider.Thumb>
    </Slider.Root>
  );
}

/** The ticks of a dial, drawn once. */
export const Scale = memo(function Scale({ ticks, longEvery }: { ticks: number; longEvery: number }) {
  const count = Math.max(1, Math.min(240, Math.round(ticks)));
  return (
    <div className="scale" aria-hidden>
      <svg preserveAspectRatio="none" viewBox={`0 0 ${count} 10`}>
        {Array.from({ length: count + 1 }, (_, tick) => {
          const top = tick % longEvery === 0 ? 2 : 6;
          const x = Math.min(Math.max(tick, 0.001), count - 0.001);
          return (
            <line key={tick} x1={x} x2={x} y1={top} y2="10" stroke="currentColor" vectorEffect="non-scaling-stroke" />
          );
        })}
      </svg>
    </div>
  );
});
