import { DueWork } from "#sandbox/stripe/clocks/due-work.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Moves time and does what it brings about, in order, each thing at its own moment. */
export class Clockwork {
  readonly #world: World;
  readonly #due: DueWork;

  constructor(world: World) {
    this.#world = world;
    this.#due = new DueWork(world);
    world.advanceTestClock = (id, to) => this.advanceTestClock(id, to);
  }

  /** Moves the sandbox's own clock forward to a moment, in seconds. Returns how many things were done. */
  advanceTo(target: number): number {
    const done = this.#doUntil(null, target, (at) => this.#world.holdClock(Math.max(at, this.#world.now())));
    this.#world.holdClock(null);
    this.#world.setClock(target);
    this.#world.commit();
    return done;
  }

  /**
   * Does what became due by itself as the clock ran on, each at its own moment, but nothing before what has happened already: a
   * trial whose end was moved to tomorrow is announced now.
   */
  catchUp(): void {
    const now = this.#world.now();
    this.#doUntil(null, now, (at) => this.#world.holdClock(Math.max(at, this.#world.lastEventAt)));
    this.#world.holdClock(null);
  }

  /** Moves a test clock forward. */
  advanceTestClock(id: string, target: number): void {
    const show = (at: number) => {
      const clock = this.#world.tables.testClocks.get(id);
      if (clock && at > clock.frozen_time) this.#world.tables.testClocks.put({ ...clock, frozen_time: at });
    };
    this.#doUntil(id, target, show);
    show(target);
  }

  #doUntil(clock: string | null, target: number, show: (at: number) => void): number {
    let done = 0;
    for (let work = this.#due.next(clock, target); work; work = this.#due.next(clock, target)) {
      show(work.at);
      work.run();
      this.#world.commit();
      done += 1;
    }
    return done;
  }
}
