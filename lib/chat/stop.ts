import type { Claims } from "#lib/accounts/sessions.ts";
import { Ended } from "#lib/chat/journal.ts";
import { type ChatRuntime, chatRuntime } from "#lib/chat/runtime.ts";
import { wakeChannel, wakeMessages } from "#lib/chat/wake-bus.ts";
import { now } from "#lib/core/clock.ts";
import { notFound } from "#lib/core/errors.ts";

/**
 * Asks an answer to stop, from any tab and any instance, also before its first token. What is saved is what was received
 * until then, and so is what is charged. Stopping an answer that has ended changes nothing.
 * @throws AppError not_found, also for somebody else's answer
 */
export async function stopGeneration(
  claims: Claims,
  generationId: string,
  runtime: ChatRuntime = chatRuntime(),
): Promise<void> {
  const at = now().toISOString();
  const rows = await runtime.sql()<{ running: boolean }[]>`
    with mine as (
      select g.id, g.status = 'running' as running
      from generations g join sessions s on s.user_id = g.user_id
      where g.id = ${generationId} and s.id = ${claims.sessionId} and s.user_id = ${claims.userId}
        and s.revoked_at is null and s.expires_at > ${at}
    ), asked as (
      update generations g set stop_requested_at = coalesce(g.stop_requested_at, ${at})
      from mine where g.id = mine.id and mine.running
    )
    select running, pg_notify(${wakeChannel}, message)::text as told
    from mine, unnest(${wakeMessages("stop", runtime.instanceId, [generationId])}::text[]) as message`;
  if (rows.length === 0) throw notFound("answer");
  runtime.running.get(generationId)?.controller.abort(new Ended("stopped"));
}
