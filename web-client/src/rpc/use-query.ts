import type { DescMessage, DescMethodUnary, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { useCallback, useEffect, useState } from "react";
import { useDaemon } from "../state/store";
import { call } from "./call";
import { type Failure, failureOf } from "./failure";
import { localNow } from "./time";

export interface Query<T> {
  answer: T | undefined;
  /** Local milliseconds of the answer. */
  answeredAt: number | undefined;
  failure: Failure | undefined;
  loading: boolean;
  reload: () => void;
}

/**
 * Reads by a unary method, again whenever `key` changes and after each reconnection. The old answer
 * stays until the new one is there. An undefined request asks for nothing.
 */
export function useQuery<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I> | undefined,
  key: string,
): Query<MessageShape<O>> {
  const [result, setResult] = useState<{ answer?: MessageShape<O>; at?: number; failure?: Failure }>({});
  const [loading, setLoading] = useState(false);
  const [round, setRound] = useState(0);
  const open = useDaemon((state) => state.link.phase === "open");
  const wanted = request !== undefined && open;

  useEffect(() => {
    if (!wanted) return;
    const abort = new AbortController();
    setLoading(true);
    call(method, request as MessageInitShape<I>, abort.signal)
      .then((answer) => setResult({ answer, at: localNow() }))
      .catch((error: unknown) => {
        if (!abort.signal.aborted) setResult((before) => ({ ...before, failure: failureOf(error) }));
      })
      .finally(() => {
        if (!abort.signal.aborted) setLoading(false);
      });
    return () => abort.abort();
    // `key` stands for the request, which is a new object at every drawing.
  }, [method, key, round, wanted]);

  const reload = useCallback(() => setRound((before) => before + 1), []);
  return { answer: result.answer, answeredAt: result.at, failure: result.failure, loading, reload };
}
