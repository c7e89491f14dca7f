import { setImmediate as nextTurn } from "node:timers/promises";
import { singleton } from "#lib/core/singleton.ts";

/** The most CPU time of one turn of the event loop that all sliced work together may use. */
const sliceMs = 8;

type Task = { step: () => boolean; settle: () => void };
type Scheduler = { tasks: Task[]; running: boolean };

/**
 * Runs long work without blocking the event loop: `work` yields after every step (at most a few
 * milliseconds), and all work of the process together gets at most 8 ms per turn of the event loop. Tasks
 * take turns, so that a short one does not wait for a long one.
 * @returns the generator's return value; rejects with what it throws
 */
export function runInTimeSlices<T>(work: Generator<void, T>): Promise<T> {
  const scheduler = singleton("time-slices", (): Scheduler => ({ tasks: [], running: false }));
  return new Promise<T>((resolve, reject) => {
    let settle: () => void = () => undefined;
    const step = () => {
      try {
        const result = work.next();
        if (result.done !== true) return false;
        settle = () => resolve(result.value);
      } catch (error) {
        settle = () => reject(error);
      }
      return true;
    };
    scheduler.tasks.push({ step, settle: () => settle() });
    if (!scheduler.running) void runTasks(scheduler);
  });
}

/** Gives the first task one slice per turn and moves it to the end, until no task is left. */
async function runTasks(scheduler: Scheduler): Promise<void> {
  scheduler.running = true;
  for (let task = scheduler.tasks.shift(); task !== undefined; task = scheduler.tasks.shift()) {
    await nextTurn();
    const end = performance.now() + sliceMs;
    let done = task.step();
    while (!done && performance.now() < end) done = task.step();
    if (done) task.settle();
    else scheduler.tasks.push(task);
  }
  scheduler.running = false;
}
