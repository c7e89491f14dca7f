/**
 * Shows the offline page where a page cannot be loaded. The browser makes every other request itself, so that
 * scripts of an old build, API responses and personal pages never come from a cache. The address of this file
 * contains the version of the offline page: a deployment that changes the page replaces worker and cache.
 */
const offlinePage = "/offline.html";
const cacheName = `offline-${new URL(self.location.href).searchParams.get("version")}`;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
  const { mode, method } = event.request;
  if (mode === "navigate" && method === "GET") event.respondWith(loadPage(event));
});

async function install() {
  const cache = await caches.open(cacheName);
  await cache.add(new Request(offlinePage, { cache: "reload", credentials: "omit" }));
  await self.skipWaiting();
}

async function activate() {
  const others = (await caches.keys()).filter((name) => name !== cacheName);
  await Promise.all(others.map((name) => caches.delete(name)));
  // The page is requested while this worker starts.
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

async function loadPage({ request, preloadResponse }) {
  try {
    return (await preloadResponse) ?? (await fetch(request));
  } catch (error) {
    const page = await caches.match(offlinePage, { cacheName });
    if (page === undefined) throw error;
    return page;
  }
}
