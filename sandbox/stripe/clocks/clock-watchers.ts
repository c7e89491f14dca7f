import type { ServerResponse } from "node:http";
import type { World } from "#sandbox/stripe/state/world.ts";

/**
 * Programs that live by the sandbox's clock: each keeps a connection open and is told, a line of JSON at a time, how far the
 * clock is ahead of the wall's, at once and whenever that changes.
 */
export class ClockWatchers {
  readonly #world: World;
  readonly #watchers = new Set<ServerResponse>();
  #told: number;

  constructor(world: World) {
    this.#world = world;
    this.#told = world.offsetSeconds;
  }

  add(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
    this.#watchers.add(response);
    response.once("close", () => this.#watchers.delete(response));
    response.write(this.#line());
  }

  /** To be called after whatever may have turned the clock. */
  tell(): void {
    if (this.#world.offsetSeconds === this.#told) return;
    this.#told = this.#world.offsetSeconds;
    for (const response of this.#watchers) response.write(this.#line());
  }

  #line(): string {
    return `${JSON.stringify({ offset_seconds: this.#world.offsetSeconds })}\n`;
  }
}
