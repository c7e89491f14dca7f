import type { PlanId } from "#lib/billing/catalog/plans.ts";
import { entitlementsOf, freeCreditDue } from "#lib/billing/entitlements/entitlements.ts";
import { currentSubscription } from "#lib/billing/entitlements/subscription-state.ts";
import type { PromptMessage } from "#lib/chat/files/model-messages.ts";
import { canContinue } from "#lib/chat/generation/continuation/continuation.ts";
import {
  type AnswerParameters,
  defaultParameters,
} from "#lib/chat/generation/parameters/answer-parameters.ts";
import type { Instruction } from "#lib/chat/generation/stream-events.ts";
import { continuationRequest, joinContinuations } from "#lib/chat/start/continuation-prompt.ts";
import type { Branch, LoadedGeneration, LoadedMessage } from "#lib/chat/start/load-generation.ts";
import { type NewMessage, toNewMessage, withoutUnseenImages } from "#lib/chat/start/message-files.ts";
import { type CountedMessage, draftTitle, fitPrompt, maxAnswerTokens } from "#lib/chat/start/prompt.ts";
import type { StartRequest } from "#lib/chat/start/start-request.ts";
import { AppError, errorReason, notFound } from "#lib/core/errors.ts";
import { canFollowLength, planHold } from "#lib/usage/answer-hold.ts";
import type { GrantInput } from "#lib/usage/grants.ts";
import type { Model } from "#lib/usage/price-list.ts";
import { countText } from "#lib/usage/tokens.ts";

/** A generation that may start: what the commit writes, and what the call to the model needs. */
export type PreparedGeneration = {
  model: Model;
  plan: PlanId;
  workspaceId: string;
  userId: string;
  /** Whether the text of the chat is not stored: no conversation, no messages, no title. */
  isTemporary: boolean;
  /** The message to write; null for a regeneration or a continuation, and in a temporary chat. */
  userMessage: NewMessage | null;
  /** The message that the answer follows; null in a temporary chat. */
  answerParentId: string | null;
  draftTitle: string;
  prompt: PromptMessage[];
  promptTokens: number;
  /**
   * The first message of the prompt, when older ones were left out because they do not fit into the model's
   * context; null when none was.
   */
  firstMessageId: string | null;
  parameters: AnswerParameters;
  /** True until the user or the title model has named the conversation. */
  needsTitle: boolean;
  maxOutputTokens: number;
  holdMicros: number;
  likelyMicros: number;
  minimumMicros: number;
  /**
   * The free allowance of this month, which the commit grants if it is new (M9); null unless the plan is
   * Free.
   */
  grant: GrantInput | null;
  requestsPerMinute: number;
};

export type Preparation = { kind: "replay" } | { kind: "start"; generation: PreparedGeneration };

/**
 * Decides whether a generation may start, and with what: model, prompt, hold and grant. Pure. Only the commit
 * decides about the rate limit and the credit, because both need a lock.
 * @throws AppError unauthenticated, not_found, conflict, plan_required, context_too_long, model_not_found
 */
export function prepareGeneration(request: StartRequest, loaded: LoadedGeneration, at: Date): Preparation {
  const { identity, existing, conversation } = loaded;
  if (identity === null) throw new AppError("unauthenticated");
  if (existing !== null) {
    if (existing.userId !== identity.userId) throw notFound("answer");
    return { kind: "replay" };
  }
  const isTemporary = request.history !== null;
  // A stored conversation does not become temporary.
  if (conversation !== null && (isTemporary || !conversation.usable)) throw notFound("conversation");
  const entitlements = entitlementsOf(currentSubscription(loaded.subscriptions), at);
  const model = requireModel(request, entitlements.gates);
  const userMessage = toNewMessage(request, loaded.attachments);
  const turn =
    request.history === null ? toTurn(request, userMessage, loaded.branch) : toTemporaryTurn(request);
  const messages = withoutUnseenImages(turn.messages, model);
  const { prompt, promptTokens, droppedMessages, firstId } = fitPrompt(messages, model, turn.required);
  const parameters = request.input.parameters ?? defaultParameters;
  const maxOutputTokens = Math.min(
    maxAnswerTokens(model),
    parameters.maxTokens ?? Number.POSITIVE_INFINITY,
    model.contextWindow - promptTokens,
  );
  const scope = { price: model.price, promptTokens, maxOutputTokens };
  const hold = planHold(model.id, scope, {
    canEnlarge: canFollowLength(model),
    isStated: parameters.maxTokens !== null,
  });
  const generation: PreparedGeneration = {
    model,
    plan: entitlements.plan,
    workspaceId: identity.workspaceId,
    userId: identity.userId,
    isTemporary,
    userMessage: isTemporary ? null : userMessage,
    answerParentId: turn.answerParentId,
    draftTitle: isTemporary ? "" : draftTitle(titleSource(turn.messages.at(-1))),
    prompt,
    promptTokens,
    firstMessageId:
      droppedMessages > 0 || (request.history ?? loaded.branch).hasMore ? (firstId ?? null) : null,
    parameters,
    needsTitle: !isTemporary && (conversation?.untitled ?? true),
    maxOutputTokens,
    holdMicros: hold.amountMicros,
    likelyMicros: hold.likelyMicros,
    minimumMicros: hold.minimumMicros,
    grant: entitlements.plan === "free" ? freeCreditDue(identity, at) : null,
    requestsPerMinute: entitlements.requestsPerMinute,
  };
  return { kind: "start", generation };
}

