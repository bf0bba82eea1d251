import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Event, EventSchema, SnapshotPartSchema, type WatchResponse, WatchResponseSchema } from "../gen/cantina/event/v1/event_pb";
import { timestampFromMs } from "../rpc/time";
import { emptyState, type State } from "./model";
import { reduce } from "./reduce";

/** Frames, events and states for tests. */
export const T0 = 1_760_000_000_000;

export function event(sequence: bigint, payload: MessageInitShape<typeof EventSchema>["payload"], type = "test.event"): Event {
  return create(EventSchema, { sequence, type, time: timestampFromMs(T0 + Number(sequence)), ...(payload && { payload }) });
}

export function frame(content: NonNullable<MessageInitShape<typeof WatchResponseSchema>["frame"]>, resumeToken = "token"): WatchResponse {
  return create(WatchResponseSchema, { resumeToken, frame: content });
}

export function events(...list: Event[]): WatchResponse {
  return frame({ case: "events", value: { events: list } });
}

export function part(content: NonNullable<MessageInitShape<typeof SnapshotPartSchema>["part"]>): WatchResponse {
  return frame({ case: "snapshotPart", value: { part: content } });
}

export function subscribed(head: bigint, partCount = 0, epoch = "epoch-1"): WatchResponse {
  const value = { deviceId: "device", epoch, headSequence: head, serverTime: timestampFromMs(T0), snapshotPartCount: partCount };
  return frame({ case: "subscribed", value });
}

export function snapshotComplete(sequence: bigint): WatchResponse {
  return frame({ case: "snapshotComplete", value: { sequence } });
}

export function after(frames: WatchResponse[], from: State = emptyState, receivedAt = T0): State {
  return frames.reduce((state, one) => reduce(state, { kind: "frame", frame: one, receivedAt }), from);
}
