import { create, type DescMethod, type DescMethodUnary, fromJsonString, type JsonObject, toJsonString } from "@bufbuild/protobuf";
import { useMemo, useState } from "react";
import { call } from "../../rpc/call";
import { type Contract, useContract } from "../../rpc/contract";
import { type Failure, failureOf } from "../../rpc/failure";
import { uuid } from "../../rpc/uuid";
import { useAddressValue } from "../../ui/router";
import { templateOf } from "./template";

export function nameOf(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}

/** The methods of the contract, filtered by words in name and comment. */
export function useApi() {
  const { contract, failure } = useContract();
  const [chosen, setChosen] = useAddressValue("method");
  const [words, setWords] = useAddressValue("find");
  const methods = useMemo(() => (contract?.services ?? []).flatMap((service) => service.methods), [contract]);
  const shown = methods.filter((method) => fits(method, words, contract));
  const method = methods.find((candidate) => nameOf(candidate) === chosen) ?? shown[0];
  return { contract, failure, words, setWords, shown, method, choose: (one: DescMethod) => setChosen(nameOf(one)) };
}

function fits(method: DescMethod, words: string, contract: Contract | undefined): boolean {
  const text = `${nameOf(method)} ${contract?.comment(method) ?? ""}`.toLowerCase();
  return text.includes(words.toLowerCase());
}

interface Result {
  json?: string;
  failure?: Failure;
}

/** A request written by hand, and what the daemon answered. */
export function useTry(method: DescMethod, contract: Contract) {
  const template = useMemo(() => JSON.stringify(templateOf(method.input), null, 2), [method]);
  const [edited, setEdited] = useState<string>();
  const [result, setResult] = useState<Result>({});
  const [sending, setSending] = useState(false);
  const text = edited ?? template;

  const send = async () => {
    setSending(true);
    try {
      const message = fromJsonString(method.input, text, { registry: contract.registry });
      const identified = withRequestId(message as unknown as JsonObject, method);
      const answer = await call(method as DescMethodUnary, identified);
      setResult({ json: toJsonString(method.output, answer, { prettySpaces: 2, registry: contract.registry }) });
    } catch (error) {
      setResult({ failure: error instanceof SyntaxError || isJsonError(error) ? notJson(error as Error) : failureOf(error) });
    } finally {
      setSending(false);
    }
  };
  return { text, setText: setEdited, result, sending, send };
}

function withRequestId(message: JsonObject, method: DescMethod) {
  const wanted = method.input.fields.some((field) => field.name === "request_id") && !message["requestId"];
  return create(method.input, (wanted ? { ...message, requestId: uuid() } : message) as never);
}

function isJsonError(error: unknown): boolean {
  return error instanceof Error && /JSON|decode/i.test(error.message) && error.name !== "ConnectError";
}

/** A request that could not be made of the text, said like any other failure. */
function notJson(error: Error): Failure {
  const failure = failureOf(error);
  return { ...failure, sentence: error.message, recovery: "Correct the JSON.", reason: "JSON", retryable: false, unreachable: false };
}
