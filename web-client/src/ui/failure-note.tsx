import { RotateCcw, X } from "lucide-react";
import type { Failure } from "../rpc/failure";
import { Button } from "./button";
import { dateTime } from "./format";

interface Props {
  failure: Failure | undefined;
  retry?: () => void;
  dismiss?: () => void;
  tone?: "warn";
}

/** A failure at the control that failed. It stays until it is put away or the next attempt succeeds. */
export function FailureNote({ failure, retry, dismiss, tone }: Props) {
  if (!failure) return null;
  return (
    <div className={`failure ${tone ?? ""}`} role={tone ? "note" : "alert"}>
      <strong>{failure.sentence}</strong>
      {failure.fields.length > 0 && (
        <ul>
          {failure.fields.map((mark) => (
            <li key={`${mark.field}${mark.rule}`}>
              <code>{mark.field || "request"}</code> {mark.description || mark.rule}
            </li>
          ))}
        </ul>
      )}
      {failure.recovery && <span>{failure.recovery}</span>}
      <div className="row">
        {retry && failure.retryable && (
          <Button icon={<RotateCcw size={16} aria-hidden />} onClick={retry}>
            Try again
          </Button>
        )}
        {dismiss && (
          <Button look="quiet" icon={<X size={16} aria-hidden />} onClick={dismiss}>
            Put away
          </Button>
        )}
      </div>
      <FailureDetails failure={failure} />
    </div>
  );
}

function FailureDetails({ failure }: { failure: Failure }) {
  return (
    <details>
      <summary>Details</summary>
      <dl>
        <dt>Reason</dt>
        <dd>
          <code>{failure.reason}</code>
        </dd>
        <dt>Code</dt>
        <dd>{failure.code}</dd>
        {failure.requestId && (
          <>
            <dt>Request</dt>
            <dd>
              <code>{failure.requestId}</code>
            </dd>
          </>
        )}
        {failure.components.length > 0 && (
          <>
            <dt>Affects</dt>
            <dd>{failure.components.join(", ")}</dd>
          </>
        )}
        {failure.timeMs !== undefined && (
          <>
            <dt>Time</dt>
            <dd>{dateTime(failure.timeMs)}</dd>
          </>
        )}
      </dl>
    </details>
  );
}
