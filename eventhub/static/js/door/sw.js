// The door's service worker, the kiosk's, and that of "I met somebody": keeps the page and its files in the device, all of one version, and serves
// them with the server gone. `KEEP` ({name, version, shell, files}) is written before this text by the server. The API is
// never kept. Where `KEEP.only` is given, the page stands in only for addresses like it, and only without a network.

const OURS = `eventhub-${KEEP.name}-`;
const CACHE = OURS + KEEP.version;

self.addEventListener("install", (event) => {
  const wanted = [KEEP.shell, ...KEEP.files].map((path) => new Request(path, { cache: "no-cache" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(wanted)));
});

self.addEventListener("activate", (event) => {
  const others = async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== CACHE);
    await Promise.all(names.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(others());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || url.pathname.startsWith("/api/")) return;
  if (request.mode === "navigate") event.respondWith(page(request, url));
  else event.respondWith(file(request, url));
});

/** The app opens from the device. Other pages, such as an enrolment code's, come from the server; else the app. */
async function page(request, url) {
  const kept = await (await caches.open(CACHE)).match(KEEP.shell);
  if (url.pathname === KEEP.shell && kept) return kept;
  const standsIn = kept && (!KEEP.only || new RegExp(KEEP.only).test(url.pathname));
  return fetch(request).catch(() => (standsIn ? kept : Response.error()));
}

async function file(request, url) {
  const cache = await caches.open(CACHE);
  return (await cache.match(url.pathname + url.search)) || fetch(request);
}
