import type { ChatRuntime, RunningAnswer } from "#lib/chat/runtime.ts";
import { wakeChannel, wakeMessages } from "#lib/chat/wake-bus.ts";
import { now } from "#lib/core/clock.ts";
import { log } from "#lib/core/log.ts";

/**
 * Why a call to a model is ended from outside. Known by its name: whoever shuts the process down has another copy of this module
 * than who produces.
 */
export class Ended extends Error {
  static override [Symbol.hasInstance](value: unknown): value is Ended {
    return value instanceof Error && value.name === "Ended";
  }

  override readonly name = "Ended";
  readonly why: "stopped" | "interrupted" | "lost";
  constructor(why: "stopped" | "interrupted" | "lost") {
    super(`The answer was ${why}.`);
    this.why = why;
  }
}

/**
 * Puts an answer under the process's journal: one statement every 200 ms writes what all answers received, whatever
 * their number, and one every few seconds says that they live. Nothing waits for it but the journal itself.
 */
export function keepJournal(runtime: ChatRuntime, running: RunningAnswer): void {
  runtime.running.set(running.answer.generationId, running);
  runtime.journal ??= startJournal(runtime);
}

/** Lets go of an answer; afterwards `loggedLength` is final and the caller alone writes for it. */
export async function leaveJournal(runtime: ChatRuntime, running: RunningAnswer): Promise<void> {
  running.complete = true;
  await flushes.get(runtime);
}

/** Forgets an answer once its end is written; the last one stops the journal. */
export async function forget(runtime: ChatRuntime, running: RunningAnswer): Promise<void> {
  runtime.running.delete(running.answer.generationId);
  if (runtime.running.size > 0) return;
  const journal = runtime.journal;
  runtime.journal = undefined;
  await journal?.stop();
}

const inJournal = (runtime: ChatRuntime) => [...runtime.running.values()].filter((one) => !one.complete);

/** The flush that is under way in each runtime. */
const flushes = new WeakMap<ChatRuntime, Promise<void>>();

function startJournal(runtime: ChatRuntime): { stop: () => Promise<void> } {
  const stopFlush = every(runtime.timings.flushMs, () => {
    const flush = flushTexts(runtime);
    flushes.set(runtime, flush);
    return flush;
  });
  const stopBeat = every(runtime.timings.heartbeatMs, () => beat(runtime));
  return { stop: async () => void (await Promise.all([stopFlush(), stopBeat()])) };
}

/** Runs `work` again and again with a pause between; a failure is logged and tried again at the next turn. */
function every(pauseMs: number, work: () => Promise<void>): () => Promise<void> {
  let stopped = false;
  let current = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const turn = () => {
    current = work()
      .catch((error) => log.error({ err: error }, "The journal of answers could not be written"))
      .finally(() => {
        if (!stopped) timer = setTimeout(turn, pauseMs);
      });
  };
  timer = setTimeout(turn, pauseMs);
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await current;
  };
}

async function flushTexts(runtime: ChatRuntime): Promise<void> {
  const grown = inJournal(runtime).filter((one) => one.answer.length() > one.loggedLength);
  if (grown.length === 0) return;
  const ids = grown.map((one) => one.answer.generationId);
  const lengths = grown.map((one) => one.answer.length());
  const texts = grown.map((one) => one.answer.textFrom(one.loggedLength));
  await runtime.sql()`
    with pieces as (
      select * from unnest(${ids}::uuid[], ${lengths}::int[], ${texts}::text[]) as piece (id, length, text)
    ), written as (
      insert into generation_events (generation_id, seq, event, at)
      select piece.id, piece.length, jsonb_build_object('type', 'text', 'text', piece.text), ${now().toISOString()}
      from pieces piece join generations g on g.id = piece.id and g.status = 'running'
      on conflict do nothing
    )
    select pg_notify(${wakeChannel}, message)
    from unnest(${wakeMessages("written", runtime.instanceId, ids)}::text[]) as message`;
  for (const [index, one] of grown.entries()) one.loggedLength = lengths[index] ?? one.loggedLength;
}

/** Says that these answers live, saves them so far, and hears of stops that no message told of. */
async function beat(runtime: ChatRuntime): Promise<void> {
  const all = inJournal(runtime);
  if (all.length === 0) return;
  const ids = all.map((one) => one.answer.generationId);
  const rows = await runtime.sql()<{ id: string; stopped: boolean }[]>`
    with extended as (
      update holds set expires_at = greatest(expires_at, ${new Date(now().getTime() + holdMs).toISOString()})
      where state = 'held' and id = any(${all.map((one) => one.holdId)}::uuid[])
    )
    update generations set heartbeat_at = ${now().toISOString()}
    where id = any(${ids}::uuid[]) and status = 'running'
    returning id, stop_requested_at is not null as stopped`;
  const alive = new Map(rows.map((row) => [row.id, row.stopped]));
  for (const one of all) {
    const stopped = alive.get(one.answer.generationId);
    // Somebody took us for dead and ended it: what they wrote stands.
    if (stopped === undefined) one.controller.abort(new Ended("lost"));
    else if (stopped) one.controller.abort(new Ended("stopped"));
  }
  await saveSoFar(runtime, all);
}

/** How long a hold lives without a sign of life (M5). */
export const holdMs = 180_000;

/** Into `parts` alone: `content` feeds the search index, which has no use for half an answer. */
async function saveSoFar(runtime: ChatRuntime, all: RunningAnswer[]): Promise<void> {
  const grown = all.filter((one) => one.answer.length() > one.savedLength);
  if (grown.length === 0) return;
  const lengths = grown.map((one) => one.answer.length());
  await runtime.sql()`
    update messages m set parts = jsonb_build_array(jsonb_build_object('type', 'text', 'text', so_far.text))
    from unnest(
      ${grown.map((one) => one.answer.messageId)}::uuid[], ${grown.map((one) => one.answer.textFrom(0))}::text[]
    ) as so_far (id, text)
    where m.id = so_far.id and m.status = 'streaming'`;
  for (const [index, one] of grown.entries()) one.savedLength = lengths[index] ?? one.savedLength;
}
