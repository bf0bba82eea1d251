import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { MusicService, type Track, TrackOrder } from "../../gen/cantina/music/v1/music_pb";
import { call } from "../../rpc/call";
import { type Failure, failureOf } from "../../rpc/failure";
import { useCommand } from "../../rpc/use-command";
import { useDaemon } from "../../state/store";
import { useAddressValue } from "../../ui/router";

const PAGE = 1_000;
const FOUND = 200;

interface Loaded {
  tracks: Track[];
  total: number;
  complete: boolean;
  failure?: Failure;
}

export interface Wish {
  words: string;
  order: TrackOrder;
  descending: boolean;
  genre: string;
  problems: boolean;
}

const nothing: Loaded = { tracks: [], total: 0, complete: false };

/** Reads what the wish selects: the candidates of a search, or the whole list page by page. */
async function read(wish: Wish, signal: AbortSignal, show: (loaded: Loaded) => void): Promise<void> {
  if (wish.words && !wish.problems) {
    const { results } = await call(MusicService.method.searchTracks, { query: wish.words, pageSize: FOUND }, signal);
    const tracks = results.flatMap((result) => result.track ?? []).filter((track) => fitsGenre(track, wish.genre));
    return show({ tracks, total: tracks.length, complete: true });
  }
  let tracks: Track[] = [];
  let pageToken = "";
  do {
    const { order: orderBy, descending, genre, problems: problemsOnly } = wish;
    const request = { pageSize: PAGE, pageToken, orderBy, descending, genre, problemsOnly };
    const page = await call(MusicService.method.listTracks, request, signal);
    tracks = [...tracks, ...page.tracks];
    pageToken = page.nextPageToken;
    show({ tracks, total: page.totalSize, complete: pageToken === "" });
  } while (pageToken !== "" && !signal.aborted);
}

function fitsGenre(track: Track, genre: string): boolean {
  return genre === "" || track.genre.toLowerCase() === genre.toLowerCase();
}

/** The library as the person wants to see it, read again whenever the daemon's library changes. */
export function useLibrary() {
  const library = useDaemon((state) => state.library);
  const open = useDaemon((state) => state.link.phase === "open");
  const [typed, setTyped] = useAddressValue("find");
  const words = useDeferredValue(typed.trim().slice(0, 200));
  const [order, setOrder] = useState(TrackOrder.ARTIST);
  const [descending, setDescending] = useState(false);
  const [genre, setGenre] = useState("");
  const [problems, setProblems] = useState(false);
  const [loaded, setLoaded] = useState<Loaded>(nothing);
  const [genres, setGenres] = useState<string[]>([]);
  const [round, setRound] = useState(0);
  const etag = library?.etag ?? "";

  useEffect(() => {
    if (!open) return;
    const abort = new AbortController();
    const wish = { words, order, descending, genre, problems };
    read(wish, abort.signal, (next) => !abort.signal.aborted && setLoaded(next)).catch((error: unknown) => {
      if (!abort.signal.aborted) setLoaded((before) => ({ ...before, failure: failureOf(error) }));
    });
    return () => abort.abort();
  }, [words, order, descending, genre, problems, etag, open, round]);

  useEffect(() => {
    if (genre || words || problems) return;
    const found = new Set(loaded.tracks.map((track) => track.genre).filter(Boolean));
    setGenres([...found].sort((a, b) => a.localeCompare(b)));
  }, [loaded, genre, words, problems]);

  const sortBy = (next: TrackOrder) => {
    setDescending(next === order ? !descending : false);
    setOrder(next);
  };
  const shown = useMemo(
    () => (problems && words ? loaded.tracks.filter((track) => track.path.toLowerCase().includes(words.toLowerCase())) : loaded.tracks),
    [loaded, problems, words],
  );
  return {
    ...{ library, typed, setTyped, order, descending, sortBy, genre, setGenre, genres, problems, setProblems },
    ...{ loaded, shown, searching: words !== "" && !problems, reload: () => setRound(round + 1) },
  };
}

export type LibraryView = ReturnType<typeof useLibrary>;

export function useTrackActions() {
  const play = useCommand(MusicService.method.play);
  const enqueue = useCommand(MusicService.method.enqueue);
  const [subject, setSubject] = useState<Track>();
  return {
    ...{ play, enqueue, subject },
    playTrack: (track: Track) => {
      if (play.pending || play.blocked) return;
      setSubject(track);
      void play.run({ target: { case: "trackId", value: track.id } });
    },
    enqueueTrack: (track: Track) => {
      if (enqueue.pending || enqueue.blocked) return;
      setSubject(track);
      void enqueue.run({ trackIds: [track.id] });
    },
  };
}

export type TrackActions = ReturnType<typeof useTrackActions>;

export function useScan() {
  const scan = useDaemon((state) => state.scan);
  const rescan = useCommand(MusicService.method.rescanLibrary);
  return { scan, rescan };
}
