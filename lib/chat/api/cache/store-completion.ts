import { usageOf } from "#lib/chat/api/answer-events.ts";
import type { CompletionCollector } from "#lib/chat/api/cache/collect-completion.ts";
import type { RunningRequest } from "#lib/chat/api/running-request.ts";
import type { ChatStream } from "#lib/gateways/openai/chat-stream.ts";
import type { Json } from "#lib/gateways/openai/json.ts";
import type { Target } from "#lib/gateways/openai/try-targets.ts";
import type { BelievedUsage } from "#lib/usage/believed-usage.ts";

/** Stores a streamed answer as a whole one. Usage that the client did not request is added. */
export async function storeCollected(
  running: RunningRequest,
  { target }: ChatStream,
  collector: CompletionCollector,
  last: Buffer,
): Promise<void> {
  collector.add(last);
  const completion = collector.completion();
  if (completion === null) return;
  const upstream = target.upstream.name;
  const usage = await running.output.measure({ hasEnded: true, hasFailed: false, upstream });
  if (usage !== null) completion.usage ??= usageWithReasoning(usage);
  await storeCompletion(running, target, completion, usage);
}

function usageWithReasoning(usage: BelievedUsage): object {
  const { reasoningTokens } = usage;
  return { ...usageOf(usage), completion_tokens_details: { reasoning_tokens: reasoningTokens } };
}

/** Stores an answer of the requested model; a fallback's would be returned after the model has recovered. */
export async function storeCompletion(
  { store, model, call }: RunningRequest,
  target: Target,
  completion: Json,
  usage: BelievedUsage | null,
): Promise<void> {
  const { choices } = completion;
  if (store === null || usage === null || target.modelId !== model.id || !Array.isArray(choices)) return;
  const { promptTokens, cachedTokens, completionTokens } = usage;
  await store({
    answeredBy: call.headers.get("x-parley-model") ?? target.model,
    upstream: target.upstream.name,
    completion: { ...completion, choices },
    usage: { promptTokens, cachedTokens, completionTokens },
  });
}
