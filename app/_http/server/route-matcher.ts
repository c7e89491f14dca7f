import type { Params, Respond } from "#app/_http/route.ts";

/** Routes by path, in the notation of their folders ("/api/things/[id]"), then by method. */
export type RouteTable = Record<string, Partial<Record<string, { handler: { respond: Respond } }>>>;

/** The route of a method and a path, the methods of a path that has others, or null for an unknown path. */
export type RouteMatch = { respond: Respond; params: Params } | { allow: string[] } | null;
type Methods = RouteTable[string];
type Pattern = { segments: string[]; methods: Methods };

/** Creates a function that finds the route for a method and a path. A GET route also answers HEAD. */
export function createRouteMatcher(table: RouteTable): (method: string, pathname: string) => RouteMatch {
  const staticRoutes = new Map(Object.entries(table).filter(([path]) => !path.includes("[")));
  const patterns: Pattern[] = Object.entries(table)
    .filter(([path]) => path.includes("["))
    .map(([path, methods]) => ({ segments: path.split("/"), methods }));
  return (method, pathname) => {
    const methods = staticRoutes.get(pathname);
    if (methods !== undefined) return choose(methods, method, {});
    const pathSegments = pathname.split("/");
    for (const { segments, methods } of patterns) {
      const params = matchSegments(segments, pathSegments);
      if (params) return choose(methods, method, params);
    }
    return null;
  };
}

function choose(methods: Methods, method: string, params: Params): RouteMatch {
  const found = methods[method] ?? (method === "HEAD" ? methods.GET : undefined);
  return found === undefined
    ? { allow: allowedMethods(methods) }
    : { respond: found.handler.respond, params };
}

function allowedMethods(methods: Methods): string[] {
  const names = Object.keys(methods);
  return [...names, ...(names.includes("GET") ? ["HEAD"] : []), "OPTIONS"];
}

/** The decoded parameters if the path matches the pattern, else undefined. */
function matchSegments(pattern: string[], path: string[]): Params | undefined {
  if (pattern.length !== path.length) return undefined;
  const params: Params = {};
  for (const [index, segment] of pattern.entries()) {
    const text = path[index] ?? "";
    const name = /^\[(\w+)\]$/.exec(segment)?.[1];
    if (name === undefined && segment !== text) return undefined;
    if (name === undefined) continue;
    const value = decodeSegment(text);
    if (value === undefined || value === "") return undefined;
    params[name] = value;
  }
  return params;
}

function decodeSegment(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
