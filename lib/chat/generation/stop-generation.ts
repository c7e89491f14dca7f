import type { SessionClaims } from "#lib/accounts/sessions.ts";
import { wakeChannel, wakeMessages } from "#lib/chat/generation/readers/wake-bus.ts";
import { type ChatRuntime, chatRuntime } from "#lib/chat/generation/runtime.ts";
import { GenerationAborted } from "#lib/chat/generation/writer.ts";
import { now } from "#lib/core/clock.ts";
import { notFound } from "#lib/core/errors.ts";

/**
 * Requests that a generation stops, from any tab and any instance, also before its first token. The text that
 * was received is saved and charged. Stopping a generation that has ended changes nothing.
 * @throws AppError not_found, also for another user's generation
 */
export async function stopGeneration(
  claims: SessionClaims,
  generationId: string,
  runtime: ChatRuntime = chatRuntime(),
): Promise<void> {
  const at = now().toISOString();
  const rows = await runtime.sql()<{ running: boolean }[]>`
    with own as (
      select g.id, g.status = 'running' as running
      from generations g join sessions s on s.user_id = g.user_id
      where g.id = ${generationId} and s.id = ${claims.sessionId} and s.user_id = ${claims.userId}
        and s.revoked_at is null and s.expires_at > ${at}
    ), requested as (
      update generations g set stop_requested_at = coalesce(g.stop_requested_at, ${at})
      from own where g.id = own.id and own.running
    )
    select running, pg_notify(${wakeChannel}, message)::text as notified
    from own, unnest(${wakeMessages("stop", runtime.instanceId, [generationId])}::text[]) as message`;
  if (rows.length === 0) throw notFound("answer");
  runtime.running.get(generationId)?.controller.abort(new GenerationAborted("stopped"));
}
