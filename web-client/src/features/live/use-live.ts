import { useMemo, useState } from "react";
import { type Component, ComponentState, Mode, SystemService, type PreflightResponse } from "../../gen/cantina/system/v1/system_pb";
import { call } from "../../rpc/call";
import { type Failure, failureOf } from "../../rpc/failure";
import { localNow } from "../../rpc/time";
import { useCommand } from "../../rpc/use-command";
import { serverTime } from "../../state/clock";
import { store, useDaemon } from "../../state/store";

/** Worst first, so that what needs a person is never below the fold. */
const ORDER = [
  ComponentState.FAILED,
  ComponentState.DEGRADED,
  ComponentState.UNSPECIFIED,
  ComponentState.STOPPING,
  ComponentState.STARTING,
  ComponentState.STOPPED,
  ComponentState.RUNNING,
  ComponentState.DISABLED,
];

export function useComponents(): Component[] {
  const components = useDaemon((state) => state.components);
  return useMemo(
    () =>
      Object.values(components).sort(
        (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.name.localeCompare(b.name),
      ),
    [components],
  );
}

export function useMode() {
  const status = useDaemon((state) => state.status);
  const offered = useDaemon((state) => state.capabilities?.modes);
  const changing = useDaemon((state) => state.modeChanging);
  const failure = useDaemon((state) => state.modeFailure);
  const command = useCommand(SystemService.method.setMode);
  const modes = [Mode.IDLE, Mode.AMBIENT, Mode.INTERACTIVE, Mode.SLEEP];
  return { status, changing, failure, command, modes, offers: (mode: Mode) => offered?.includes(mode) ?? false, known: offered !== undefined };
}

interface Preflight {
  answer?: PreflightResponse;
  atMs?: number;
  failure?: Failure;
  running: boolean;
}

export function usePreflight() {
  const [preflight, setPreflight] = useState<Preflight>({ running: false });
  const run = () => {
    setPreflight((before) => ({ ...before, running: true }));
    call(SystemService.method.preflight, {})
      .then((answer) => setPreflight({ answer, atMs: serverTime(store.getState().clock, localNow()), running: false }))
      .catch((error: unknown) => setPreflight({ failure: failureOf(error), running: false }));
  };
  return { ...preflight, run };
}
