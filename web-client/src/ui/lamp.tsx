export type Tone = "good" | "warn" | "bad" | "off" | "busy" | "unknown";

const SHAPES: Record<Tone, React.ReactNode> = {
  good: <circle cx="7" cy="7" r="6" fill="currentColor" />,
  warn: <path d="M7 0.500 13.500 13H.5z" fill="currentColor" />,
  bad: <path d="M2 2l10 10M12 2 2 12" stroke="currentColor" strokeWidth="3.200" strokeLinecap="round" />,
  off: <circle cx="7" cy="7" r="5" fill="none" stroke="currentColor" strokeWidth="2" />,
  busy: <path d="M7 1a6 6 0 0 1 0 12z M7 1a6 6 0 0 0 0 12" fill="currentColor" stroke="currentColor" fillOpacity="0.700" />,
  unknown: <path d="M2 7h10" stroke="currentColor" strokeWidth="2.500" strokeDasharray="2.500 2" />,
};

/** A signal lamp. Each tone has its own shape, so that no meaning hangs on colour. */
export function Lamp({ tone, label }: { tone: Tone; label?: string }) {
  const named = label ? { role: "img", "aria-label": label } : { "aria-hidden": true };
  return (
    <svg className={`lamp ${tone}`} width="14" height="14" viewBox="0 0 14 14" {...named}>
      {SHAPES[tone]}
    </svg>
  );
}
