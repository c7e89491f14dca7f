import { finishGeneration } from "#lib/chat/finish.ts";
import { sliceLog } from "#lib/chat/log-slices.ts";
import { type ChatRuntime, chatRuntime, isSurelyDead } from "#lib/chat/runtime.ts";
import { log } from "#lib/core/log.ts";
import { findModel } from "#lib/usage/price-list.ts";
import { countText } from "#lib/usage/tokens.ts";

type Orphan = {
  generationId: string;
  conversationId: string;
  messageId: string;
  workspaceId: string;
  userId: string;
  instanceId: string;
  model: string;
  promptTokens: number;
  startedAtMs: number;
  heartbeatAtMs: number;
  requestId: string | null;
};

/**
 * Finalises the answers of processes that died: those without a sign of life for 30 seconds, and at once those of a
 * process that certainly ran on this host and is gone. The text is what the log has; it is charged as received (M6).
 * @returns how many were ended
 */
export async function reapGenerations(at: Date, runtime: ChatRuntime = chatRuntime()): Promise<number> {
  const orphans = (await listOthers(runtime)).filter((one) => isOrphan(one, at, runtime));
  let ended = 0;
  for (const orphan of orphans) {
    try {
      await reapOne(runtime, orphan);
      ended += 1;
    } catch (error) {
      log.error({ err: error, generationId: orphan.generationId }, "An orphaned answer could not be ended");
    }
  }
  if (ended > 0) log.warn({ ended }, "Answers of a process that died were ended");
  return ended;
}

function listOthers(runtime: ChatRuntime): Promise<Orphan[]> {
  return runtime.sql()<Orphan[]>`
    select id as "generationId", conversation_id as "conversationId", message_id as "messageId",
      workspace_id as "workspaceId", user_id as "userId", instance_id as "instanceId", model,
      coalesce(prompt_tokens, 0) as "promptTokens", extract(epoch from started_at)::float8 * 1000 as "startedAtMs",
      extract(epoch from heartbeat_at)::float8 * 1000 as "heartbeatAtMs",
      request_id as "requestId"
    from generations where status = 'running' and not id = any(${[...runtime.running.keys()]}::uuid[])
    order by heartbeat_at limit 500`;
}

function isOrphan(one: Orphan, at: Date, runtime: ChatRuntime): boolean {
  const silentMs = at.getTime() - one.heartbeatAtMs;
  return silentMs > runtime.timings.deadAfterMs || isSurelyDead(one.instanceId, runtime.instanceId);
}

async function reapOne(runtime: ChatRuntime, orphan: Orphan): Promise<void> {
  const text = await readLogged(runtime, orphan.generationId);
  await finishGeneration(runtime, orphan, {
    outcome: "interrupted",
    error: null,
    model: orphan.model,
    upstream: findModel(orphan.model)?.upstream ?? "unknown",
    usage: null,
    countedTokens: countText(orphan.model, text),
    promptTokens: orphan.promptTokens,
    text,
    loggedLength: text.length,
    firstTokenMs: null,
    durationMs: Math.max(0, Math.round(orphan.heartbeatAtMs - orphan.startedAtMs)),
    requestId: orphan.requestId,
    prompt: [],
  });
}

async function readLogged(runtime: ChatRuntime, generationId: string): Promise<string> {
  const rows = await runtime.sql()<{ seq: number; event: unknown }[]>`
    select seq, event from generation_events where generation_id = ${generationId} order by seq`;
  const [first] = sliceLog(rows, 0);
  return first?.event.type === "text" ? first.event.text : "";
}
