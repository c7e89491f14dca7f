/**
 * Whether a request may change state with the authority of its cookie (CSRF protection). Browsers send
 * `Sec-Fetch-Site` or at least `Origin`. A request with neither was not made by a web page, so no user's
 * cookie can have been abused. The same rule as Go's http.CrossOriginProtection.
 * @param method the HTTP method; GET, HEAD and OPTIONS are always allowed
 * @param appUrl the public URL of the app
 */
export function isSameOrigin(method: string, headers: Headers, appUrl: string): boolean {
  if (method === "GET" || method === "HEAD" || method === "OPTIONS") return true;
  const origin = headers.get("origin");
  if (origin !== null && origin === new URL(appUrl).origin) return true;
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" || site === "none";
  return origin === null;
}
