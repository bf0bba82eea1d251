import { useEffect, useState } from "react";
import { SystemService } from "../../gen/cantina/system/v1/system_pb";
import { useCommand } from "../../rpc/use-command";
import { useDaemon } from "../../state/store";
import { usePath } from "../../ui/router";
import { usePlayerCommands } from "../music/use-player";
import { PAGES } from "../pages";
import { useKeys } from "./use-keys";

/** The palette comes with its own code, fetched once the page is live, so that it opens at once. */
export const loadPalette = () => import("./Palette");

/** What the frame around the pages knows and does. */
export function useShell() {
  const path = usePath();
  const page = PAGES.find((candidate) => candidate.path === path);
  const player = usePlayerCommands();
  const stop = useCommand(SystemService.method.stopAll);
  const deviceName = useDaemon((state) => state.config?.config?.device?.name ?? state.status?.deviceName);
  const live = useDaemon((state) => state.link.phase === "open");
  const [overlay, setOverlay] = useState<"help" | "palette">();

  useKeys({
    stopAll: () => void stop.run({}),
    toggle: player.toggle,
    next: () => {
      if (!player.next.blocked && !player.next.pending) void player.next.run({});
    },
    help: () => setOverlay("help"),
    palette: () => setOverlay("palette"),
  });

  useEffect(() => {
    if (live) void loadPalette();
  }, [live]);

  const title = page?.title ?? "Not found";
  useEffect(() => {
    document.title = `${title} · ${deviceName || "Cantina"}`;
  }, [title, deviceName]);

  return { page, player, stop, deviceName, overlay, setOverlay };
}
