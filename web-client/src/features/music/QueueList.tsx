import { closestCenter, DndContext, type DragEndEvent, KeyboardSensor, PointerSensor, useSensor, useSensors } from "@dnd-kit/core";
import { SortableContext, sortableKeyboardCoordinates, useSortable, verticalListSortingStrategy } from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import { useVirtualizer } from "@tanstack/react-virtual";
import { GripVertical, ListX, Play, Undo2, X } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import type { QueueItem } from "../../gen/cantina/music/v1/music_pb";
import { Button } from "../../ui/button";
import { FailureNote } from "../../ui/failure-note";
import { length } from "../../ui/format";
import { Empty, Panel as Box } from "../../ui/panel";
import { type QueueView, useQueue } from "./use-queue";

const ROW = 52;

export function QueueList() {
  const view = useQueue();
  const { queue, items, cleared } = view;
  const empty = items.length === 0;
  return (
    <Box
      title={queue ? `Queue (${items.length})` : "Queue"}
      actions={
        <Button
          look="quiet"
          icon={<ListX size={18} aria-hidden />}
          blocked={view.clear.blocked ?? (empty ? "The queue is empty." : undefined)}
          pending={view.clear.pending}
          onClick={() => void view.clearAll()}
        >
          Clear
        </Button>
      }
    >
      {cleared && (
        <div className="notice" role="status">
          <span>{cleared.before.length + cleared.behind.length} tracks taken out.</span>
          <span className="row">
            <Button icon={<Undo2 size={18} aria-hidden />} onClick={() => void view.undo()}>
              Put back
            </Button>
            <Button look="bare" aria-label="Keep it cleared" icon={<X size={18} aria-hidden />} onClick={view.forgetCleared} />
          </span>
        </div>
      )}
      {view.failed.map((command) => (
        <FailureNote key={command.method.name} failure={command.failure} retry={command.retry} dismiss={command.dismiss} />
      ))}
      {!queue && <Empty>The queue is not known yet.</Empty>}
      {queue && empty && <Empty>The queue is empty. Add tracks from the library.</Empty>}
      {!empty && <Rows view={view} />}
    </Box>
  );
}

function Rows({ view }: { view: QueueView }) {
  const { items } = view;
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: items.length, getScrollElement: () => box.current, estimateSize: () => ROW, overscan: 8 });
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 5 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const drop = ({ active, over }: DragEndEvent) => {
    const index = items.findIndex((item) => item.id === over?.id);
    if (index >= 0 && active.id !== over?.id) view.moveTo(String(active.id), index);
  };
  return (
    <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={drop}>
      <SortableContext items={items} strategy={verticalListSortingStrategy}>
        <div className="queue-box" ref={box} tabIndex={0} role="group" aria-label="Tracks of the queue">
          <ol style={{ height: rows.getTotalSize(), position: "relative" }}>
            {rows.getVirtualItems().map(({ index, start }) => {
              const item = items[index];
              return item && <Row key={item.id} item={item} index={index} top={start} view={view} />;
            })}
          </ol>
        </div>
      </SortableContext>
    </DndContext>
  );
}

function Row({ item, index, top, view }: { item: QueueItem; index: number; top: number; view: QueueView }) {
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } = useSortable({ id: item.id });
  const current = view.queue?.currentItemId === item.id;
  const title = item.track?.title ?? "Unknown track";
  const keys = (event: KeyboardEvent) => {
    if (event.altKey && event.key === "ArrowUp") view.moveTo(item.id, index - 1);
    else if (event.altKey && event.key === "ArrowDown") view.moveTo(item.id, index + 1);
    else if (event.key === "Delete") view.removeItem(item.id);
    else return;
    event.preventDefault();
  };
  return (
    <li
      ref={setNodeRef}
      className={`queue-row ${isDragging ? "dragging" : ""}`}
      aria-current={current || undefined}
      aria-posinset={index + 1}
      aria-setsize={view.items.length}
      style={{ top, transform: CSS.Translate.toString(transform), transition }}
      onKeyDown={keys}
    >
      <button
        type="button"
        className="button bare grip"
        ref={setActivatorNodeRef}
        {...attributes}
        {...listeners}
        aria-label={`Move ${title}`}
        title="Drag, or Space and arrow keys; Alt and arrow keys move at once"
      >
        <GripVertical size={18} aria-hidden />
      </button>
      <span className="queue-words">
        <span className="cut">{title}</span>
        <span className="soft small cut">{item.track?.artist}</span>
      </span>
      <span className="figure soft small">{length(item.track?.duration)}</span>
      <Button
        look="bare"
        aria-label={`Play ${title}`}
        icon={<Play size={18} aria-hidden />}
        blocked={view.play.blocked}
        onClick={() => view.playItem(item.id)}
      />
      <Button
        look="bare"
        aria-label={`Remove ${title}`}
        icon={<X size={18} aria-hidden />}
        blocked={view.remove.blocked}
        onClick={() => view.removeItem(item.id)}
      />
    </li>
  );
}
