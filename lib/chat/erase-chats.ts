import { sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { Ended } from "#lib/chat/journal.ts";
import { type ChatRuntime, chatRuntime } from "#lib/chat/runtime.ts";
import { wakeChannel, wakeMessages } from "#lib/chat/wake-bus.ts";
import { now } from "#lib/core/clock.ts";

/**
 * Asks every answer of a workspace to stop, on whichever instance it runs. Each is settled by its own process.
 * @returns how many had not ended when this looked
 */
export async function stopAllAnswers(
  workspaceId: string,
  runtime: ChatRuntime = chatRuntime(),
): Promise<number> {
  const running = await runtime.sql()<{ id: string }[]>`
    update generations set stop_requested_at = coalesce(stop_requested_at, ${now().toISOString()})
    where workspace_id = ${workspaceId} and status = 'running' returning id`;
  const ids = running.map(({ id }) => id);
  for (const message of wakeMessages("stop", runtime.instanceId, ids))
    await runtime.sql()`select pg_notify(${wakeChannel}, ${message})`;
  const here = ids.map((id) => runtime.running.get(id)).filter((answer) => answer !== undefined);
  for (const { controller } of here) controller.abort(new Ended("stopped"));
  await Promise.all(here.map(({ finished }) => finished));
  return ids.length - here.length;
}

/** So many at once, so that no statement runs for long. */
const batch = 200;

/** Erases all that was written in a workspace: conversations with their messages and answers, and what logs kept of them. */
export async function eraseChats(workspaceId: string): Promise<void> {
  let erased: number;
  do {
    const { count } = await db().execute(sql`
      delete from conversations where id in (
        select id from conversations where workspace_id = ${workspaceId}::uuid limit ${batch})`);
    erased = count;
  } while (erased === batch);
  await db().execute(sql`
    update openai_interactions set prompt = null, answer = null, user_id = null
    where workspace_id = ${workspaceId}::uuid and (prompt is not null or answer is not null or user_id is not null)`);
}
