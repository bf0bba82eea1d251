import type { Connection } from "../../state/connection";
import { connectNow } from "../../state/session";
import { useConnection, useDaemon } from "../../state/store";
import { Age } from "../../ui/age";
import { Button } from "../../ui/button";
import { FailureNote } from "../../ui/failure-note";
import { span } from "../../ui/format";
import { Lamp, type Tone } from "../../ui/lamp";

export function describeConnection(connection: Connection): { tone: Tone; words: string } {
  switch (connection.kind) {
    case "connecting":
      return { tone: "busy", words: "Connecting" };
    case "live":
      return { tone: "good", words: "Live" };
    case "catching-up":
      return { tone: "busy", words: `Catching up, ${connection.behind} behind` };
    case "stale":
      return { tone: "warn", words: `Stale for ${span(connection.silentMs)}` };
    case "offline":
      return { tone: "bad", words: connection.retryInMs === undefined ? "Offline" : `Offline, retry in ${span(connection.retryInMs)}` };
    case "restarting":
      return { tone: "busy", words: connection.backInMs > 0 ? `Restarting, back in ${span(connection.backInMs)}` : "Restarting" };
    case "shut-down":
      return { tone: "off", words: "Shut down" };
    default:
      return connection satisfies never;
  }
}

export function ConnectionBadge() {
  const { tone, words } = describeConnection(useConnection());
  return (
    <span className="badge" role="status" data-testid="connection">
      <Lamp tone={tone} /> <span className="figure cut">{words}</span>
    </span>
  );
}

/** Says what is shown while the device does not answer. */
export function AbsenceNote() {
  const connection = useConnection();
  const asOfMs = useDaemon((state) => state.asOfMs);
  const absent = connection.kind === "offline" || connection.kind === "shut-down" || connection.kind === "stale";
  if (!absent) return null;
  return (
    <div className="notice" role="note">
      <span>
        {asOfMs === undefined ? "Nothing is known of the device yet." : <>This is what was known <Age at={asOfMs} />.</>}{" "}
        {connection.kind === "stale" ? "The device is silent." : "Nothing is sent until it is back."}
      </span>
      {connection.kind !== "stale" && <Button onClick={connectNow}>Connect now</Button>}
      {connection.kind === "offline" && connection.failure && !connection.failure.unreachable && (
        <FailureNote failure={connection.failure} />
      )}
    </div>
  );
}
