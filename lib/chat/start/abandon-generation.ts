import { finalizeGeneration } from "#lib/chat/generation/finalize.ts";
import type { GenerationKey } from "#lib/chat/generation/live-answer.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import type { StartAttempt } from "#lib/chat/start/commit-generation.ts";
import type { PreparedGeneration } from "#lib/chat/start/prepare-generation.ts";
import { toPublicError } from "#lib/core/errors.ts";
import { log } from "#lib/core/log.ts";

/**
 * Finalizes a generation as failed when its start failed after the commit, or may have: the hold is released
 * and nothing is charged. Changes nothing when this attempt did not start the generation. Never rejects: if
 * the database cannot be reached, the reaper finalizes the generation later.
 * @param cause the error that the start failed with
 */
export async function abandonGeneration(
  runtime: ChatRuntime,
  generationId: string,
  generation: PreparedGeneration,
  { holdId, requestId }: StartAttempt,
  cause: unknown,
): Promise<void> {
  try {
    const key = await findStarted(runtime, generationId, holdId);
    if (key === undefined) return;
    const { model } = generation;
    await finalizeGeneration(runtime, key, {
      outcome: "failed",
      error: toPublicError(cause),
      model: model.id,
      upstream: model.upstream,
      rates: { price: model.price, cost: model.cost },
      usage: null,
      content: [],
      unlogged: [],
      sendsReasoningBack: false,
      firstTokenMs: null,
      durationMs: 0,
      requestId,
      prompt: generation.prompt,
    });
  } catch (error) {
    log.error(
      { err: error, generationId },
      "An abandoned generation was not finalized; the reaper will do it",
    );
  }
}

async function findStarted(
  runtime: ChatRuntime,
  generationId: string,
  holdId: string,
): Promise<GenerationKey | undefined> {
  const [key] = await runtime.sql()<GenerationKey[]>`
    select id as "generationId", conversation_id as "conversationId", message_id as "messageId",
      workspace_id as "workspaceId", user_id as "userId"
    from generations where id = ${generationId} and hold_id = ${holdId} and status = 'running'`;
  return key;
}
