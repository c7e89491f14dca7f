import { z } from "zod";
import { requestBucket } from "#lib/chat/api-credit.ts";
import type { StartPlan } from "#lib/chat/decide-start.ts";
import { holdMs } from "#lib/chat/journal.ts";
import { company, perRuntime } from "#lib/chat/per-runtime.ts";
import type { ChatRuntime } from "#lib/chat/runtime.ts";
import type { StartGeneration } from "#lib/chat/stream-events.ts";
import { AppError, notFound } from "#lib/ground/errors.ts";
import { alone, groupCommit } from "#lib/ground/group-commit.ts";
import { newId } from "#lib/ground/ids.ts";

export type Applied = { holdId: string; heldMicros: number };

const resultsSchema = z.array(
  z.discriminatedUnion("outcome", [
    z.object({ outcome: z.literal("started"), heldMicros: z.number() }),
    z.object({ outcome: z.literal("replay") }),
    z.object({ outcome: z.literal("too_many_requests"), retryAfterSeconds: z.number() }),
    z.object({ outcome: z.literal("insufficient_credit") }),
    z.object({ outcome: z.literal("busy") }),
  ]),
);
type Result = z.infer<typeof resultsSchema>[number];

/**
 * The second of the two round trips: one statement, which is one transaction, writes messages, generation and hold, or
 * nothing, and one does so for all that start at the same time (see the SQL function `start_generations`).
 * @throws AppError too_many_requests, insufficient_credit, not_found, conflict
 */
export async function applyStart(
  runtime: ChatRuntime,
  input: StartGeneration,
  plan: StartPlan,
  requestId: string,
  at: Date,
): Promise<Applied | "replay"> {
  const holdId = newId();
  const wish = wishOf(runtime, input, plan, { holdId, requestId, at });
  const result = await starting(runtime)(wish).catch(explainRefusal);
  switch (result.outcome) {
    case "started":
      return { holdId, heldMicros: result.heldMicros };
    case "replay":
      return "replay";
    case "too_many_requests":
      throw new AppError("too_many_requests", { retryAfterSeconds: result.retryAfterSeconds });
    case "insufficient_credit":
      throw new AppError("insufficient_credit", { details: { model: plan.model.id } });
  }
}

type Wish = ReturnType<typeof wishOf>;
type Told = Exclude<Result, { outcome: "busy" }>;

const starting = perRuntime((runtime) =>
  groupCommit((wishes: Wish[]) => startTogether(runtime, wishes), {
    ...company.starting,
    keyOf: (wish) => wish.workspaceId,
  }),
);

async function startTogether(runtime: ChatRuntime, wishes: Wish[]): Promise<(Told | typeof alone)[]> {
  const [row] = await runtime.sql()<{ results: unknown }[]>`
    select start_generations(${JSON.stringify(wishes)}::text::jsonb) as results`;
  return resultsSchema.parse(row?.results).map((result) => (result.outcome === "busy" ? alone : result));
}

/** What the SQL function is given; times as ISO text. */
function wishOf(
  runtime: ChatRuntime,
  input: StartGeneration,
  plan: StartPlan,
  facts: { holdId: string; requestId: string; at: Date },
) {
  const { model, userMessage, grant } = plan;
  return {
    generationId: input.generationId,
    conversationId: input.conversationId,
    answerId: input.answerId,
    answerParentId: plan.answerParentId,
    workspaceId: plan.workspaceId,
    userId: plan.userId,
    message: userMessage,
    title: plan.draftTitle,
    model: model.id,
    promptTokens: plan.promptTokens,
    holdId: facts.holdId,
    holdMicros: plan.holdMicros,
    minimumMicros: plan.minimumMicros,
    rates: { price: model.price, cost: model.cost },
    holdExpiresAt: new Date(facts.at.getTime() + holdMs).toISOString(),
    grant: grant === null ? null : { ...grant, id: newId() },
    bucket: requestBucket(plan.workspaceId),
    requestsPerMinute: plan.requestsPerMinute,
    instanceId: runtime.instanceId,
    requestId: facts.requestId,
    at: facts.at.toISOString(),
  };
}

/** The conversation may have been deleted since it was looked at; ids are the client's choice, and may be taken. */
function explainRefusal(error: unknown): never {
  if (error instanceof Error && "code" in error && error.code === "P0002") throw notFound("conversation");
  if (error instanceof Error && "code" in error && error.code === "23505") {
    throw new AppError("conflict", { message: "A message with this id exists already.", cause: error });
  }
  throw error;
}
