import { Dialog } from "../../ui/dialog";
import { Toggle } from "../../ui/toggle";
import { usePreference } from "../../ui/preference";
import { PAGES } from "../pages";

const KEYS: [string, string][] = [
  ["Shift Esc", "Stop everything"],
  ["Ctrl K", "Find a page, a track or a command"],
  ["Space", "Play or pause"],
  ["n", "Next track"],
  ["/", "Go to the filter of the page"],
  ["?", "This list"],
];

export function KeyHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  const [single, setSingle] = usePreference<"on" | "off">("keys", "on");
  return (
    <Dialog open={open} onClose={onClose} title="Keys">
      <dl className="keys">
        {KEYS.map(([key, meaning]) => (
          <KeyRow key={key} keys={key} meaning={meaning} />
        ))}
        {PAGES.map((page) => (
          <KeyRow key={page.path} keys={`g ${page.key}`} meaning={page.title} />
        ))}
      </dl>
      <Toggle label="Single keys (without Ctrl or Shift)" checked={single === "on"} onChange={(on) => setSingle(on ? "on" : "off")} />
    </Dialog>
  );
}

function KeyRow({ keys, meaning }: { keys: string; meaning: string }) {
  return (
    <div>
      <dt>
        {keys.split(" ").map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{meaning}</dd>
    </div>
  );
}
