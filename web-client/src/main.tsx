import "@fontsource-variable/instrument-sans/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "@fontsource-variable/jost/wght.css";
import "./ui/tokens.css";
import "./ui/base.css";
import "./ui/components.css";
import "./ui/dial.css";
import "./ui/dialog.css";
import "./features/shell/shell.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Shell } from "./features/shell/Shell";
import { startSession } from "./state/session";

startSession();

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no root.");
createRoot(root).render(
  <StrictMode>
    <Shell />
  </StrictMode>,
);

if (import.meta.env.PROD && "serviceWorker" in navigator) {
  // The name of this file changes with every build; with it in the address, the worker takes in the new files.
  const build = encodeURIComponent(new URL(import.meta.url).pathname);
  window.addEventListener("load", () => void navigator.serviceWorker.register(`/sw.js?${build}`));
}
