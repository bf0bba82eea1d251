// Keeps the dashboard's own files, so that it opens without the daemon. It never answers for the
// API: what the daemon said is kept by the page, with its age.
const CACHE = "cantina-files";

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const files = await (await fetch("/offline-files.json", { cache: "no-store" })).json();
      const cache = await caches.open(CACHE);
      await cache.addAll(files);
      const wanted = new Set(files);
      for (const request of await cache.keys()) {
        if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request);
      }
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match("/")));
  } else if (url.pathname.startsWith("/assets/")) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  } else if (/\.(svg|js|webmanifest)$/.test(url.pathname)) {
    event.respondWith(fetch(request).catch(() => caches.match(request)));
  }
});
