import { z } from "zod";
import { areDefault } from "#lib/chat/generation/parameters/answer-parameters.ts";
import { batching, perRuntime } from "#lib/chat/generation/per-runtime.ts";
import { requestBucket } from "#lib/chat/generation/request-bucket.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import { holdLifetimeMs } from "#lib/chat/generation/writer.ts";
import { fileMissing } from "#lib/chat/start/message-files.ts";
import type { PreparedGeneration } from "#lib/chat/start/prepare-generation.ts";
import type { StartRequest } from "#lib/chat/start/start-request.ts";
import { AppError, errorReason, notFound } from "#lib/core/errors.ts";
import { groupCommit, retryAlone } from "#lib/core/group-commit.ts";
import { newId } from "#lib/core/ids.ts";

/**
 * One attempt to start a generation. The hold's id identifies it: a commit that is repeated with it changes
 * nothing. `tokenTaken`: it has taken its token of the rate limit, so that the commit takes none.
 */
export type StartAttempt = { holdId: string; requestId: string; at: Date; tokenTaken?: boolean };

const resultSchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("started"), heldMicros: z.number() }),
  z.object({ outcome: z.literal("replay") }),
  z.object({ outcome: z.literal("too_many_requests"), retryAfterSeconds: z.number() }),
  z.object({ outcome: z.literal("insufficient_credit") }),
  z.object({ outcome: z.literal("credit_reserved") }),
  z.object({ outcome: z.literal("busy") }),
]);
/** The result of a commit; "replay" when another attempt has started the generation. */
export type CommitResult = Exclude<z.infer<typeof resultSchema>, { outcome: "busy" }>;

/**
 * Starts a prepared generation with the SQL function `commit_generation_starts`: takes the hold and a token
 * of the rate limit, and writes messages and generation, or nothing. Concurrent calls share one transaction.
 * @throws AppError not_found, conflict; nothing is written then. Any other error leaves it open whether it
 *   was written.
 */
export function commitGeneration(
  runtime: ChatRuntime,
  request: StartRequest,
  generation: PreparedGeneration,
  attempt: StartAttempt,
): Promise<CommitResult> {
  return committer(runtime)(toPayload(runtime, request, generation, attempt)).catch((error) => {
    throw toStartError(error);
  });
}

type Payload = ReturnType<typeof toPayload>;

const committer = perRuntime((runtime) =>
  groupCommit((payloads: Payload[]) => commitBatch(runtime, payloads), {
    ...batching.start,
    keyOf: (payload) => payload.workspaceId,
  }),
);

async function commitBatch(
  runtime: ChatRuntime,
  payloads: Payload[],
): Promise<(CommitResult | typeof retryAlone)[]> {
  const [row] = await runtime.sql()<{ results: unknown }[]>`
    select commit_generation_starts(${JSON.stringify(payloads)}::text::jsonb) as results`;
  return z
    .array(resultSchema)
    .parse(row?.results)
    .map((result) => (result.outcome === "busy" ? retryAlone : result));
}

/** The fields of a request of `commit_generation_starts`; times are ISO text. */
function toPayload(
  runtime: ChatRuntime,
  { input, leafId }: StartRequest,
  generation: PreparedGeneration,
  { holdId, requestId, at, tokenTaken = false }: StartAttempt,
) {
  const { model, grant } = generation;
  return {
    generationId: input.generationId,
    conversationId: input.conversationId,
    isTemporary: generation.isTemporary,
    answerId: input.answerId,
    leafId,
    answerParentId: generation.answerParentId,
    message: generation.userMessage,
    title: generation.draftTitle,
    workspaceId: generation.workspaceId,
    userId: generation.userId,
    model: model.id,
    instruction: input.instruction ?? null,
    parameters: areDefault(generation.parameters) ? null : generation.parameters,
    firstMessageId: generation.firstMessageId,
    promptTokens: generation.promptTokens,
    rates: { price: model.price, cost: model.cost },
    holdId,
    holdMicros: generation.holdMicros,
    likelyMicros: generation.likelyMicros,
    minimumMicros: generation.minimumMicros,
    holdExpiresAt: new Date(at.getTime() + holdLifetimeMs).toISOString(),
    grant: grant === null ? null : { ...grant, id: newId() },
    bucket: tokenTaken ? null : requestBucket(generation.workspaceId),
    requestsPerMinute: generation.requestsPerMinute,
    instanceId: runtime.instanceId,
    requestId,
    at: at.toISOString(),
  };
}

/** A conversation may have been deleted since it was loaded; clients choose ids, so an id may be taken. */
function toStartError(error: unknown): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  if (error.code === "P0002") return notFound("conversation");
  if (error.code === "23505")
    return new AppError("conflict", { reason: errorReason("messageExists"), cause: error });
  if (error.code === "23503") return fileMissing(error);
  return error;
}
