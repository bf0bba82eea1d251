import "./activity.css";
import { useVirtualizer } from "@tanstack/react-virtual";
import { Download, Pause, Play } from "lucide-react";
import { memo, useRef, useState } from "react";
import { type Event, EventSeverity } from "../../gen/cantina/event/v1/event_pb";
import { timestampMs } from "../../rpc/time";
import type { Entry } from "../../state/model";
import { Button } from "../../ui/button";
import { FailureNote } from "../../ui/failure-note";
import { timeOfDay } from "../../ui/format";
import { Lamp } from "../../ui/lamp";
import { Empty } from "../../ui/panel";
import { describeEvent, describeGap, severityOf } from "./describe";
import { type ActivityView, exportEntries, sequenceOf, useActivity } from "./use-activity";
import { Why } from "./Why";

const ROW = 44;

/** Everything that happened, and why. */
export function Panel() {
  const view = useActivity();
  const [chosen, setChosen] = useState<Event>();
  return (
    <>
      <div className="page-head">
        <h1>Activity</h1>
        <div className="row">
          <Button
            aria-pressed={view.held}
            icon={view.held ? <Play size={18} aria-hidden /> : <Pause size={18} aria-hidden />}
            onClick={() => view.setHeld(!view.held)}
          >
            {view.held ? "Go on" : "Hold still"}
          </Button>
          <Button icon={<Download size={18} aria-hidden />} onClick={() => exportEntries(view.shown)}>
            Export
          </Button>
        </div>
      </div>
      <Filters view={view} />
      <FailureNote failure={view.history.failure} retry={view.loadOlder} />
      <div className={chosen ? "activity with-why" : "activity"}>
        <Feed view={view} chosen={chosen} onChoose={setChosen} />
        {chosen && <Why event={chosen} onChoose={setChosen} />}
      </div>
    </>
  );
}

function Filters({ view }: { view: ActivityView }) {
  const features = [...new Set(view.types.map(({ type }) => `${type.split(".")[0]}.*`))].sort();
  return (
    <div className="activity-filters">
      <input
        data-filter
        type="search"
        className="input"
        aria-label="Words"
        placeholder="Words in the event"
        value={view.words}
        onChange={(event) => view.setWords(event.target.value)}
      />
      <select className="select" aria-label="Type" value={view.type} onChange={(event) => view.setType(event.target.value)}>
        <option value="">All types</option>
        <optgroup label="Features">
          {features.map((feature) => (
            <option key={feature}>{feature}</option>
          ))}
        </optgroup>
        <optgroup label="Types">
          {view.types.map(({ type }) => (
            <option key={type}>{type}</option>
          ))}
        </optgroup>
      </select>
      <select className="select" aria-label="Least weight" value={view.weight} onChange={(event) => view.setWeight(event.target.value)}>
        <option value="">All weights</option>
        {[EventSeverity.INFO, EventSeverity.WARNING, EventSeverity.ERROR].map((severity) => (
          <option key={severity} value={severity}>
            {severityOf(severity).words} and above
          </option>
        ))}
      </select>
      <label className="until">
        <span>Up to</span>
        <input
          type="datetime-local"
          step={1}
          className="input"
          value={view.until}
          onChange={(event) => view.setUntil(event.target.value)}
        />
      </label>
      {view.until && <Button onClick={() => view.setUntil("")}>Back to now</Button>}
    </div>
  );
}

interface FeedProps {
  view: ActivityView;
  chosen: Event | undefined;
  onChoose: (event: Event) => void;
}

function Feed({ view, chosen, onChoose }: FeedProps) {
  const { shown, history } = view;
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: shown.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 12 });
  return (
    <div className="panel feed">
      <div className="feed-box" ref={box} tabIndex={0} role="group" aria-label="Events, newest first">
        {shown.length === 0 && <Empty>{history.loading ? "Reading the history." : "Nothing fits this filter."}</Empty>}
        <ol style={{ height: rows.getTotalSize(), position: "relative" }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const entry = shown[index];
            return (
              entry && (
                <li key={`${entry.kind}${sequenceOf(entry)}`} className="feed-row" style={{ transform: `translateY(${start}px)` }}>
                  <Line entry={entry} chosen={entry.kind === "event" && chosen?.sequence === entry.event.sequence} onChoose={onChoose} />
                </li>
              )
            );
          })}
        </ol>
        {history.nextPageToken && (
          <Button className="older" pending={history.loading} onClick={view.loadOlder}>
            Older events
          </Button>
        )}
      </div>
    </div>
  );
}

interface LineProps {
  entry: Entry;
  chosen: boolean;
  onChoose: (event: Event) => void;
}

const Line = memo(function Line({ entry, chosen, onChoose }: LineProps) {
  if (entry.kind === "gap") return <p className="gap-line">{describeGap(entry.gap)}</p>;
  const { event } = entry;
  const { tone, words } = severityOf(event.severity);
  return (
    <button type="button" aria-pressed={chosen} onClick={() => onChoose(event)}>
      <span className="figure soft">{event.time ? timeOfDay(timestampMs(event.time)) : "–"}</span>
      <Lamp tone={tone} label={words} />
      <span className="feed-words">
        <code className="cut">{event.type}</code>
        <span className="cut">{describeEvent(event)}</span>
      </span>
      <span className="soft small cut who">{event.cause?.actor?.name}</span>
    </button>
  );
});
