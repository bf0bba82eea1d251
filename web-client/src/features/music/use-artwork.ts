import { useEffect, useState } from "react";
import { MusicService, type Track } from "../../gen/cantina/music/v1/music_pb";
import { call } from "../../rpc/call";

const KEPT = 60;
const covers = new Map<string, Promise<string | undefined>>();

async function read(trackId: string): Promise<string | undefined> {
  try {
    const { data, mediaType } = await call(MusicService.method.getArtwork, { trackId });
    return URL.createObjectURL(new Blob([new Uint8Array(data)], { type: mediaType }));
  } catch {
    covers.delete(trackId);
    return undefined;
  }
}

function cover(trackId: string): Promise<string | undefined> {
  const known = covers.get(trackId);
  if (known) return known;
  const fresh = read(trackId);
  covers.set(trackId, fresh);
  const [oldest] = covers.keys();
  if (covers.size > KEPT && oldest !== undefined) {
    void covers.get(oldest)?.then((address) => address && URL.revokeObjectURL(address));
    covers.delete(oldest);
  }
  return fresh;
}

/** The address of a track's cover, or undefined while there is none. */
export function useArtwork(track: Track | undefined): string | undefined {
  const id = track?.hasArtwork ? track.id : undefined;
  const [address, setAddress] = useState<{ id: string; url: string | undefined }>();
  useEffect(() => {
    if (!id) return;
    let left = false;
    void cover(id).then((url) => {
      if (!left) setAddress({ id, url });
    });
    return () => {
      left = true;
    };
  }, [id]);
  return address?.id === id ? address?.url : undefined;
}
