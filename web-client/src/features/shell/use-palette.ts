import { Moon, Pause, Play, Radio, RefreshCw, SkipBack, SkipForward, Square, Trash2, Users } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { MusicService, type Track } from "../../gen/cantina/music/v1/music_pb";
import { Mode, SystemService } from "../../gen/cantina/system/v1/system_pb";
import { useCommand } from "../../rpc/use-command";
import { useQuery } from "../../rpc/use-query";
import { usePlayer } from "../music/use-player";
import { PAGES } from "../pages";

const FOUND = 8;

/** What the palette offers. A command closes it when it has succeeded. */
export function usePalette(onDone: () => void) {
  const [words, setWords] = useState("");
  const query = useDeferredValue(words.trim());
  const search = useQuery(MusicService.method.searchTracks, query ? { query: query.slice(0, 200), pageSize: FOUND } : undefined, query);
  const player = usePlayer();
  const play = useCommand(MusicService.method.play);
  const mode = useCommand(SystemService.method.setMode);
  const clear = useCommand(SystemService.method.clearStop);
  const rescan = useCommand(MusicService.method.rescanLibrary);
  const clearQueue = useCommand(MusicService.method.clearQueue);

  const close = (answer: unknown) => answer !== undefined && onDone();
  const go = (to: Mode) => () => void mode.run({ mode: to }).then(close);
  const commands = [
    { words: "Play", icon: Play, blocked: play.blocked, run: () => void play.run({}).then(close) },
    { words: "Pause", icon: Pause, blocked: player.pause.blocked, run: () => void player.pause.run({}).then(close) },
    { words: "Stop the music", icon: Square, blocked: player.stop.blocked, run: () => void player.stop.run({}).then(close) },
    { words: "Next track", icon: SkipForward, blocked: player.next.blocked, run: () => void player.next.run({}).then(close) },
    { words: "Previous track", icon: SkipBack, blocked: player.previous.blocked, run: () => void player.previous.run({}).then(close) },
    { words: "Clear the stop", icon: Play, blocked: clear.blocked, run: () => void clear.run({}).then(close) },
    { words: "Mode idle", icon: Radio, blocked: mode.blocked, run: go(Mode.IDLE) },
    { words: "Mode ambient", icon: Radio, blocked: mode.blocked, run: go(Mode.AMBIENT) },
    { words: "Mode interactive", icon: Users, blocked: mode.blocked, run: go(Mode.INTERACTIVE) },
    { words: "Mode sleep", icon: Moon, blocked: mode.blocked, run: go(Mode.SLEEP) },
    { words: "Rescan the library", icon: RefreshCw, blocked: rescan.blocked, run: () => void rescan.run({}).then(close) },
    { words: "Clear the queue", icon: Trash2, blocked: clearQueue.blocked, run: () => void clearQueue.run({}).then(close) },
  ];
  const fits = (text: string) => text.toLowerCase().includes(words.trim().toLowerCase());
  const failed = [play, mode, clear, rescan, clearQueue, ...player.failed].filter((command) => command.failure);
  const playTrack = ({ id }: Track) => play.run({ target: { case: "trackId", value: id } }).then(close);
  const tracks = query ? (search.answer?.results ?? []).flatMap((result) => result.track ?? []) : [];
  return {
    ...{ words, setWords, fits, tracks, failed },
    commands: commands.filter((command) => fits(command.words)),
    pages: PAGES.filter((page) => fits(page.title)),
    play: { blocked: play.blocked, track: playTrack },
  };
}

export type PaletteView = ReturnType<typeof usePalette>;
