import { toJsonString, type DescMessage, type Message } from "@bufbuild/protobuf";
import type { Interceptor, Transport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { completeCall, recordCall } from "./call-log";
import { failureOf } from "./failure";
import { localNow } from "./time";

const LONGEST_JSON = 20_000;

function json(schema: DescMessage, message: Message): string {
  const text = toJsonString(schema, message, { prettySpaces: 2 });
  return text.length > LONGEST_JSON ? `${text.slice(0, LONGEST_JSON)}\n… cut` : text;
}

const named: Interceptor = (next) => (request) => {
  request.header.set("x-client", "dashboard");
  return next(request);
};

/** Keeps each unary call for the API page. */
export const logged: Interceptor = (next) => async (request) => {
  if (request.stream) return next(request);
  const { method } = request;
  const name = `${method.parent.typeName}/${method.name}`;
  const startedAt = localNow();
  const id = recordCall(name, json(method.input, request.message), startedAt);
  try {
    const response = await next(request);
    const responseJson = response.stream ? "" : large(name) ? "(large, not kept)" : json(method.output, response.message);
    completeCall(id, { durationMs: localNow() - startedAt, responseJson });
    return response;
  } catch (error) {
    completeCall(id, { durationMs: localNow() - startedAt, failure: failureOf(error) });
    throw error;
  }
};

function large(method: string): boolean {
  return method.endsWith("/GetFileDescriptorSet") || method.endsWith("/GetArtwork") || method.endsWith("/ListTracks");
}

let current: Transport | undefined;

/** The connection to the daemon that served this page. */
export function transport(): Transport {
  current ??= createGrpcWebTransport({ baseUrl: location.origin, interceptors: [named, logged] });
  return current;
}

/** Puts an in-memory daemon in the place of the real one, for tests. */
export function replaceTransport(replacement: Transport): void {
  current = replacement;
}
