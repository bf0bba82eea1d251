import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, createRouterTransport, type ServiceImpl, type Transport } from "@connectrpc/connect";
import { CommandErrorSchema, ErrorReason } from "../gen/cantina/error/v1/error_pb";
import { EventService, type WatchRequest, type WatchResponse } from "../gen/cantina/event/v1/event_pb";
import { MusicService } from "../gen/cantina/music/v1/music_pb";
import { SystemService } from "../gen/cantina/system/v1/system_pb";
import { BadRequestSchema } from "../gen/google/rpc/error_details_pb";
import { logged } from "./transport";

/** An in-memory daemon for tests: it says what the test tells it to say. */
export interface FakeDaemon {
  transport: Transport;
  watches: WatchRequest[];
}

interface Script {
  watch?: (request: WatchRequest, signal: AbortSignal) => AsyncIterable<WatchResponse>;
  music?: Partial<ServiceImpl<typeof MusicService>>;
}

export function fakeDaemon({ watch, music }: Script): FakeDaemon {
  const watches: WatchRequest[] = [];
  const transport = createRouterTransport(
    ({ service }) => {
      service(SystemService, {
        getCapabilities: () => ({ services: [MusicService.typeName], telemetryChannels: ["audio.meter", "unknown.channel"] }),
      });
      service(MusicService, music ?? {});
      service(EventService, {
        watch: (request, context) => {
          watches.push(request);
          return watch ? watch(request, context.signal) : (async function* () {})();
        },
      });
    },
    { transport: { interceptors: [logged] } },
  );
  return { transport, watches };
}

export function seekRefused(): ConnectError {
  const details = [
    {
      desc: CommandErrorSchema,
      value: create(CommandErrorSchema, {
        reason: ErrorReason.SEEK_OUT_OF_RANGE,
        recovery: "Seek to a position before the duration.",
        requestId: "r1",
        retryable: true,
        affectedComponents: ["music"],
      }),
    },
    { desc: BadRequestSchema, value: { fieldViolations: [{ field: "position", reason: "duration.lte", description: "is too far" }] } },
  ];
  return new ConnectError("The position lies behind the end. Seek to a position before the duration.", Code.OutOfRange, undefined, details);
}
