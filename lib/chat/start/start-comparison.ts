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
 * it is refused, nothing is written. The others do not depend on each other: one that is refused leaves the
 * rest running. Safe to repeat, because each start is.
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
  const started = others.map(async (answer): Promise<ComparedStart> => {
    const { generationId } = answer;
    try {
      await start({ ...answer, ...shared, parentId: message.id, message: null });
      return { generationId, error: null };
    } catch (error) {
      return { generationId, error: toPublicError(error) };
    }
  });
  return [{ generationId: first.generationId, error: null }, ...(await Promise.all(started))];
}
