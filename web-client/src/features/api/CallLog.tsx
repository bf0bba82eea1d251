import { useStore } from "zustand";
import { type Call, callLog } from "../../rpc/call-log";
import { FailureNote } from "../../ui/failure-note";
import { timeOfDay } from "../../ui/format";
import { Lamp } from "../../ui/lamp";
import { Empty } from "../../ui/panel";
import { CopyAs } from "./CopyAs";

/** The calls of this page, newest first, decoded. */
export function CallLog() {
  const calls = useStore(callLog, (state) => state.calls);
  if (calls.length === 0) return <Empty>This page has called nothing yet.</Empty>;
  return (
    <ol className="panel calls">
      {calls.map((call) => (
        <CallLine key={call.id} call={call} />
      ))}
    </ol>
  );
}

function CallLine({ call }: { call: Call }) {
  const { failure, durationMs, responseJson } = call;
  const tone = failure ? "bad" : durationMs === undefined ? "busy" : "good";
  const words = failure ? failure.reason : durationMs === undefined ? "under way" : "answered";
  return (
    <li>
      <details>
        <summary>
          <Lamp tone={tone} label={words} />
          <span className="figure soft">{timeOfDay(call.startedAt)}</span>
          <code className="cut">{call.method.slice(call.method.lastIndexOf(".") + 1)}</code>
          <span className="figure soft">{durationMs === undefined ? "…" : `${durationMs.toFixed(0)} ms`}</span>
        </summary>
        <div className="stack">
          <CopyAs method={call.method} requestJson={call.requestJson} />
          <h3>Request</h3>
          <pre className="code" tabIndex={0}>{call.requestJson}</pre>
          {responseJson !== undefined && (
            <>
              <h3>Answer</h3>
              <pre className="code" tabIndex={0}>{responseJson}</pre>
            </>
          )}
          {failure && <FailureNote failure={failure} tone="warn" />}
        </div>
      </details>
    </li>
  );
}
