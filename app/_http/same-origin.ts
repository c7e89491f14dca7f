/**
 * Whether a request may change something by the power of its cookie. Browsers say where a request comes from:
 * `Sec-Fetch-Site` (every current one) or at least `Origin`. A request that carries neither was not made by a page in
 * a browser, so nobody's cookie can have been abused. The same rule as Go's http.CrossOriginProtection.
 * @param method the HTTP method; reading is always fine
 * @param appUrl where the app lives, as people see it
 */
export function isSameOrigin(method: string, headers: Headers, appUrl: string): boolean {
  if (method === "GET" || method === "HEAD" || method === "OPTIONS") return true;
  const origin = headers.get("origin");
  if (origin !== null && origin === new URL(appUrl).origin) return true;
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" || site === "none";
  return origin === null;
}
