import { sql } from "drizzle-orm";
import { db } from "#db/client.ts";
import { wakeChannel, wakeMessages } from "#lib/chat/generation/readers/wake-bus.ts";
import { type ChatRuntime, chatRuntime } from "#lib/chat/generation/runtime.ts";
import { GenerationAborted } from "#lib/chat/generation/writer.ts";
import { now } from "#lib/core/clock.ts";

/**
 * Requests that all generations of a workspace stop, on whichever instance they run. Waits for those of this
 * process; other processes settle theirs.
 * @returns how many generations of other processes were running
 */
export async function stopAllGenerations(
  workspaceId: string,
  runtime: ChatRuntime = chatRuntime(),
): Promise<number> {
  const running = await runtime.sql()<{ id: string }[]>`
    update generations set stop_requested_at = coalesce(stop_requested_at, ${now().toISOString()})
    where workspace_id = ${workspaceId} and status = 'running' returning id`;
  const ids = running.map(({ id }) => id);
  for (const message of wakeMessages("stop", runtime.instanceId, ids))
    await runtime.sql()`select pg_notify(${wakeChannel}, ${message})`;
  const local = ids.map((id) => runtime.running.get(id)).filter((run) => run !== undefined);
  for (const { controller } of local) controller.abort(new GenerationAborted("stopped"));
  await Promise.all(local.map(({ finished }) => finished));
  return ids.length - local.length;
}

/** Limits how long one statement runs. */
const batchSize = 200;

/**
 * Deletes a workspace's conversations with their messages and generations, its projects, and the content of
 * conversations from the request log.
 */
export async function deleteChats(workspaceId: string): Promise<void> {
  let deleted: number;
  do {
    const { count } = await db().execute(sql`
      delete from conversations where id in (
        select id from conversations where workspace_id = ${workspaceId}::uuid limit ${batchSize})`);
    deleted = count;
  } while (deleted === batchSize);
  // Generations of temporary chats have no message that would delete them.
  await db().execute(sql`
    delete from generations where workspace_id = ${workspaceId}::uuid and message_id is null`);
  await db().execute(sql`delete from projects where workspace_id = ${workspaceId}::uuid`);
  await db().execute(sql`
    update openai_interactions set prompt = null, answer = null, user_id = null
    where workspace_id = ${workspaceId}::uuid and (prompt is not null or answer is not null or user_id is not null)`);
}
