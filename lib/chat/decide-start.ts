import { entitlementsOf, freeAllowance } from "#lib/billing/entitlements.ts";
import type { Foreseen } from "#lib/chat/foresee-start.ts";
import type { Branch, Gathered, GatheredMessage } from "#lib/chat/gather-start.ts";
import {
  type CountedMessage,
  draftTitleOf,
  fitPrompt,
  longestAnswer,
  type PromptMessage,
} from "#lib/chat/prompt.ts";
import { AppError, notFound } from "#lib/core/errors.ts";
import { chargeMicros, holdFor } from "#lib/usage/charge.ts";
import type { GrantInput } from "#lib/usage/grants.ts";
import type { Model } from "#lib/usage/price-list.ts";

/** Everything that is written when an answer starts, and that the call to the model needs. */
export type StartPlan = {
  model: Model;
  workspaceId: string;
  userId: string;
  /** The message to write; null when an earlier one is answered again. */
  userMessage: { id: string; parentId: string | null; text: string; tokens: number } | null;
  /** What the answer follows. */
  answerParentId: string;
  draftTitle: string;
  prompt: PromptMessage[];
  promptTokens: number;
  /** True when older messages did not fit into the model's context and were left out. */
  trimmed: boolean;
  /** True until somebody, or the model, has named the conversation. */
  needsTitle: boolean;
  maxOutputTokens: number;
  holdMicros: number;
  minimumMicros: number;
  /** This month's free credit, where it has not been given yet (M9). */
  grant: GrantInput | null;
  requestsPerMinute: number;
};

export type Decision = { kind: "replay" } | { kind: "start"; plan: StartPlan };

/**
 * Decides what a request to answer comes to, from what was gathered. Pure.
 * @throws AppError unauthenticated, not_found, conflict, plan_required, context_too_long, insufficient_credit, model_unavailable
 */
export function decideStart(foreseen: Foreseen, gathered: Gathered, at: Date): Decision {
  const { identity } = gathered;
  if (identity === null) throw new AppError("unauthenticated");
  if (gathered.existing !== null) {
    if (gathered.existing.userId !== identity.userId) throw notFound("answer");
    return { kind: "replay" };
  }
  if (gathered.conversation !== null && !gathered.conversation.usable) throw notFound("conversation");
  const entitlements = entitlementsOf(gathered.subscription, at);
  const model = usableModel(foreseen, entitlements.gates);
  const question = questionOf(foreseen, gathered.branch);
  const fitted = fitPrompt(question.messages, model);
  const credit = creditOf(gathered, entitlements.plan === "free", at);
  const maxOutputTokens = Math.min(longestAnswer(model), model.contextWindow - fitted.promptTokens);
  const hold = holdFor({
    price: model.price,
    promptTokens: fitted.promptTokens,
    maxOutputTokens,
    availableMicros: credit.availableMicros,
  });
  if (hold === null) throw new AppError("insufficient_credit", { details: { model: model.id } });
  const plan: StartPlan = {
    model,
    workspaceId: identity.workspaceId,
    userId: identity.userId,
    userMessage: question.userMessage,
    answerParentId: question.answerParentId,
    draftTitle: draftTitleOf(question.messages.at(-1)?.content ?? ""),
    prompt: fitted.prompt,
    promptTokens: fitted.promptTokens,
    trimmed: fitted.droppedMessages > 0 || gathered.branch.hasMore,
    needsTitle: gathered.conversation?.untitled ?? true,
    maxOutputTokens,
    holdMicros: hold.amountMicros,
    minimumMicros: chargeMicros(model.price, {
      promptTokens: fitted.promptTokens,
      cachedTokens: 0,
      completionTokens: 1,
    }),
    grant: credit.grant,
    requestsPerMinute: entitlements.requestsPerMinute,
  };
  return { kind: "start", plan };
}

function usableModel({ input, model }: Foreseen, gates: readonly string[]): Model {
  if (model === undefined || model.kind !== "chat") {
    throw new AppError("model_unavailable", {
      message: `The model "${input.model}" is not on offer. Choose another one.`,
    });
  }
  if (!gates.includes(model.gate)) {
    throw new AppError("plan_required", { message: `${model.label} needs a higher plan.` });
  }
  return model;
}

type Question = { messages: CountedMessage[]; userMessage: StartPlan["userMessage"]; answerParentId: string };

/** What is asked: a new message at the end of its branch, or an old one once more. */
function questionOf({ input, message }: Foreseen, branch: Branch): Question {
  const last = branch.messages.at(-1);
  if (input.parentId !== null && last === undefined) throw notFound("message");
  if (last?.status === "streaming") {
    throw new AppError("conflict", {
      message: "The answer above is still being written. Wait for it or stop it.",
    });
  }
  const earlier = branch.messages.map(countedOf).filter((message) => message.content !== "");
  if (message === null) {
    if (last === undefined || last.role !== "user") throw notFound("message");
    return { messages: earlier, userMessage: null, answerParentId: last.id };
  }
  const { text, tokens } = message;
  return {
    messages: [...earlier, { role: "user", content: text, tokens }],
    userMessage: message,
    answerParentId: message.id,
  };
}

function countedOf({ role, content, tokens }: GatheredMessage): CountedMessage {
  return { role, content, tokens };
}

function creditOf(
  gathered: Gathered,
  free: boolean,
  at: Date,
): { availableMicros: number; grant: GrantInput | null } {
  const { identity } = gathered;
  if (!free || gathered.freeGrantGiven || identity === null) {
    return { availableMicros: gathered.availableMicros, grant: null };
  }
  const grant = freeAllowance(identity.workspaceCreatedAt, at);
  return { availableMicros: gathered.availableMicros + grant.amountMicros, grant };
}
