import { OctagonX, Play } from "lucide-react";
import { SystemService } from "../../gen/cantina/system/v1/system_pb";
import { type Command, useCommand } from "../../rpc/use-command";
import { useDaemon } from "../../state/store";
import { Age } from "../../ui/age";
import { Button } from "../../ui/button";
import { CommandButton } from "../../ui/command-button";
import { FailureNote } from "../../ui/failure-note";

type StopCommand = Command<typeof SystemService.method.stopAll.input, typeof SystemService.method.stopAll.output>;

/** Stops everything. It is sent whatever the connection looks like: refusing is the daemon's business. */
export function StopButton({ stop }: { stop: StopCommand }) {
  return (
    <Button
      look="stop"
      icon={<OctagonX size={20} aria-hidden />}
      pending={stop.phase.kind === "sending"}
      title="Silences everything at once (Shift-Escape)"
      onClick={() => void stop.run({})}
    >
      <span>
        STOP<span className="wide-only"> ALL</span>
      </span>
    </Button>
  );
}

/** Says that everything is stopped, by whom and why, and lets it go on. */
export function StopNotice({ stop }: { stop: StopCommand }) {
  const stopped = useDaemon((state) => state.status?.stopped ?? false);
  const latch = useDaemon((state) => state.status?.stopLatch);
  const clear = useCommand(SystemService.method.clearStop);
  return (
    <>
      <FailureNote failure={stop.failure} retry={stop.retry} dismiss={stop.dismiss} />
      {stopped && (
        <div className="notice latched" role="alert">
          <span>
            <strong>Everything is stopped.</strong> {latch?.actor?.name && <>By {latch.actor.name}, </>}
            {latch && <Age at={latch.time} />}
            {latch?.reason && <>: {latch.reason}</>}
          </span>
          <CommandButton command={clear} request={{}} icon={<Play size={18} aria-hidden />}>
            Clear the stop
          </CommandButton>
        </div>
      )}
      <FailureNote failure={clear.failure} retry={clear.retry} dismiss={clear.dismiss} />
    </>
  );
}
