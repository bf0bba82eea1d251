import { Activity, Braces, Gauge, type LucideIcon, Music, Network, ServerCog, SlidersHorizontal } from "lucide-react";
import { type ComponentType, lazy } from "react";

export interface Page {
  path: string;
  title: string;
  icon: LucideIcon;
  /** The letter that follows `g`. */
  key: string;
  Panel: ComponentType;
}

const page = (load: () => Promise<{ Panel: ComponentType }>) => lazy(async () => ({ default: (await load()).Panel }));

/** The stations of the dial, in order. A new feature adds its row. */
export const PAGES: readonly Page[] = [
  { path: "/", title: "Live", icon: Gauge, key: "l", Panel: page(() => import("./live/Panel")) },
  { path: "/music", title: "Music", icon: Music, key: "m", Panel: page(() => import("./music/Panel")) },
  { path: "/activity", title: "Activity", icon: Activity, key: "a", Panel: page(() => import("./activity/Panel")) },
  { path: "/map", title: "Map", icon: Network, key: "p", Panel: page(() => import("./map/Panel")) },
  { path: "/settings", title: "Settings", icon: SlidersHorizontal, key: "s", Panel: page(() => import("./settings/Panel")) },
  { path: "/api", title: "API", icon: Braces, key: "i", Panel: page(() => import("./api/Panel")) },
  { path: "/system", title: "System", icon: ServerCog, key: "y", Panel: page(() => import("./system/Panel")) },
];
