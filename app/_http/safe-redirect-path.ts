const defaultPath = "/chat";

/**
 * Returns the requested path if it stays on this site, else `/chat`; used for redirects after signing in.
 * Browsers treat `//host`, `/\host` and paths with tabs as other sites, so the path is resolved with the URL
 * parser first.
 */
export function safeRedirectPath(requested: string | null | undefined): string {
  if (requested == null || !requested.startsWith("/")) return defaultPath;
  const base = "http://own.invalid";
  const url = URL.parse(requested, base);
  if (url === null || url.origin !== base) return defaultPath;
  const path = `${url.pathname}${url.search}${url.hash}`;
  return path.startsWith("//") ? defaultPath : path;
}
