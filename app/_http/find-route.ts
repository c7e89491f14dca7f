import type { Params, Respond } from "#app/_http/route.ts";

/** Routes by path, as their folders are named ("/api/things/[id]"), then by method. */
export type RouteTable = Record<string, Partial<Record<string, { handler: { respond: Respond } }>>>;

type Found = { respond: Respond; params: Params };
type Pattern = { parts: string[]; methods: RouteTable[string] };

/**
 * Finds the route for a request among those of a table. What it does not find, Next.js answers: pages, files, other methods,
 * addresses that lead nowhere.
 */
export function routeFinder(table: RouteTable): (method: string, pathname: string) => Found | undefined {
  const fixed = new Map(Object.entries(table).filter(([path]) => !path.includes("[")));
  const patterns: Pattern[] = Object.entries(table)
    .filter(([path]) => path.includes("["))
    .map(([path, methods]) => ({ parts: path.split("/"), methods }));
  return (method, pathname) => {
    const exact = fixed.get(pathname)?.[method];
    if (exact !== undefined) return { respond: exact.handler.respond, params: {} };
    const given = pathname.split("/");
    for (const { parts, methods } of patterns) {
      const params = paramsOf(parts, given);
      const found = params && methods[method];
      if (params && found) return { respond: found.handler.respond, params };
    }
    return undefined;
  };
}

/** The parameters of a path of this pattern; undefined where it is of another. */
function paramsOf(parts: string[], given: string[]): Params | undefined {
  if (parts.length !== given.length) return undefined;
  const params: Params = {};
  for (const [index, part] of parts.entries()) {
    const text = given[index] ?? "";
    const name = /^\[(\w+)\]$/.exec(part)?.[1];
    if (name === undefined && part !== text) return undefined;
    if (name === undefined) continue;
    const value = decoded(text);
    if (value === undefined || value === "") return undefined;
    params[name] = value;
  }
  return params;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