function requireModel({ model }: StartRequest, gates: readonly string[]): Model {
  if (model === undefined || model.kind !== "chat") {
    throw new AppError("model_not_found", {
      reason: errorReason("modelNotOffered"),
    });
  }
  if (!gates.includes(model.gate)) {
    throw new AppError("plan_required", { reason: errorReason("modelNeedsPlan", { model: model.label }) });
  }
  return model;
}

/** `required`: how many messages at the end the prompt cannot do without. */
type Turn = { messages: CountedMessage[]; answerParentId: string | null; required: number };

/**
 * The messages that the model has to answer: the branch with the new message, the branch alone for a
 * regeneration, or the branch with the request to go on for a continuation.
 */
function toTurn({ input }: StartRequest, message: NewMessage | null, branch: Branch): Turn {
  const last = branch.messages.at(-1);
  if (input.parentId !== null && last === undefined) throw notFound("message");
  if (last?.status === "streaming") {
    throw new AppError("conflict", {
      reason: errorReason("answerRunning"),
    });
  }
  const written = branch.messages.map(toCountedMessage).filter(isSent);
  const earlier = joinContinuations(written);
  if (message === null) {
    if (last === undefined) throw notFound("message");
    if (last.role === "user")
      return { messages: withInstruction(earlier, input), answerParentId: last.id, required: 1 };
    if (!canContinue({ status: last.status, text: last.content }))
      throw new AppError("conflict", { reason: errorReason("answerComplete") });
    const request = continuationRequest(input.model);
    return { messages: [...earlier, request], answerParentId: last.id, required: 2 };
  }
  const { text, tokens, attachments } = message;
  const files = attachments.length > 0 ? { attachments } : {};
  return {
    messages: [...earlier, { id: message.id, role: "user", content: text, tokens, ...files }],
    answerParentId: message.id,
    required: 1,
  };
}

/** As `toTurn`, with the messages that the request contains. */
function toTemporaryTurn({ input, message, history }: StartRequest): Turn {
  const written = (history?.messages ?? []).map(({ id, role, text, tokens }) => ({
    id,
    role,
    content: text,
    tokens,
  }));
  const earlier = joinContinuations(written);
  const answerParentId = null;
  if (message !== null) {
    const { text, tokens } = message;
    const next = { id: message.id, role: "user" as const, content: text, tokens };
    return { messages: [...earlier, next], answerParentId, required: 1 };
  }
  const last = earlier.at(-1);
  if (last === undefined) throw notFound("message");
  if (last.role === "user") return { messages: withInstruction(earlier, input), answerParentId, required: 1 };
  // Only the client knows how the answer ended.
  return { messages: [...earlier, continuationRequest(input.model)], answerParentId, required: 2 };
}

/** Tells the model with the last message how long to answer. The stored message stays as it was written. */
function withInstruction(messages: CountedMessage[], input: StartRequest["input"]): CountedMessage[] {
  const last = messages.at(-1);
  if (input.instruction === undefined || last === undefined) return messages;
  const suffix = `\n\n${instructionTexts[input.instruction]}`;
  const tokens = last.tokens + countText(input.model, suffix);
  return [...messages.slice(0, -1), { ...last, content: last.content + suffix, tokens }];
}

const instructionTexts: Record<Instruction, string> = {
  shorter:
    "Answer in the language of this message, and much shorter than you would otherwise: only the essential points.",
  longer:
    "Answer in the language of this message, and in more detail than you would otherwise: with explanations and examples.",
};

/** A message without text is in prompts for its files only. */
function isSent({ content, attachments }: CountedMessage): boolean {
  return content !== "" || attachments !== undefined;
}

function titleSource(message: CountedMessage | undefined): string {
  return message?.content || message?.attachments?.[0]?.name || "";
}

function toCountedMessage(message: LoadedMessage): CountedMessage {
  const { id, role, content, tokens, reasoning, reasoningTokens, attachments } = message;
  if (attachments) return { id, role, content, tokens, attachments };
  if (reasoning === null) return { id, role, content, tokens };
  return { id, role, content, reasoning, tokens: tokens + (reasoningTokens ?? 0) };
}
