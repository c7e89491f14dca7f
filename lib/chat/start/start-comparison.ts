import type { SessionClaims } from "#lib/accounts/sessions.ts";
import { type ChatRuntime, chatRuntime } from "#lib/chat/generation/runtime.ts";
import type { StartComparison, StartGeneration } from "#lib/chat/generation/stream-events.ts";
import { startGeneration } from "#lib/chat/start/start-generation.ts";
import { type AppError, toPublicError } from "#lib/core/errors.ts";

/** Whether an answer of a comparison has started; `error` says why not. */
export type ComparedStart = { generationId: string; error: AppError | null };

/**
 * Starts the answers of several models to one message, each with its own hold, and shows them side by side:
 * the conversation ends with the message until one of them is chosen. The first start writes the message; if
 * it is refused, nothing is written. One that is refused later leaves the rest running. They start one after
 * another, in a few milliseconds each, because the order of their creation is the order on the screen. Safe
 * to repeat, because each start is.
 * @returns one result per answer, in order; the first has started
 * @throws AppError as `startGeneration`
 */
export async function startComparison(
  claims: SessionClaims,
  { conversationId, parentId, message, answers, parameters }: StartComparison,
  requestId: string,
  runtime: ChatRuntime = chatRuntime(),
): Promise<ComparedStart[]> {
  const start = (input: StartGeneration) => startGeneration(claims, input, requestId, runtime, message.id);
  const [first, ...others] = answers;
  if (first === undefined) return [];
  const shared = { conversationId, ...(parameters !== undefined && { parameters }) };
  await start({ ...first, ...shared, parentId, message });
  const starts: ComparedStart[] = [{ generationId: first.generationId, error: null }];
  for (const answer of others) {
    const { generationId } = answer;
    const next = { ...answer, ...shared, parentId: message.id, message: null };
    starts.push({ generationId, error: await start(next).then(() => null, toPublicError) });
  }
  return starts;
}
