interface Props {
  label: string;
  value: string;
  samples: number[];
  /** The top of the scale is at least this, so that noise does not look like a peak. */
  least: number;
  format: (value: number) => string;
}

/** A number and where it came from in the last two minutes; the table behind it has every value. */
export function Trend({ label, value, samples, least, format }: Props) {
  const top = Math.max(least, ...samples);
  const points = samples.map((sample, index) => `${(index / Math.max(1, samples.length - 1)) * 100},${29 - (sample / top) * 27}`);
  return (
    <figure className="trend">
      <figcaption>
        <span className="soft small">{label}</span>
        <span className="trend-value figure">{value}</span>
      </figcaption>
      <svg viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden>
        <polyline points={points.join(" ")} fill="none" stroke="var(--glow)" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
        <line x1="0" x2="100" y1="29.500" y2="29.500" stroke="var(--line-strong)" vectorEffect="non-scaling-stroke" />
      </svg>
      <details>
        <summary className="small">Values</summary>
        <p className="small figure wrap">{samples.map(format).join(" · ")}</p>
      </details>
    </figure>
  );
}
