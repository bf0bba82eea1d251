import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
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

/** Writes a compressed twin beside every text file, which the daemon sends to browsers that take it. */
function compressedTwins(): Plugin {
  return {
    name: "compressed-twins",
    apply: "build",
    closeBundle() {
      const dist = join(import.meta.dirname, "dist");
      const files = readdirSync(dist, { recursive: true, encoding: "utf8" });
      for (const file of files.filter((name) => /\.(js|css|html|json|svg|webmanifest)$/.test(name))) {
        writeFileSync(join(dist, `${file}.gz`), gzipSync(readFileSync(join(dist, file)), { level: 9 }));
      }
    },
  };
}

const daemon = process.env.CANTINA_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), offlineFiles(), compressedTwins()],
  build: { target: "es2022", sourcemap: false, assetsInlineLimit: 0 },
  server: { proxy: { "/cantina.": daemon, "/contract.binpb": daemon } },
  preview: { proxy: { "/cantina.": daemon, "/contract.binpb": daemon } },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
});
