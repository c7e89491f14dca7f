import { db } from "#db/client.ts";
import { recordAudit } from "#lib/accounts/audit.ts";
import type { PlanId } from "#lib/billing/catalog/plans.ts";
import { moderationOf } from "#lib/chat/moderation/settings.ts";
import { raiseAlert } from "#lib/core/alerts.ts";
import { now } from "#lib/core/clock.ts";
import { AppError } from "#lib/core/errors.ts";
import { addToEvent, log } from "#lib/core/log.ts";
import { metrics } from "#lib/core/metrics.ts";
import { moderateTexts } from "#lib/gateways/openai/moderations.ts";
import { UpstreamError } from "#lib/gateways/openai/upstream-errors.ts";
import { moderationTarget } from "#lib/usage/price-list.ts";

/** Whose input is checked. */
export type ModeratedInput = {
  plan: PlanId;
  workspaceId: string;
  userId: string | null;
  source: "chat" | "api";
  /** The generation or the request, for the audit log. */
  target: string;
  /** Everything to check; called only if the plan is moderated. */
  texts: () => string[];
};

/** A check that runs beside the call to the model. */
export type Moderation = {
  /**
   * Resolves with the error of refused input, or with null. Output must not be shown before. Resolved at once
   * where nothing is refused.
   */
  verdict: Promise<AppError | null>;
  /** Aborted with the error of refused input; null where nothing is checked. */
  signal: AbortSignal | null;
};

const timeoutMs = 5_000;
/** Moderation models are the more exact, the shorter a text is. */
const chunkCharacters = 8_000;
/** So that words at the border of two chunks are read in one of them. */
const overlapCharacters = 200;
const chunksPerRequest = 32;

const allowed: Moderation = { verdict: Promise.resolve(null), signal: null };

/**
 * Starts to check input, as the operator's settings for its plan say. Flagged and refused input is recorded
 * in the audit log with its categories, never with its text. Never rejects.
 */
export function startModeration(input: ModeratedInput): Moderation {
  const { mode, onFailure } = moderationOf(input.plan);
  if (mode === "off") return allowed;
  const controller = new AbortController();
  const checked = check(input).then(
    (categories) => judge(input, mode, categories),
    (error) => fail(input, mode === "block" && onFailure === "block", error),
  );
  checked.then((error) => error !== null && controller.abort(error));
  return { verdict: mode === "block" ? checked : allowed.verdict, signal: controller.signal };
}

async function check({ texts }: ModeratedInput): Promise<string[]> {
  const chunks = texts().flatMap(toChunks);
  const signal = AbortSignal.timeout(timeoutMs);
  const requests: Promise<string[]>[] = [];
  for (let from = 0; from < chunks.length; from += chunksPerRequest)
    requests.push(moderateTexts(moderationTarget(), chunks.slice(from, from + chunksPerRequest), signal));
  return [...new Set((await Promise.all(requests)).flat())].sort();
}

function toChunks(text: string): string[] {
  if (text.trim() === "") return [];
  const chunks: string[] = [];
  for (
    let from = 0;
    from === 0 || from + overlapCharacters < text.length;
    from += chunkCharacters - overlapCharacters
  )
    chunks.push(text.slice(from, from + chunkCharacters).toWellFormed());
  return chunks;
}

async function judge(
  { workspaceId, userId, source, target, plan }: ModeratedInput,
  mode: "flag" | "block",
  categories: string[],
): Promise<AppError | null> {
  if (categories.length === 0) {
    metrics.moderations.inc({ source, result: "passed" });
    return null;
  }
  const isBlocked = mode === "block";
  metrics.moderations.inc({ source, result: isBlocked ? "blocked" : "flagged" });
  addToEvent({ moderation: isBlocked ? "blocked" : "flagged" });
  const action = isBlocked ? "moderation.blocked" : "moderation.flagged";
  const entry = { action, actorUserId: userId, workspaceId, target, data: { source, plan, categories } };
  await recordAudit(db(), entry, now()).catch((error) =>
    log.error({ err: error }, "A moderation verdict could not be recorded"),
  );
  return isBlocked ? new AppError("content_blocked", { param: "messages" }) : null;
}

/** Lets input pass that could not be checked, unless the operator has decided otherwise. */
function fail({ source }: ModeratedInput, isBlocked: boolean, error: unknown): AppError | null {
  metrics.moderations.inc({ source, result: "failed" });
  addToEvent({ moderation: "failed" });
  const status = error instanceof UpstreamError ? error.status : undefined;
  log.warn({ err: error, upstreamStatus: status }, "Input could not be checked by the moderation model");
  void raiseAlert({
    key: "moderation",
    title: "Input cannot be checked by the moderation model",
    detail: isBlocked
      ? "Requests are refused until it works again, as the moderation settings say."
      : "Requests are answered without a check until it works again, as the moderation settings say.",
  });
  return isBlocked ? new AppError("moderation_unavailable", { retryAfterSeconds: 10, cause: error }) : null;
}

/** @throws AppError content_blocked, moderation_unavailable if the input is refused */
export async function requireAllowed({ verdict }: Moderation): Promise<void> {
  const error = await verdict;
  if (error !== null) throw error;
}

/** Returns a signal that is also aborted when the input is refused. */
export function abortedByRefusal(signal: AbortSignal, moderation: Moderation): AbortSignal {
  return moderation.signal === null ? signal : AbortSignal.any([signal, moderation.signal]);
}

/** Whether an error refuses input, for which nothing is charged. */
export function isModerationError({ code }: AppError): boolean {
  return code === "content_blocked" || code === "moderation_unavailable";
}

/**
 * Returns the texts of a prompt that were not checked before. Of a stored chat these are the messages of the
 * user that no answer follows. An earlier message that was refused is among them, so that "answer the message
 * above" does not get around the refusal. The history of a temporary chat comes from the browser, so all of
 * it is checked.
 */
export function textsToCheck(prompt: { role: string; content: string }[], isStored: boolean): string[] {
  if (!isStored) return prompt.map(({ content }) => content);
  const lastAnswer = prompt.findLastIndex(({ role }) => role === "assistant");
  return prompt.slice(lastAnswer + 1).map(({ content }) => content);
}
