import { Power as PowerIcon, RotateCw } from "lucide-react";
import { useState } from "react";
import { SystemService } from "../../gen/cantina/system/v1/system_pb";
import { durationFromMs } from "../../rpc/time";
import { useCommand } from "../../rpc/use-command";
import { Button } from "../../ui/button";
import { Confirm } from "../../ui/dialog";
import { FailureNote } from "../../ui/failure-note";
import { Panel as Box } from "../../ui/panel";

const DELAY_S = 5;

/** Restart and shut down, each after a question. */
export function Power() {
  const restart = useCommand(SystemService.method.restart);
  const shutdown = useCommand(SystemService.method.shutdown);
  const [asked, setAsked] = useState<"restart" | "shutdown">();
  const [reason, setReason] = useState("");
  const command = asked === "shutdown" ? shutdown : restart;
  const close = () => setAsked(undefined);
  const go = async () => {
    const request = { delay: durationFromMs(DELAY_S * 1000), reason: reason.trim() };
    const answer = asked === "shutdown" ? await shutdown.run(request) : await restart.run(request);
    if (answer) close();
  };
  return (
    <Box title="Restart and shut down">
      <p className="soft">Everybody who watches is told, and comes back by itself after a restart.</p>
      <div className="row">
        <Button icon={<RotateCw size={18} aria-hidden />} blocked={restart.blocked} onClick={() => setAsked("restart")}>
          Restart
        </Button>
        <Button look="danger" icon={<PowerIcon size={18} aria-hidden />} blocked={shutdown.blocked} onClick={() => setAsked("shutdown")}>
          Shut down
        </Button>
      </div>
      <Confirm
        open={asked !== undefined}
        onClose={close}
        title={asked === "shutdown" ? "Shut the daemon down?" : "Restart the daemon?"}
        description={
          asked === "shutdown"
            ? `The music stops in ${DELAY_S} seconds. The daemon does not come back by itself: somebody has to start it on the device.`
            : `The music stops in ${DELAY_S} seconds. The daemon comes back by itself.`
        }
        action={
          <Button look="danger" blocked={command.blocked} pending={command.pending} onClick={() => void go()}>
            {asked === "shutdown" ? "Shut down" : "Restart"}
          </Button>
        }
      >
        <div className="field">
          <label htmlFor="reason">Reason, for the feed</label>
          <input id="reason" className="input" maxLength={200} value={reason} onChange={(event) => setReason(event.target.value)} />
        </div>
        <FailureNote failure={command.failure} retry={() => void go()} dismiss={command.dismiss} />
      </Confirm>
    </Box>
  );
}
