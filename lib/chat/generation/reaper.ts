import {
  type ContentEvent,
  isContentEvent,
  reasoningOf,
  textOf,
} from "#lib/chat/generation/answer-content.ts";
import { finalizeGeneration } from "#lib/chat/generation/finalize.ts";
import type { GenerationKey } from "#lib/chat/generation/live-answer.ts";
import { replayFrom } from "#lib/chat/generation/readers/replay.ts";
import { type ChatRuntime, chatRuntime, isKnownDead } from "#lib/chat/generation/runtime.ts";
import { log } from "#lib/core/log.ts";
import type { BelievedUsage } from "#lib/usage/believed-usage.ts";
import type { HoldRates } from "#lib/usage/charge.ts";
import { findModel } from "#lib/usage/price-list.ts";
import { countTextInTimeSlices } from "#lib/usage/tokens.ts";

/** A generation that is marked as running but does not run in this process. */
type ForeignGeneration = GenerationKey & {
  instanceId: string;
  model: string;
  /** Null when it has no hold. */
  rates: HoldRates | null;
  promptTokens: number;
  startedAtMs: number;
  heartbeatAtMs: number;
  requestId: string | null;
};

/**
 * Finalizes the generations of dead processes: those without a heartbeat for 30 seconds, and at once those of
 * a process that ran on this host and no longer exists. The text is taken from the log and charged as
 * received (M6).
 * @returns how many were finalized
 */
export async function reapGenerations(at: Date, runtime: ChatRuntime = chatRuntime()): Promise<number> {
  const orphans = (await listForeign(runtime)).filter((one) => isOrphaned(one, at, runtime));
  let count = 0;
  for (const orphan of orphans) {
    try {
      await reap(runtime, orphan);
      count += 1;
    } catch (error) {
      log.error(
        { err: error, generationId: orphan.generationId },
        "An orphaned generation was not finalized",
      );
    }
  }
  if (count > 0) log.warn({ count }, "Generations of a dead process were finalized");
  return count;
}

function listForeign(runtime: ChatRuntime): Promise<ForeignGeneration[]> {
  return runtime.sql()<ForeignGeneration[]>`
    select g.id as "generationId", g.conversation_id as "conversationId", g.message_id as "messageId",
      g.workspace_id as "workspaceId", g.user_id as "userId", g.instance_id as "instanceId", g.model, h.rates,
      coalesce(g.prompt_tokens, 0) as "promptTokens",
      extract(epoch from g.started_at)::float8 * 1000 as "startedAtMs",
      extract(epoch from g.heartbeat_at)::float8 * 1000 as "heartbeatAtMs",
      g.request_id as "requestId"
    from generations g left join holds h on h.id = g.hold_id
    where g.status = 'running' and not g.id = any(${[...runtime.running.keys()]}::uuid[])
    order by g.heartbeat_at limit 500`;
}

function isOrphaned(generation: ForeignGeneration, at: Date, runtime: ChatRuntime): boolean {
  const silentMs = at.getTime() - generation.heartbeatAtMs;
  return silentMs > runtime.timings.deadAfterMs || isKnownDead(generation.instanceId, runtime.instanceId);
}

const noRates = { inputMicrosPerMillion: 0, cachedInputMicrosPerMillion: 0, outputMicrosPerMillion: 0 };

async function reap(runtime: ChatRuntime, orphan: ForeignGeneration): Promise<void> {
  const content = await readLoggedContent(runtime, orphan.generationId);
  const { generationId, conversationId, messageId, workspaceId, userId } = orphan;
  const key: GenerationKey = { generationId, conversationId, messageId, workspaceId, userId };
  await finalizeGeneration(runtime, key, {
    outcome: "interrupted",
    error: null,
    model: orphan.model,
    upstream: findModel(orphan.model)?.upstream ?? "unknown",
    rates: orphan.rates ?? { price: noRates, cost: noRates },
    usage: await countUsage(orphan, content),
    content,
    unlogged: [],
    sendsReasoningBack: false,
    firstTokenMs: null,
    durationMs: Math.max(0, Math.round(orphan.heartbeatAtMs - orphan.startedAtMs)),
    requestId: orphan.requestId,
    prompt: [],
  });
}

/** Counts what was received; null for an answer without text, which costs nothing (M6). */
async function countUsage(
  { model, promptTokens }: ForeignGeneration,
  content: ContentEvent[],
): Promise<BelievedUsage | null> {
  const text = textOf(content);
  if (text === "") return null;
  const completionTokens = await countTextInTimeSlices(model, reasoningOf(content) + text);
  return { promptTokens, cachedTokens: 0, completionTokens, reasoningTokens: 0, estimated: true };
}

async function readLoggedContent(runtime: ChatRuntime, generationId: string): Promise<ContentEvent[]> {
  const rows = await runtime.sql()<{ seq: number; event: unknown }[]>`
    select seq, event from generation_events where generation_id = ${generationId} order by seq`;
  return replayFrom(rows, 0).filter(isContentEvent);
}
