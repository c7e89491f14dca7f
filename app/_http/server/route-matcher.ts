import type { Params, Respond } from "#app/_http/route.ts";

/** Routes by path, in the notation of their folders ("/api/things/[id]"), then by method. */
export type RouteTable = Record<string, Partial<Record<string, { handler: { respond: Respond } }>>>;

type RouteMatch = { respond: Respond; params: Params };
type Pattern = { segments: string[]; methods: RouteTable[string] };

/**
 * Creates a function that finds the route for a method and a path. It returns undefined for everything that
 * Next.js handles: pages, files, other methods, unknown paths.
 */
export function createRouteMatcher(
  table: RouteTable,
): (method: string, pathname: string) => RouteMatch | undefined {
  const staticRoutes = new Map(Object.entries(table).filter(([path]) => !path.includes("[")));
  const patterns: Pattern[] = Object.entries(table)
    .filter(([path]) => path.includes("["))
    .map(([path, methods]) => ({ segments: path.split("/"), methods }));
  return (method, pathname) => {
    const exact = staticRoutes.get(pathname)?.[method];
    if (exact !== undefined) return { respond: exact.handler.respond, params: {} };
    const pathSegments = pathname.split("/");
    for (const { segments, methods } of patterns) {
      const params = matchSegments(segments, pathSegments);
      const found = params && methods[method];
      if (params && found) return { respond: found.handler.respond, params };
    }
    return undefined;
  };
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
