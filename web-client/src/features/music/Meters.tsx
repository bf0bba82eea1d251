import { useDaemon, serverNow } from "../../state/store";

const FLOOR_DB = -40;
const SWING_DEG = 44;
const OLD_MS = 1_500;
const MARKS = [-40, -30, -20, -10, -6, -3, 0];

/** The needle's angle of a level: the left end at the floor, the right end at full scale. */
function angle(dbfs: number): number {
  const share = (Math.min(0, Math.max(FLOOR_DB, dbfs)) - FLOOR_DB) / -FLOOR_DB;
  return (share * 2 - 1) * SWING_DEG;
}

/** Two needle instruments that show what the output really plays. */
export function Meters() {
  const meter = useDaemon((state) => state.meter);
  if (!meter || serverNow() - meter.atMs > OLD_MS * 20) return null;
  const { rmsLeftDbfs, rmsRightDbfs, peakLeftDbfs, peakRightDbfs } = meter.value;
  return (
    <div className="meters">
      <Meter label="Left" rms={rmsLeftDbfs} peak={peakLeftDbfs} />
      <Meter label="Right" rms={rmsRightDbfs} peak={peakRightDbfs} />
    </div>
  );
}

function Meter({ label, rms, peak }: { label: string; rms: number; peak: number }) {
  const heard = Number.isFinite(rms) && rms > FLOOR_DB;
  const words = heard ? `${label} ${Math.round(rms)} dBFS` : `${label} silent`;
  return (
    <svg className="meter" viewBox="0 0 100 58" role="img" aria-label={words}>
      <g fill="none" stroke="currentColor">
        <path d="M17.400 26.500A47 47 0 0 1 82.600 26.500" />
        {MARKS.map((mark) => (
          <line key={mark} x1="50" x2="50" y1={mark % 10 === 0 ? 6 : 9} y2="13" transform={`rotate(${angle(mark)} 50 60)`} />
        ))}
      </g>
      <text x="8" y="52">
        {label[0]}
      </text>
      <line className="meter-needle" x1="50" x2="50" y1="9" y2="58" style={{ transform: `rotate(${angle(heard ? rms : FLOOR_DB)}deg)` }} />
      {peak > -1 && <circle className="meter-peak" cx="92" cy="10" r="3.500" />}
    </svg>
  );
}
