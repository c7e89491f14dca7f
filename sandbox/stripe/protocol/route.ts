import type { Node } from "#sandbox/stripe/protocol/form.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** One call of an endpoint: the state, the parsed parameters and the ids of the path. */
export type Call<P> = { world: World; params: P; id: string; ids: Record<string, string>; page: Page };
export type Page = { limit: number; startingAfter: string | null; endingBefore: string | null };
export type Route = {
  method: "GET" | "POST" | "DELETE";
  path: string;
  isList: boolean;
  handle(world: World, ids: Record<string, string>, form: { [key: string]: Node }, page: Page): unknown;
};
type Read<P> = (form: { [key: string]: Node }) => P;

/**
 * An endpoint that returns one object. The handler receives `:id` as `id` and other path parameters in `ids`.
 */
export function route<P>(
  method: Route["method"],
  path: string,
  read: Read<P>,
  run: (call: Call<P>) => unknown,
): Route {
  return {
    method,
    path,
    isList: false,
    handle: (world, ids, form, page) => run({ world, params: read(form), id: ids.id ?? "", ids, page }),
  };
}

/** An endpoint that returns a list. `run` returns all rows, oldest first; the caller selects the page. */
export function listRoute<P>(path: string, read: Read<P>, run: (call: Call<P>) => { id: string }[]): Route {
  return { ...route("GET", path, read, run), isList: true };
}
