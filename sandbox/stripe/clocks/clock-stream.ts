import type { ServerResponse } from "node:http";
import type { World } from "#sandbox/stripe/state/world.ts";

/**
 * Streams the offset of the sandbox's clock from the wall clock, as one JSON line on connecting and one after
 * every change. Processes that share the sandbox's time keep a connection open.
 */
export class ClockStream {
  readonly #world: World;
  readonly #responses = new Set<ServerResponse>();
  #lastOffset: number;

  constructor(world: World) {
    this.#world = world;
    this.#lastOffset = world.offsetSeconds;
  }

  subscribe(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
    this.#responses.add(response);
    response.once("close", () => this.#responses.delete(response));
    response.write(this.#line());
  }

  /** Sends the offset if it has changed since the last call. */
  broadcastIfChanged(): void {
    if (this.#world.offsetSeconds === this.#lastOffset) return;
    this.#lastOffset = this.#world.offsetSeconds;
    for (const response of this.#responses) response.write(this.#line());
  }

  #line(): string {
    return `${JSON.stringify({ offset_seconds: this.#world.offsetSeconds })}\n`;
  }
}
