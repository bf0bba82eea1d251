import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDownToLine } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { LogLevel, type LogLine } from "../../gen/cantina/system/v1/system_pb";
import { timestampMs } from "../../rpc/time";
import { Button } from "../../ui/button";
import { FailureNote } from "../../ui/failure-note";
import { enumWord, timeOfDay } from "../../ui/format";
import { Lamp, type Tone } from "../../ui/lamp";
import { Empty } from "../../ui/panel";
import { useLogs } from "./use-system";

const NEAR_END_PX = 40;

const TONES: Record<LogLevel, Tone> = {
  [LogLevel.UNSPECIFIED]: "unknown",
  [LogLevel.DEBUG]: "unknown",
  [LogLevel.INFO]: "off",
  [LogLevel.WARNING]: "warn",
  [LogLevel.ERROR]: "bad",
};

/** The log as it is written. It follows the end until somebody scrolls up. */
export function Logs() {
  const view = useLogs();
  const { shown } = view;
  const box = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const rows = useVirtualizer({ count: shown.length, getScrollElement: () => box.current, estimateSize: () => 28, overscan: 12 });
  const last = shown.at(-1);

  useEffect(() => {
    if (following && shown.length > 0) rows.scrollToIndex(shown.length - 1, { align: "end" });
  }, [following, last, shown.length, rows]);

  const scrolled = () => {
    const { current } = box;
    if (current) setFollowing(current.scrollHeight - current.scrollTop - current.clientHeight < NEAR_END_PX);
  };

  return (
    <div className="stack">
      <LogFilters view={view} />
      <FailureNote failure={view.failure} />
      {view.dropped > 0n && <p className="small soft">{String(view.dropped)} lines came faster than they could be kept.</p>}
      <div className="panel log-panel">
        <div className="log-box" ref={box} tabIndex={0} role="log" aria-live="off" aria-label="Log" onScroll={scrolled}>
          {shown.length === 0 && <Empty>No line fits.</Empty>}
          <ol style={{ height: rows.getTotalSize(), position: "relative" }}>
            {rows.getVirtualItems().map(({ index, start, key }) => {
              const line = shown[index];
              return (
                line && (
                  <li key={key} data-index={index} ref={rows.measureElement} className="log-row" style={{ transform: `translateY(${start}px)` }}>
                    <Line line={line} />
                  </li>
                )
              );
            })}
          </ol>
        </div>
        {!following && (
          <Button className="log-follow" icon={<ArrowDownToLine size={18} aria-hidden />} onClick={() => setFollowing(true)}>
            Follow the end
          </Button>
        )}
      </div>
    </div>
  );
}

function LogFilters({ view }: { view: ReturnType<typeof useLogs> }) {
  return (
    <div className="filters">
      <input
        data-filter
        type="search"
        className="input log-words"
        aria-label="Words in the log"
        placeholder="Words in the log"
        value={view.words}
        onChange={(event) => view.setWords(event.target.value)}
      />
      <select className="select log-select" aria-label="Least level" value={view.level} onChange={(event) => view.setLevel(Number(event.target.value))}>
        {[LogLevel.DEBUG, LogLevel.INFO, LogLevel.WARNING, LogLevel.ERROR].map((level) => (
          <option key={level} value={level}>
            {enumWord(LogLevel, level)} and above
          </option>
        ))}
      </select>
      <select className="select log-select" aria-label="Component" value={view.component} onChange={(event) => view.setComponent(event.target.value)}>
        <option value="">All components</option>
        {view.components.map((component) => (
          <option key={component}>{component}</option>
        ))}
      </select>
    </div>
  );
}

function Line({ line }: { line: LogLine }) {
  return (
    <>
      <span className="figure soft">{line.time ? timeOfDay(timestampMs(line.time)) : "–"}</span>
      <Lamp tone={TONES[line.level] ?? "unknown"} label={enumWord(LogLevel, line.level)} />
      <span className="soft cut">{line.component}</span>
      <span className="wrap">
        {line.message}
        {line.repeatCount > 1 && <span className="tag">{line.repeatCount} times</span>}
      </span>
    </>
  );
}
