import { create, getOption, type DescMessage, type DescMethodUnary, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { policy, type Policy } from "../gen/cantina/options/v1/options_pb";
import { transport } from "./transport";

const GRACE_MS = 2_000;

/** Who may call a method and how the daemon treats the call, from the contract. */
export function policyOf(method: DescMethodUnary): Policy {
  return getOption(method, policy);
}

/** Calls a unary method. Throws a ConnectError. */
export async function call<I extends DescMessage, O extends DescMessage>(
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
  signal?: AbortSignal,
): Promise<MessageShape<O>> {
  const { deadlineMs } = policyOf(method);
  const timeout = deadlineMs > 0 ? deadlineMs + GRACE_MS : undefined;
  const message = create(method.input, request) as MessageInitShape<I>;
  const response = await transport().unary(method, signal, timeout, undefined, message);
  return response.message;
}
