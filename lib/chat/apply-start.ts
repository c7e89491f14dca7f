import { z } from "zod";
import { requestBucket } from "#lib/chat/api-credit.ts";
import type { StartPlan } from "#lib/chat/decide-start.ts";
import type { Foreseen } from "#lib/chat/foresee-start.ts";
import { holdMs } from "#lib/chat/journal.ts";
import { company, perRuntime } from "#lib/chat/per-runtime.ts";
import type { ChatRuntime } from "#lib/chat/runtime.ts";
import { AppError, notFound } from "#lib/core/errors.ts";
import { alone, groupCommit } from "#lib/core/group-commit.ts";
import { newId } from "#lib/core/ids.ts";

/** What an answer begins with, chosen before anything is looked up. */
export type Beginning = { holdId: string; requestId: string; at: Date };

const outcomeSchema = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("started"), heldMicros: z.number() }),
  z.object({ outcome: z.literal("replay") }),
  z.object({ outcome: z.literal("too_many_requests"), retryAfterSeconds: z.number() }),
  z.object({ outcome: z.literal("insufficient_credit") }),
  z.object({ outcome: z.literal("busy") }),
]);
/** What came of writing one answer's beginning. */
export type StartOutcome = Exclude<z.infer<typeof outcomeSchema>, { outcome: "busy" }>;

/** What the SQL function `start_generations` told of one; `alone` where it is to be asked for without company. */
export function outcomeOf(told: unknown): StartOutcome | typeof alone {
  const parsed = outcomeSchema.parse(told);
  return parsed.outcome === "busy" ? alone : parsed;
}

/**
 * Writes the beginning of an answer that was decided on: one statement, which is one transaction, writes messages, generation and
 * hold, or nothing, and one does so for all that start at the same time (see the SQL function `start_generations`).
 * @throws AppError not_found, conflict; nothing is written then
 */
export function applyStart(
  runtime: ChatRuntime,
  foreseen: Foreseen,
  plan: StartPlan,
  beginning: Beginning,
): Promise<StartOutcome> {
  const wish = {
    ...wishOf(runtime, foreseen, beginning),
    title: plan.draftTitle,
    message: plan.userMessage,
    answerParentId: plan.answerParentId,
    grant: plan.grant === null ? null : { ...plan.grant, id: newId() },
    workspaceId: plan.workspaceId,
    userId: plan.userId,
    promptTokens: plan.promptTokens,
    holdMicros: plan.holdMicros,
    minimumMicros: plan.minimumMicros,
    requestsPerMinute: plan.requestsPerMinute,
    bucket: requestBucket(plan.workspaceId),
  };
  return starting(runtime)(wish).catch(explainRefusal);
}

type Wish = ReturnType<typeof wishOf> & { workspaceId: string };

const starting = perRuntime((runtime) =>
  groupCommit((wishes: Wish[]) => startTogether(runtime, wishes), {
    ...company.starting,
    keyOf: (wish) => wish.workspaceId,
  }),
);

async function startTogether(runtime: ChatRuntime, wishes: Wish[]): Promise<(StartOutcome | typeof alone)[]> {
  const [row] = await runtime.sql()<{ outcomes: unknown[] }[]>`
    select start_generations(${JSON.stringify(wishes)}::text::jsonb) as outcomes`;
  return row?.outcomes.map(outcomeOf) ?? [];
}

/** What `start_generations` is given of every answer, whoever decides about the rest; times as ISO text. */
export function wishOf(
  runtime: ChatRuntime,
  { input, model }: Foreseen,
  { holdId, requestId, at }: Beginning,
) {
  return {
    generationId: input.generationId,
    conversationId: input.conversationId,
    answerId: input.answerId,
    model: input.model,
    rates: model && { price: model.price, cost: model.cost },
    holdId,
    holdExpiresAt: new Date(at.getTime() + holdMs).toISOString(),
    instanceId: runtime.instanceId,
    requestId,
    at: at.toISOString(),
  };
}

/** The conversation may have been deleted since it was looked at; ids are the client's choice, and may be taken. */
export function explainRefusal(error: unknown): never {
  if (error instanceof Error && "code" in error && error.code === "P0002") throw notFound("conversation");
  if (error instanceof Error && "code" in error && error.code === "23505") {
    throw new AppError("conflict", { message: "A message with this id exists already.", cause: error });
  }
  throw error;
}
