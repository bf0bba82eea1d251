import { Pause, Play, SkipBack, SkipForward, Square } from "lucide-react";
import { useRef } from "react";
import { EndReason, PlaybackState } from "../../gen/cantina/music/v1/music_pb";
import { durationFromMs, durationMs } from "../../rpc/time";
import { useDaemon } from "../../state/store";
import { Button } from "../../ui/button";
import { CommandButton } from "../../ui/command-button";
import { Dial } from "../../ui/dial";
import { FailureNote } from "../../ui/failure-note";
import { clockTime, enumWord, length } from "../../ui/format";
import { Empty, Panel as Box } from "../../ui/panel";
import { Cover } from "./Cover";
import { useHeld } from "./use-held";
import { usePlayer } from "./use-player";
import { grow, slide, usePositionSeconds, useTravel } from "./use-position";
import { Meters } from "./Meters";
import { Volume } from "./Volume";

export function NowPlaying() {
  const playback = useDaemon((state) => state.playback);
  const player = usePlayer();
  if (!playback) return <Box title="Now playing"><h1 className="unseen">Music</h1><Empty>The device has said nothing about music yet.</Empty></Box>;
  const { track } = playback;
  return (
    <section className="panel now" aria-label="Now playing">
      <Cover track={track} size={148} />
      <div className="now-words">
        <p className="soft small" data-testid="playback-state">{enumWord(PlaybackState, playback.state)}</p>
        <h1 className="wrap">{track ? track.title : "Nothing is playing"}</h1>
        <p className="soft wrap">
          {track ? [track.artist, track.album, track.year].filter(Boolean).join(" · ") : <LastEnd />}
        </p>
        <Facts />
      </div>
      <div className="now-controls">
        <SeekDial />
        <Transport />
        {player.failed.map((command) => (
          <FailureNote key={command.method.name} failure={command.failure} retry={command.retry} dismiss={command.dismiss} />
        ))}
        <EndingSoon />
        <div className="now-level">
          <Volume />
          <Meters />
        </div>
      </div>
    </section>
  );
}

/** How the last track ended, from the feed. */
function LastEnd(): string {
  const entries = useDaemon((state) => state.entries);
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const entry = entries[index];
    if (entry?.kind !== "event" || entry.event.payload.case !== "musicTrackFinished") continue;
    const { track, endReason } = entry.event.payload.value;
    return `${track?.title ?? "The last track"}: ${enumWord(EndReason, endReason).toLowerCase()}`;
  }
  return "";
}

function Facts() {
  const track = useDaemon((state) => state.playback?.track);
  if (!track) return null;
  const facts = [
    track.genre,
    track.tempoBpm !== undefined && `${Math.round(track.tempoBpm)} BPM`,
    track.key,
    track.format,
    track.sampleRateHz > 0 && `${track.sampleRateHz / 1000} kHz`,
  ];
  return (
    <p className="row">
      {facts.filter((fact) => fact !== "" && fact !== false).map((fact) => (
        <span className="tag" key={String(fact)}>
          {fact}
        </span>
      ))}
    </p>
  );
}

/** The scale of the track, one tick for ten seconds. While a person holds the needle, it follows the hand. */
function SeekDial() {
  const playback = useDaemon((state) => state.playback);
  const { seek } = usePlayer();
  const { held, hold, settle } = useHeld(seek.pending);
  const travelled = useRef<HTMLDivElement>(null);
  const position = playback?.position;
  const total = position?.duration ? durationMs(position.duration) : 0;
  const seconds = usePositionSeconds(position);
  const runner = useRef<HTMLDivElement>(null);
  const heldMs = held === undefined ? undefined : held * 1000;
  useTravel(travelled, position, grow, heldMs);
  useTravel(runner, position, slide, heldMs);
  const shown = held ?? seconds;
  const send = (value: number) => {
    if (playback) void seek.run({ position: durationFromMs(value * 1000), playbackId: playback.playbackId });
    settle(value);
  };
  return (
    <div className="seek">
      <span className="figure seek-time" data-testid="position">{playback?.track ? clockTime(shown * 1000) : "–:––"}</span>
      <Dial
        label="Position"
        value={shown}
        max={Math.floor(total / 1000)}
        step={1}
        ticks={total / 10_000}
        longEvery={6}
        spoken={`${clockTime(shown * 1000)} of ${length(position?.duration)}`}
        disabled={!playback?.track || total === 0 || seek.blocked !== undefined}
        travelled={travelled}
        runner={runner}
        onMove={hold}
        onSettle={send}
      />
      <span className="figure seek-time soft">{length(position?.duration)}</span>
    </div>
  );
}

function Transport() {
  const state = useDaemon((whole) => whole.playback?.state);
  const player = usePlayer();
  const playing = state === PlaybackState.PLAYING || state === PlaybackState.LOADING;
  const Icon = playing ? Pause : Play;
  return (
    <div className="transport" role="group" aria-label="Player">
      <CommandButton command={player.previous} request={{}} look="bare" aria-label="Previous track" icon={<SkipBack size={24} aria-hidden />} />
      <Button
        look="main"
        className="play"
        aria-label={playing ? "Pause" : "Play"}
        icon={<Icon size={28} aria-hidden />}
        blocked={player.play.blocked}
        aria-busy={player.toggling || undefined}
        onClick={player.toggle}
      />
      <CommandButton command={player.next} request={{}} look="bare" aria-label="Next track" icon={<SkipForward size={24} aria-hidden />} />
      <CommandButton command={player.stop} request={{}} look="bare" aria-label="Stop the music" icon={<Square size={20} aria-hidden />} />
    </div>
  );
}

function EndingSoon() {
  const ending = useDaemon((state) => state.endingSoon);
  if (!ending) return null;
  const next = ending.next?.track;
  return <p role="status">{next ? `Next: ${[next.title, next.artist].filter(Boolean).join(", ")}` : "This is the last track of the queue."}</p>;
}
