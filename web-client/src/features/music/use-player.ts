import { createContext, useContext, useEffect, useRef } from "react";
import { MusicService, PlaybackState } from "../../gen/cantina/music/v1/music_pb";
import { useCommand } from "../../rpc/use-command";
import { store } from "../../state/store";

/** The commands of the player, held once for the page so that keys, bar and panel share their state. */
export function usePlayerCommands() {
  const play = useCommand(MusicService.method.play);
  const pause = useCommand(MusicService.method.pause);
  const resume = useCommand(MusicService.method.resume);
  const stop = useCommand(MusicService.method.stop);
  const next = useCommand(MusicService.method.next);
  const previous = useCommand(MusicService.method.previous);
  const seek = useCommand(MusicService.method.seek);
  const setVolume = useCommand(MusicService.method.setVolume);
  const all = [play, pause, resume, stop, next, previous, seek, setVolume];
  const toggling = [play, pause, resume].some((command) => command.pending);
  const again = useRef(false);

  /** Plays or pauses. Pressed while the last press is under way, it follows when that has shown. */
  const toggle = () => {
    const state = store.getState().playback?.state;
    if (play.blocked) return;
    if (toggling) again.current = !again.current;
    else if (state === PlaybackState.PLAYING || state === PlaybackState.LOADING) void pause.run({});
    else if (state === PlaybackState.PAUSED) void resume.run({});
    else void play.run({});
  };

  useEffect(() => {
    if (toggling || !again.current) return;
    again.current = false;
    toggle();
  }, [toggling]);

  return {
    ...{ play, pause, resume, stop, next, previous, seek, setVolume, toggle },
    toggling,
    failed: all.filter((command) => command.failure),
  };
}

export type Player = ReturnType<typeof usePlayerCommands>;

export const PlayerContext = createContext<Player | undefined>(undefined);

export function usePlayer(): Player {
  const player = useContext(PlayerContext);
  if (!player) throw new Error("The player belongs inside the shell.");
  return player;
}
