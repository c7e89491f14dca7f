import type { Node } from "#sandbox/stripe/protocol/form.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** One call of an endpoint: the world it acts on, its parameters as read, and the ids in its address. */
export type Call<P> = { world: World; params: P; id: string; ids: Record<string, string>; page: Page };
export type Page = { limit: number; startingAfter: string | null; endingBefore: string | null };
export type Route = {
  method: "GET" | "POST" | "DELETE";
  path: string;
  isList: boolean;
  handle(world: World, ids: Record<string, string>, form: { [key: string]: Node }, page: Page): unknown;
};
type Read<P> = (form: { [key: string]: Node }) => P;

/** An endpoint that answers one object. `:id` in the path reaches the handler as `id`, other names through `ids`. */
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

/** An endpoint that answers a list: `run` gives every row, oldest first; the page is cut from it afterwards. */
export function listRoute<P>(path: string, read: Read<P>, run: (call: Call<P>) => { id: string }[]): Route {
  return { ...route("GET", path, read, run), isList: true };
}
