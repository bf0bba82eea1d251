import { readdirSync } from "node:fs";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Writes the list of hashed files that the service worker keeps for offline use. */
function offlineFiles(): Plugin {
  return {
    name: "offline-files",
    apply: "build",
    generateBundle(_, bundle) {
      const rare = /-(cyrillic|greek|vietnamese)/;
      const built = Object.keys(bundle).filter((name) => !rare.test(name));
      const copied = readdirSync(join(import.meta.dirname, "public")).filter((name) => name !== "sw.js");
      const files = ["/", ...built.filter((name) => name !== "index.html"), ...copied].map((name) =>
        name.startsWith("/") ? name : `/${name}`,
      );
      this.emitFile({ type: "asset", fileName: "offline-files.json", source: JSON.stringify(files) });
    },
  };
}

const daemon = process.env.CANTINA_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), offlineFiles()],
  build: { target: "es2022", sourcemap: false, assetsInlineLimit: 0 },
  server: { proxy: { "/cantina.": daemon, "/contract.binpb": daemon } },
  preview: { proxy: { "/cantina.": daemon, "/contract.binpb": daemon } },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
});
