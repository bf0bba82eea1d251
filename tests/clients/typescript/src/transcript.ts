// Talks to a running daemon and prints what the contract promises, the same in every language:
// node build/transcript.js ADDRESS
import { randomUUID } from "node:crypto";

import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";

import { CommandErrorSchema } from "./gen/cantina/error/v1/error_pb.js";
import { EventService, type WatchResponse } from "./gen/cantina/event/v1/event_pb.js";
import { MusicService, PlaybackState, TrackOrder, type Playback } from "./gen/cantina/music/v1/music_pb.js";
import { Mode, SystemService } from "./gen/cantina/system/v1/system_pb.js";
import { BadRequestSchema, ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";

const transport = createGrpcTransport({ baseUrl: `http://${process.argv[2]}` });
const system = createClient(SystemService, transport);
const events = createClient(EventService, transport);
const music = createClient(MusicService, transport);

const snake = (words: string | undefined) => (words ?? "").replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
const state = (playback?: Playback) => PlaybackState[playback?.state ?? 0];

async function failure(call: Promise<unknown>) {
  const error = await call.then(
    () => Promise.reject(new Error("the call should have failed")),
    (reason: unknown) => ConnectError.from(reason),
  );
  return {
    code: (Code[error.code] ?? "").replace(/(?<=.)[A-Z]/g, "_$&").toUpperCase(),
    info: error.findDetails(ErrorInfoSchema)[0],
    ours: error.findDetails(CommandErrorSchema)[0],
    violation: error.findDetails(BadRequestSchema)[0]?.fieldViolations[0],
  };
}

// The names of the parts of the snapshot, which components may follow in any number.
async function snapshot(feed: AsyncIterator<WatchResponse>) {
  const parts = new Set<string>();
  for (let next = await feed.next(); !next.done; next = await feed.next()) {
    const { frame } = next.value;
    if (frame.case === "snapshotPart") parts.add(snake(frame.value.part.case));
    if (frame.case === "snapshotComplete") return [...parts].filter((part) => part !== "component").sort();
  }
  throw new Error("the feed ended within the snapshot");
}

// The first music.track_started that the request caused.
async function started(feed: AsyncIterator<WatchResponse>, requestId: string) {
  for (let next = await feed.next(); !next.done; next = await feed.next()) {
    const { frame } = next.value;
    for (const event of frame.case === "events" ? frame.value.events : []) {
      if (event.payload.case === "musicTrackStarted" && event.cause?.requestId === requestId) {
        return { type: event.type, sequence: event.sequence, started: event.payload.value };
      }
    }
  }
  throw new Error("the feed ended before the track started");
}

const { status } = await system.getStatus({});
console.log(`status: mode ${Mode[status?.mode ?? 0]}, stopped ${status?.stopped}, api revision ${status?.apiRevision}`);

const abort = new AbortController();
const watch = events.watch({ filter: { types: ["music.*"] } }, { signal: abort.signal, timeoutMs: 30_000 });
const feed = watch[Symbol.asyncIterator]();
console.log(`snapshot: ${(await snapshot(feed)).join(", ")}`);

const { tracks, totalSize } = await music.listTracks({ orderBy: TrackOrder.TITLE });
console.log(`tracks: ${tracks.length} of ${totalSize}: ${tracks.map((track) => track.title).join(", ")}`);

const requestId = randomUUID();
const target = { case: "trackId", value: tracks[1]?.id ?? "" } as const;
const played = await music.play({ requestId, target });
console.log(`play: ${state(played.playback)} ${played.playback?.track?.title}, replayed ${played.commit?.replayed}`);

const event = await started(feed, requestId);
const within = event.sequence <= (played.commit?.sequence ?? 0n) ? "within" : "after";
const title = event.started.playback?.track?.title;
console.log(`feed: ${event.type} ${title}, caused by the command, ${within} its commit`);

const { playback: paused } = await music.pause({});
console.log(`pause: ${state(paused)} ${paused?.track?.title}, rate ${paused?.position?.rate}`);

const unknown = await failure(music.play({ target: { case: "trackId", value: "no-such-track" } }));
console.log(
  `unknown track: ${unknown.code} ${unknown.info?.reason} from ${unknown.ours?.command}, retryable ${unknown.ours?.retryable}`,
);
console.log(`recovery: ${unknown.ours?.recovery}`);

const loud = await failure(music.setVolume({ volume: 2 }));
console.log(
  `invalid volume: ${loud.code} ${loud.info?.reason}, ${loud.violation?.field} breaks ${loud.violation?.reason}`,
);

const { commit: again } = await music.play({ requestId, target });
console.log(`repeated: replayed ${again?.replayed}, same commit ${again?.sequence === played.commit?.sequence}`);

const reused = await failure(music.play({ requestId }));
console.log(`reused: ${reused.code} ${reused.info?.reason}`);

const { playback: stopped } = await music.stop({});
console.log(`stop: ${state(stopped)}`);
abort.abort();
