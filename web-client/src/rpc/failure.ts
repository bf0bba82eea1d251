import { fromBinary, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { CommandErrorSchema, ErrorReason } from "../gen/cantina/error/v1/error_pb";
import { ErrorSeverity } from "../gen/cantina/options/v1/options_pb";
import { BadRequestSchema, RetryInfoSchema } from "../gen/google/rpc/error_details_pb";
import type { Status } from "../gen/google/rpc/status_pb";
import { durationMs, timestampMs } from "./time";

export interface FieldMark {
  field: string;
  rule: string;
  description: string;
}

/** What went wrong, in the form that every control shows it. */
export interface Failure {
  sentence: string;
  recovery: string;
  /** The row of the error catalogue, or the gRPC code when the daemon did not answer. */
  reason: string;
  code: string;
  severity: ErrorSeverity;
  retryable: boolean;
  retryAfterMs?: number;
  fields: FieldMark[];
  components: string[];
  requestId: string;
  timeMs?: number;
  /** The call never reached the daemon, or its answer never came back. */
  unreachable: boolean;
}

type Find = <D extends DescMessage>(schema: D) => MessageShape<D> | undefined;

function describe(code: string, message: string, find: Find): Failure {
  const command = find(CommandErrorSchema);
  const recovery = command?.recovery ?? "";
  const retry = find(RetryInfoSchema)?.retryDelay;
  return {
    sentence: withoutTail(message, recovery) || "The daemon refused the request without a reason.",
    recovery,
    reason: command ? (ErrorReason[command.reason] ?? `REASON_${command.reason}`) : code,
    code,
    severity: command?.severity ?? ErrorSeverity.MEDIUM,
    retryable: command?.retryable ?? false,
    ...(retry && { retryAfterMs: durationMs(retry) }),
    fields: (find(BadRequestSchema)?.fieldViolations ?? []).map((violation) => ({
      field: violation.field,
      rule: violation.reason,
      description: violation.description,
    })),
    components: command?.affectedComponents ?? [],
    requestId: command?.requestId ?? "",
    ...(command?.time && { timeMs: timestampMs(command.time) }),
    unreachable: false,
  };
}

/** The daemon's message ends with the recovery, which stands on a line of its own here. */
function withoutTail(message: string, tail: string): string {
  return tail && message.endsWith(tail) ? message.slice(0, -tail.length).trim() : message;
}

/** Reads a failed call. */
export function failureOf(error: unknown): Failure {
  const connect = ConnectError.from(error);
  const find: Find = (schema) => connect.findDetails(schema)[0];
  const failure = describe(Code[connect.code] ?? "Unknown", connect.rawMessage, find);
  if (find(CommandErrorSchema)) return failure;
  const unreachable = connect.code === Code.Unavailable || connect.code === Code.Unknown;
  if (!unreachable) return failure;
  return {
    ...failure,
    sentence: "The daemon did not answer.",
    recovery: "Check that the device is on and reachable. What was asked for may or may not have happened.",
    retryable: true,
    unreachable: true,
  };
}

/** Reads a Status that stands in an event, a component or a track. */
export function failureOfStatus(status: Status): Failure {
  const find: Find = (schema) => {
    const detail = status.details.find((any) => any.typeUrl.endsWith(`/${schema.typeName}`));
    return detail && fromBinary(schema, detail.value);
  };
  return describe(Code[status.code] ?? "Unknown", status.message, find);
}
