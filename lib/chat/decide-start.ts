import { entitlementsOf, freeAllowance } from "#lib/billing/entitlements.ts";
import type { Branch, Gathered, GatheredMessage } from "#lib/chat/gather-start.ts";
import { keepable } from "#lib/chat/live-answer.ts";
import type { StartGeneration } from "#lib/chat/stream-events.ts";
import { AppError, notFound } from "#lib/ground/errors.ts";
import { chargeMicros, holdFor } from "#lib/usage/charge.ts";
import type { GrantInput } from "#lib/usage/grants.ts";
import { findModel, type Model } from "#lib/usage/price-list.ts";
import { countText } from "#lib/usage/tokens.ts";

/** A message as the model gets it. */
export type PromptMessage = { role: "user" | "assistant"; content: string };

/** Everything that the second round trip writes and the call to the model needs. */
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

/** An answer in the chat is never longer than this, so that one answer does not hold all of a person's credit. */
const longestAnswerTokens = 16_384;
/** Room that a prompt leaves for the answer, at least. */
const answerRoomTokens = 1_024;
/** What the protocol itself adds to each message, and to the whole. */
const tokensAMessage = 4;
const tokensAPrompt = 3;

/**
 * Decides what a request to answer comes to, from what the first round trip gathered. Pure.
 * @throws AppError unauthenticated, not_found, conflict, plan_required, context_too_long, insufficient_credit, model_unavailable
 */
export function decideStart(input: StartGeneration, gathered: Gathered, at: Date): Decision {
  const { identity } = gathered;
  if (identity === null) throw new AppError("unauthenticated");
  if (gathered.existing !== null) {
    if (gathered.existing.userId !== identity.userId) throw notFound("answer");
    return { kind: "replay" };
  }
  if (gathered.conversation !== null && !gathered.conversation.usable) throw notFound("conversation");
  const entitlements = entitlementsOf(gathered.subscription, at);
  const model = usableModel(input.model, entitlements.gates);
  const question = questionOf(input, gathered.branch, model);
  const fitted = fitPrompt(question.messages, model);
  const credit = creditOf(gathered, entitlements.plan === "free", at);
  const maxOutputTokens = Math.min(
    model.maxOutputTokens,
    longestAnswerTokens,
    model.contextWindow - fitted.promptTokens,
  );
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
    draftTitle: draftTitleOf(question.messages),
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

function usableModel(id: string, gates: readonly string[]): Model {
  const model = findModel(id);
  if (model === undefined || model.kind !== "chat") {
    throw new AppError("model_unavailable", {
      message: `The model "${id}" is not on offer. Choose another one.`,
    });
  }
  if (!gates.includes(model.gate)) {
    throw new AppError("plan_required", { message: `${model.label} needs a higher plan.` });
  }
  return model;
}

type Question = { messages: CountedMessage[]; userMessage: StartPlan["userMessage"]; answerParentId: string };
type CountedMessage = PromptMessage & { tokens: number };

/** What is asked: a new message at the end of its branch, or an old one once more. */
function questionOf(input: StartGeneration, branch: Branch, model: Model): Question {
  const last = branch.messages.at(-1);
  if (input.parentId !== null && last === undefined) throw notFound("message");
  if (last?.status === "streaming") {
    throw new AppError("conflict", {
      message: "The answer above is still being written. Wait for it or stop it.",
    });
  }
  const earlier = branch.messages.map(countedOf).filter((message) => message.content !== "");
  if (input.message === null) {
    if (last === undefined || last.role !== "user") throw notFound("message");
    return { messages: earlier, userMessage: null, answerParentId: last.id };
  }
  const text = keepable(input.message.text);
  const tokens = countText(model.id, text);
  return {
    messages: [...earlier, { role: "user", content: text, tokens }],
    userMessage: { id: input.message.id, parentId: input.parentId, text, tokens },
    answerParentId: input.message.id,
  };
}

function countedOf({ role, content, tokens }: GatheredMessage): CountedMessage {
  return { role, content, tokens };
}

/**
 * Leaves out the oldest messages until the prompt fits, and never begins with an answer. The last message always stays:
 * where it alone is too long, the person is told.
 */
export function fitPrompt(
  messages: CountedMessage[],
  model: Pick<Model, "contextWindow" | "label">,
): { prompt: PromptMessage[]; promptTokens: number; droppedMessages: number } {
  const roomTokens = model.contextWindow - Math.min(answerRoomTokens, Math.floor(model.contextWindow / 4));
  let promptTokens = tokensAPrompt;
  let first = messages.length;
  for (let index = messages.length - 1; index >= 0; index--) {
    const tokens = (messages[index]?.tokens ?? 0) + tokensAMessage;
    if (promptTokens + tokens > roomTokens) break;
    promptTokens += tokens;
    first = index;
  }
  while (first < messages.length - 1 && messages[first]?.role === "assistant" && first > 0) {
    promptTokens -= (messages[first]?.tokens ?? 0) + tokensAMessage;
    first += 1;
  }
  const kept = messages.slice(first);
  if (kept.length === 0) {
    throw new AppError("context_too_long", {
      message: `This message is too long for ${model.label}. Shorten it, or choose a model with a larger context.`,
    });
  }
  const prompt = kept.map(({ role, content }) => ({ role, content }));
  return { prompt, promptTokens, droppedMessages: first };
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

const longestDraftTitle = 60;

/** The first words of the question, until a model has found a better title. */
export function draftTitleOf(messages: PromptMessage[]): string {
  const words = (messages.at(-1)?.content ?? "").replace(/\s+/g, " ").trim();
  if (words.length <= longestDraftTitle) return words;
  const cut = words.slice(0, longestDraftTitle).toWellFormed();
  const lastSpace = cut.lastIndexOf(" ");
  return `${lastSpace > 20 ? cut.slice(0, lastSpace) : cut}…`;
}
