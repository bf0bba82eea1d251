import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp, ListPlus, Play } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { type Track, TrackOrder } from "../../gen/cantina/music/v1/music_pb";
import { Button } from "../../ui/button";
import { length } from "../../ui/format";
import { Empty } from "../../ui/panel";
import type { LibraryView, TrackActions } from "./use-library";

const ROW = 56;

const COLUMNS: { words: string; order?: TrackOrder; className: string }[] = [
  { words: "Title", order: TrackOrder.TITLE, className: "c-title" },
  { words: "Artist", order: TrackOrder.ARTIST, className: "c-artist" },
  { words: "Album", order: TrackOrder.ALBUM, className: "c-album" },
  { words: "Genre", className: "c-genre" },
  { words: "BPM", order: TrackOrder.TEMPO, className: "c-tempo" },
  { words: "Key", className: "c-key" },
  { words: "Length", order: TrackOrder.DURATION, className: "c-length" },
  { words: "Play or add", className: "c-actions" },
];

/** The tracks as a grid: arrow keys choose, Enter plays, + adds to the queue. Only rows in view are drawn. */
export function TrackTable({ view, actions }: { view: LibraryView; actions: TrackActions }) {
  const { shown, loaded } = view;
  const box = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState(0);
  const rows = useVirtualizer({ count: shown.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 10 });

  useEffect(() => {
    setChosen(0);
    box.current?.scrollTo({ top: 0 });
  }, [view.typed, view.order, view.descending, view.genre, view.problems]);

  const keys = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const last = shown.length - 1;
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -last, End: last };
    const step = steps[event.key];
    const track = shown[chosen];
    if (step !== undefined) {
      const next = Math.min(last, Math.max(0, chosen + step));
      setChosen(next);
      rows.scrollToIndex(next);
    } else if (event.key === "Enter" && track) actions.playTrack(track);
    else if (event.key === "+" && track) actions.enqueueTrack(track);
    else return;
    event.preventDefault();
  };

  return (
    <div
      className="tracks"
      role="grid"
      tabIndex={0}
      aria-label="Tracks"
      aria-rowcount={shown.length + 1}
      aria-activedescendant={shown.length > 0 ? `track-${chosen}` : undefined}
      ref={box}
      onKeyDown={keys}
    >
      <div role="rowgroup" className="tracks-head">
        <div role="row" aria-rowindex={1} className="track-row head">
          {COLUMNS.map((column) => (
            <Head key={column.words} column={column} view={view} />
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ height: rows.getTotalSize(), position: "relative" }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const track = shown[index];
          return track && <TrackRow key={index} {...{ track, index, start, actions }} chosen={index === chosen} onChoose={() => setChosen(index)} />;
        })}
      </div>
      {shown.length === 0 && (
        <div role="row">
          <div role="gridcell">
            <Empty>{loaded.complete ? (view.searching ? "No track fits these words." : "No tracks here.") : "Reading the library."}</Empty>
          </div>
        </div>
      )}
    </div>
  );
}

function Head({ column, view }: { column: (typeof COLUMNS)[number]; view: LibraryView }) {
  const { order } = column;
  const sortable = order !== undefined && !view.searching;
  const sorted = sortable && view.order === order;
  const direction = view.descending ? "descending" : "ascending";
  const Arrow = view.descending ? ArrowDown : ArrowUp;
  return (
    <div role="columnheader" className={column.className} aria-sort={sorted ? direction : undefined}>
      {sortable ? (
        <button type="button" onClick={() => view.sortBy(order)}>
          {column.words} {sorted && <Arrow size={14} aria-hidden />}
        </button>
      ) : (
        <span className={column.className === "c-actions" ? "unseen" : ""}>{column.words}</span>
      )}
    </div>
  );
}

interface RowProps {
  track: Track;
  index: number;
  start: number;
  chosen: boolean;
  actions: TrackActions;
  onChoose: () => void;
}

function TrackRow({ track, index, start, chosen, actions, onChoose }: RowProps) {
  const { problem } = track;
  const busy = actions.subject?.id === track.id;
  return (
    <div
      role="row"
      id={`track-${index}`}
      aria-rowindex={index + 2}
      aria-selected={chosen}
      className="track-row"
      style={{ transform: `translateY(${start}px)` }}
      onClick={onChoose}
      onDoubleClick={() => actions.playTrack(track)}
    >
      <div role="gridcell" className="c-title">
        <span className="cut">{track.title || track.path}</span>
        <span className="soft small cut narrow-only">{problem ? problem.message : track.artist}</span>
        {problem && <span className="small cut problem">{problem.message}</span>}
      </div>
      <div role="gridcell" className="c-artist cut">{track.artist}</div>
      <div role="gridcell" className="c-album cut soft">{track.album}</div>
      <div role="gridcell" className="c-genre cut soft">{track.genre}</div>
      <div role="gridcell" className="c-tempo figure">{track.tempoBpm === undefined ? "–" : Math.round(track.tempoBpm)}</div>
      <div role="gridcell" className="c-key">{track.key || "–"}</div>
      <div role="gridcell" className="c-length figure">{length(track.duration)}</div>
      <div role="gridcell" className="c-actions">
        <Button
          look="bare"
          tabIndex={chosen ? 0 : -1}
          aria-label={`Play ${track.title}`}
          icon={<Play size={18} aria-hidden />}
          blocked={actions.play.blocked}
          pending={busy && actions.play.pending}
          onClick={() => actions.playTrack(track)}
        />
        <Button
          look="bare"
          tabIndex={chosen ? 0 : -1}
          aria-label={`Add ${track.title} to the queue`}
          icon={<ListPlus size={18} aria-hidden />}
          blocked={actions.enqueue.blocked}
          pending={busy && actions.enqueue.pending}
          onClick={() => actions.enqueueTrack(track)}
        />
      </div>
    </div>
  );
}
