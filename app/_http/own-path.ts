const home = "/chat";

/**
 * Where to go after signing in: a path of our own, whatever was asked for. Browsers read `//host`, `/\host` and a tab
 * within as another site, so the text is resolved as they would and only what stays here is kept.
 */
export function ownPath(wanted: string | null | undefined): string {
  if (wanted == null || !wanted.startsWith("/")) return home;
  const here = "http://own.invalid";
  const url = URL.parse(wanted, here);
  if (url === null || url.origin !== here) return home;
  const path = `${url.pathname}${url.search}${url.hash}`;
  return path.startsWith("//") ? home : path;
}
