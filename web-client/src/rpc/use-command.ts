import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { useCallback, useEffect, useReducer, useRef } from "react";
import type { CommitInfo } from "../gen/cantina/command/v1/command_pb";
import { whyMute } from "../state/connection";
import { store, useConnectionPart, useDaemon } from "../state/store";
import { call, policyOf } from "./call";
import { idle, isPending, nextPhase, type Phase } from "./command";
import { type Failure, failureOf } from "./failure";
import { uuid } from "./uuid";

export interface Command<I extends DescMessage, O extends DescMessage> {
  method: DescMethodUnary<I, O>;
  phase: Phase;
  pending: boolean;
  failure: Failure | undefined;
  /** Why the command is not sent now; undefined when it is. */
  blocked: string | undefined;
  /** Sends the command with a new request id. Answers undefined when it failed; the failure is in `failure`. */
  run: (request: Omit<MessageInitShape<I>, "requestId">) => Promise<MessageShape<O> | undefined>;
  /** Sends the last request again, as a new command. */
  retry: () => void;
  dismiss: () => void;
}

/** Follows one command from the click to the moment at which its effect shows in the feed. */
export function useCommand<I extends DescMessage, O extends DescMessage>(method: DescMethodUnary<I, O>): Command<I, O> {
  const [phase, step] = useReducer(nextPhase, idle);
  const last = useRef<Omit<MessageInitShape<I>, "requestId">>(undefined);
  const blocked = useBlocked(method);

  const waiting = phase.kind === "answered";
  useEffect(() => {
    if (!waiting) return;
    const look = () => step({ kind: "feed", applied: store.getState().applied });
    look();
    return store.subscribe(look);
  }, [waiting]);

  const run = useCallback(
    async (request: Omit<MessageInitShape<I>, "requestId">) => {
      const requestId = uuid();
      last.current = request;
      step({ kind: "send", requestId });
      try {
        const identified = method.input.fields.some((field) => field.name === "request_id");
        const message = (identified ? { ...request, requestId } : request) as MessageInitShape<I>;
        const response = await call(method, message);
        const commit = (response as { commit?: CommitInfo }).commit;
        const sequence = commit?.sequence ?? 0n;
        step({ kind: "answer", requestId, sequence, applied: store.getState().applied });
        return response;
      } catch (error) {
        const failure = failureOf(error);
        step({ kind: "fail", requestId, failure: { ...failure, requestId: failure.requestId || requestId } });
        return undefined;
      }
    },
    [method],
  );

  const retry = useCallback(() => {
    if (last.current) void run(last.current);
  }, [run]);
  const dismiss = useCallback(() => step({ kind: "dismiss" }), []);
  const failure = phase.kind === "failed" ? phase.failure : undefined;
  return { method, phase, pending: isPending(phase), failure, blocked, run, retry, dismiss };
}

/** Why a method would be refused or could not be sent, from what is known. */
function useBlocked(method: DescMethodUnary): string | undefined {
  const mute = useConnectionPart(whyMute);
  const stopped = useDaemon((state) => state.status?.stopped ?? false);
  const services = useDaemon((state) => state.capabilities?.services);
  if (mute) return mute;
  if (services && !services.includes(method.parent.typeName)) return "This daemon does not offer it.";
  if (stopped && !policyOf(method).allowedWhileStopped) return "Everything is stopped. Clear the stop first.";
  return undefined;
}

