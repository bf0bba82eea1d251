import { toJsonString } from "@bufbuild/protobuf";
import { ActorKind } from "../../gen/cantina/command/v1/command_pb";
import { type Event, EventSchema, EventService } from "../../gen/cantina/event/v1/event_pb";
import { failureOfStatus } from "../../rpc/failure";
import { timestampMs } from "../../rpc/time";
import { useQuery } from "../../rpc/use-query";
import { CopyButton } from "../../ui/copy-button";
import { FailureNote } from "../../ui/failure-note";
import { dateTime, enumWord } from "../../ui/format";
import { Panel as Box } from "../../ui/panel";
import { describeEvent } from "./describe";
import { type Branch, traceTree } from "./trace";

interface Props {
  event: Event;
  onChoose: (event: Event) => void;
}

/** One event in full, and the chain that led to it and away from it. */
export function Why({ event, onChoose }: Props) {
  const json = toJsonString(EventSchema, event, { prettySpaces: 2 });
  const { actor, requestId } = event.cause ?? {};
  const status = event.payload.case === "commandCompleted" ? event.payload.value.status : undefined;
  return (
    <Box title="Why?" className="why">
      <p>
        <code>{event.type}</code> <span className="wrap">{describeEvent(event)}</span>
      </p>
      <p className="soft small wrap">
        {event.time && dateTime(timestampMs(event.time))} · number {String(event.sequence)}
        {actor && ` · by ${actor.name || enumWord(ActorKind, actor.kind)}${actor.address && ` at ${actor.address}`}`}
        {requestId && ` · request ${requestId}`}
        {event.simulated && " · simulated"}
      </p>
      {status && status.code !== 0 && <FailureNote failure={failureOfStatus(status)} tone="warn" />}
      <Trace event={event} onChoose={onChoose} />
      <details>
        <summary>Everything in the event</summary>
        <CopyButton text={json} label="Copy" />
        <pre className="code" tabIndex={0}>{json}</pre>
      </details>
    </Box>
  );
}

function Trace({ event, onChoose }: Props) {
  const trace = useQuery(EventService.method.getTrace, { sequence: event.sequence }, String(event.sequence));
  const events = trace.answer?.events ?? [];
  return (
    <>
      <FailureNote failure={trace.failure} retry={trace.reload} />
      <Branches branches={traceTree(events)} chosen={event.sequence} onChoose={onChoose} />
      {trace.answer?.truncated && <p className="soft small">The trace is longer than this.</p>}
    </>
  );
}

function Branches({ branches, chosen, onChoose }: { branches: Branch[]; chosen: bigint; onChoose: (event: Event) => void }) {
  if (branches.length === 0) return null;
  return (
    <ol className="trace">
      {branches.map(({ event, effects }) => (
        <li key={String(event.sequence)}>
          <button type="button" aria-current={event.sequence === chosen || undefined} onClick={() => onChoose(event)}>
            <code>{event.type}</code> <span className="soft">{describeEvent(event)}</span>
          </button>
          <Branches branches={effects} chosen={chosen} onChoose={onChoose} />
        </li>
      ))}
    </ol>
  );
}
