import { DueWork } from "#sandbox/stripe/clocks/due-work.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Advances clocks and runs the work that falls due, in order, each at its own due time. */
export class ClockAdvancer {
  readonly #world: World;
  readonly #due: DueWork;

  constructor(world: World) {
    this.#world = world;
    this.#due = new DueWork(world);
    world.advanceTestClock = (id, to) => this.advanceTestClock(id, to);
  }

  /** Advances the sandbox's own clock to a time in Unix seconds. Returns the number of due tasks that ran. */
  advanceTo(target: number): number {
    const done = this.#runDueUntil(null, target, (at) =>
      this.#world.holdClock(Math.max(at, this.#world.now())),
    );
    this.#world.holdClock(null);
    this.#world.setClock(target);
    this.#world.commit();
    return done;
  }

  /**
   * Runs the work that fell due as real time passed, each at its own due time but never before the latest
   * event: a trial whose end was moved to tomorrow sends `trial_will_end` now.
   */
  catchUp(): void {
    const now = this.#world.now();
    this.#runDueUntil(null, now, (at) => this.#world.holdClock(Math.max(at, this.#world.lastEventAt)));
    this.#world.holdClock(null);
  }

  /** Advances a test clock to a time in Unix seconds. */
  advanceTestClock(id: string, target: number): void {
    const setTime = (at: number) => {
      const clock = this.#world.tables.testClocks.get(id);
      if (clock && at > clock.frozen_time) this.#world.tables.testClocks.put({ ...clock, frozen_time: at });
    };
    this.#runDueUntil(id, target, setTime);
    setTime(target);
  }

  #runDueUntil(clock: string | null, target: number, setTime: (at: number) => void): number {
    let done = 0;
    for (let work = this.#due.next(clock, target); work; work = this.#due.next(clock, target)) {
      setTime(work.at);
      work.run();
      this.#world.commit();
      done += 1;
    }
    return done;
  }
}
