import { toParts } from "#lib/chat/generation/answer-content.ts";
import { wakeChannel, wakeMessages } from "#lib/chat/generation/readers/wake-bus.ts";
import type { ChatRuntime, GenerationRun } from "#lib/chat/generation/runtime.ts";
import { now } from "#lib/core/clock.ts";
import { log } from "#lib/core/log.ts";

type AbortReason = "stopped" | "interrupted" | "lost";

/**
 * The reason with which a generation is aborted from outside. Recognized by its name, because Next.js bundles
 * this module more than once.
 */
export class GenerationAborted extends Error {
  static override [Symbol.hasInstance](value: unknown): value is GenerationAborted {
    return value instanceof Error && value.name === "GenerationAborted";
  }

  override readonly name = "GenerationAborted";
  readonly reason: AbortReason;
  constructor(reason: AbortReason) {
    super(`The generation was ${reason}.`);
    this.reason = reason;
  }
}

/** How long a hold lives without a heartbeat (M5). */
export const holdLifetimeMs = 180_000;

/**
 * Registers a generation with the writer of this process. Every 200 ms one statement logs what is new of all
 * registered generations, and every few seconds one writes their heartbeats.
 */
export function registerGeneration(runtime: ChatRuntime, run: GenerationRun): void {
  runtime.running.set(run.answer.generationId, run);
  runtime.writer ??= startWriter(runtime);
}

/**
 * Stops writing for a generation. When it resolves, `loggedLength` is final and only the caller writes for
 * it.
 */
export async function detachGeneration(runtime: ChatRuntime, run: GenerationRun): Promise<void> {
  run.detached = true;
  await flushes.get(runtime);
}

/** Removes a finalized generation; the writer stops with the last one. */
export async function unregisterGeneration(runtime: ChatRuntime, run: GenerationRun): Promise<void> {
  runtime.running.delete(run.answer.generationId);
  if (runtime.running.size > 0) return;
  const writer = runtime.writer;
  runtime.writer = undefined;
  await writer?.stop();
}

const attachedRuns = (runtime: ChatRuntime) => [...runtime.running.values()].filter((run) => !run.detached);

/** The current flush of each runtime. */
const flushes = new WeakMap<ChatRuntime, Promise<void>>();

function startWriter(runtime: ChatRuntime): { stop: () => Promise<void> } {
  const stopFlushing = repeat(runtime.timings.flushMs, () => {
    const flush = logContent(runtime);
    flushes.set(runtime, flush);
    return flush;
  });
  const stopHeartbeat = repeat(runtime.timings.heartbeatMs, () => writeHeartbeats(runtime));
  return { stop: async () => void (await Promise.all([stopFlushing(), stopHeartbeat()])) };
}

/** Runs `work` repeatedly with a pause in between; a failure is logged. Returns a function that stops. */
function repeat(pauseMs: number, work: () => Promise<void>): () => Promise<void> {
  let stopped = false;
  let current = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const tick = () => {
    current = work()
      .catch((error) => log.error({ err: error }, "The generation writer could not write"))
      .finally(() => {
        if (!stopped) timer = setTimeout(tick, pauseMs);
      });
  };
  timer = setTimeout(tick, pauseMs);
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await current;
  };
}

async function logContent(runtime: ChatRuntime): Promise<void> {
  const runs = attachedRuns(runtime).filter((run) => run.answer.length() > run.loggedLength);
  if (runs.length === 0) return;
  const ids = runs.map((run) => run.answer.generationId);
  const lengths = runs.map((run) => run.answer.length());
  const rows = runs.flatMap(({ answer, loggedLength }) =>
    answer
      .contentFrom(loggedLength)
      .map(({ id, event }) => ({ generationId: answer.generationId, id, event })),
  );
  await runtime.sql()`
    with rows as (
      select * from unnest(
        ${rows.map((row) => row.generationId)}::uuid[], ${rows.map((row) => row.id)}::int[],
        ${rows.map((row) => JSON.stringify(row.event))}::text[]
      ) as row (generation_id, seq, event)
    ), logged as (
      insert into generation_events (generation_id, seq, event, at)
      select row.generation_id, row.seq, row.event::jsonb, ${now().toISOString()}
      from rows row join generations g on g.id = row.generation_id and g.status = 'running'
      on conflict do nothing
    )
    select pg_notify(${wakeChannel}, message)
    from unnest(${wakeMessages("written", runtime.instanceId, ids)}::text[]) as message`;
  for (const [index, run] of runs.entries()) run.loggedLength = lengths[index] ?? run.loggedLength;
}

/** Writes heartbeats, extends holds, saves partial messages, and finds stops whose notification was lost. */
async function writeHeartbeats(runtime: ChatRuntime): Promise<void> {
  const runs = attachedRuns(runtime);
  if (runs.length === 0) return;
  const ids = runs.map((run) => run.answer.generationId);
  const rows = await runtime.sql()<{ id: string; stopped: boolean }[]>`
    with extended as (
      update holds
      set expires_at = greatest(expires_at, ${new Date(now().getTime() + holdLifetimeMs).toISOString()})
      where state = 'held' and id = any(${runs.map((run) => run.holdId)}::uuid[])
    )
    update generations set heartbeat_at = ${now().toISOString()}
    where id = any(${ids}::uuid[]) and status = 'running'
    returning id, stop_requested_at is not null as stopped`;
  const running = new Map(rows.map((row) => [row.id, row.stopped]));
  for (const run of runs) {
    const stopped = running.get(run.answer.generationId);
    // Another process already finalized this generation; keep its result.
    if (stopped === undefined) run.controller.abort(new GenerationAborted("lost"));
    else if (stopped) run.controller.abort(new GenerationAborted("stopped"));
  }
  await savePartialMessages(runtime, runs);
}

/**
 * Writes `parts` only: `content` feeds the search index, which does not need partial answers. Temporary chats
 * have no message.
 */
async function savePartialMessages(runtime: ChatRuntime, all: GenerationRun[]): Promise<void> {
  const runs = all.filter(
    ({ answer, savedLength }) => answer.messageId !== null && answer.length() > savedLength,
  );
  if (runs.length === 0) return;
  const lengths = runs.map((run) => run.answer.length());
  await runtime.sql()`
    update messages m set parts = partial.parts::jsonb
    from unnest(
      ${runs.map((run) => run.answer.messageId)}::uuid[],
      ${runs.map((run) => JSON.stringify(toParts(run.answer.contentFrom(0))))}::text[]
    ) as partial (id, parts)
    where m.id = partial.id and m.status = 'streaming'`;
  for (const [index, run] of runs.entries()) run.savedLength = lengths[index] ?? run.savedLength;
}
