import "./music.css";
import { Library } from "./Library";
import { NowPlaying } from "./NowPlaying";
import { Outputs } from "./Outputs";
import { QueueList } from "./QueueList";

/** What is heard, what comes next, and everything there is. */
export function Panel() {
  return (
    <div className="music">
      <NowPlaying />
      <Library />
      <div className="music-side">
        <QueueList />
        <Outputs />
      </div>
    </div>
  );
}
