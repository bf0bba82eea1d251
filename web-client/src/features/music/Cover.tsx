import type { CSSProperties } from "react";
import type { Track } from "../../gen/cantina/music/v1/music_pb";
import { useArtwork } from "./use-artwork";

/** The cover of a track, or a record whose grooves are drawn from the track's id. */
export function Cover({ track, size }: { track: Track | undefined; size: number }) {
  const address = useArtwork(track);
  const style = { "--cover": `${size}px` } as CSSProperties;
  if (address) return <img className="cover" src={address} alt="" style={style} />;
  return <Record id={track?.id ?? ""} style={style} />;
}

function Record({ id, style }: { id: string; style: CSSProperties }) {
  const seed = Array.from({ length: 5 }, (_, index) => Number.parseInt(id.slice(index * 2, index * 2 + 2) || "80", 16) / 255);
  return (
    <svg className="cover record" viewBox="0 0 100 100" style={style} aria-hidden>
      <rect width="100" height="100" className="sleeve" />
      {seed.map((share, index) => (
        <circle key={index} cx="50" cy="50" r={18 + index * 6 + share * 4} fill="none" strokeWidth={0.8 + share} />
      ))}
      <circle cx="50" cy="50" r="12" className="hub" />
      <circle cx="50" cy="50" r="1.600" className="hole" />
    </svg>
  );
}
