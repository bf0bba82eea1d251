import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { timestampMs } from "../rpc/time";
import { serverNow, useNow } from "../state/store";
import { dateTime, span } from "./format";

/** How long ago something was, by the daemon's clock. */
export function Age({ at, since }: { at: Timestamp | number | undefined; since?: boolean }) {
  useNow();
  if (at === undefined) return <span className="soft">at an unknown time</span>;
  const ms = typeof at === "number" ? at : timestampMs(at);
  const age = span(serverNow() - ms);
  return (
    <time className="figure" dateTime={new Date(ms).toISOString()} title={dateTime(ms)}>
      {since ? `for ${age}` : `${age} ago`}
    </time>
  );
}
