import { Pause, Play, SkipForward } from "lucide-react";
import { useRef } from "react";
import { PlaybackState } from "../../gen/cantina/music/v1/music_pb";
import { useDaemon } from "../../state/store";
import { CommandButton } from "../../ui/command-button";
import { Button } from "../../ui/button";
import { FailureNote } from "../../ui/failure-note";
import { clockTime, length } from "../../ui/format";
import { Link } from "../../ui/router";
import { Cover } from "../music/Cover";
import { usePlayer } from "../music/use-player";
import { grow, usePositionSeconds, useTravel } from "../music/use-position";

/** What is heard, on every page. Absent while the daemon has said nothing about music. */
export function NowPlayingBar() {
  const playback = useDaemon((state) => state.playback);
  const player = usePlayer();
  const line = useRef<HTMLDivElement>(null);
  const duration = playback?.position?.duration;
  useTravel(line, playback?.position, grow);
  const seconds = usePositionSeconds(playback?.position);
  if (!playback) return null;
  const { track } = playback;
  const playing = playback.state === PlaybackState.PLAYING || playback.state === PlaybackState.LOADING;
  const Icon = playing ? Pause : Play;
  return (
    <aside className="bar" aria-label="Now playing">
      {player.failed.map((command) => (
        <FailureNote key={command.method.name} failure={command.failure} retry={command.retry} dismiss={command.dismiss} />
      ))}
      <div className="bar-line" aria-hidden>
        <div ref={line} />
      </div>
      <div className="bar-row">
        <Link href="/music" className="bar-track">
          <Cover track={track} size={40} />
          <span className="cut">
            <strong className="cut">{track ? track.title : "Nothing is playing"}</strong>
            <span className="soft small cut">{track?.artist}</span>
          </span>
        </Link>
        {track && (
          <span className="figure small soft bar-time">
            {clockTime(seconds * 1000)} / {length(duration)}
          </span>
        )}
        <Button
          look="bare"
          aria-label={playing ? "Pause" : "Play"}
          icon={<Icon size={22} aria-hidden />}
          blocked={player.play.blocked}
          aria-busy={player.toggling || undefined}
          onClick={player.toggle}
        />
        <CommandButton
          look="bare"
          aria-label="Next track"
          icon={<SkipForward size={22} aria-hidden />}
          command={player.next}
          request={{}}
        />
      </div>
    </aside>
  );
}
