import { dropNulls } from "#lib/chat/api/drop-nulls.ts";
import {
  type ApiCaller,
  contextTooLong,
  endRequest,
  holdForRequest,
  requireModel,
  takeRequestToken,
} from "#lib/chat/api/request-credit.ts";
import type { EmbeddingsRequest } from "#lib/chat/api/request-schema.ts";
import { now } from "#lib/core/clock.ts";
import { type AppError, toPublicError } from "#lib/core/errors.ts";
import { traced } from "#lib/core/observability/tracing.ts";
import { createEmbeddings } from "#lib/gateways/openai/completions.ts";
import type { ListResponse } from "#lib/gateways/openai/list-response.ts";
import type { TokenUsage } from "#lib/gateways/openai/usage.ts";
import { believeUsage, type OwnCount } from "#lib/usage/believed-usage.ts";
import { targetsOf } from "#lib/usage/price-list.ts";
import { canCountAtOnce, countTextsInTimeSlices } from "#lib/usage/tokens.ts";

type EmbeddingsCall = {
  caller: ApiCaller;
  request: EmbeddingsRequest;
  requestId: string;
  signal: AbortSignal;
  headers: Headers;
};

/**
 * Embeds texts for the public API; they are charged by their tokens.
 * @returns the upstream's JSON, which names the requested model, in parts
 * @throws AppError not_found, plan_required, too_many_requests, insufficient_credit, context_too_long,
 *   model_*
 */
export const embedForApi = traced("chat.embedForApi", async (call: EmbeddingsCall): Promise<Buffer[]> => {
  const { request, requestId } = call;
  const texts = "texts" in request.input ? request.input.texts : [];
  // Long texts are counted only for a caller within the rate limit; short ones cost no further round trip.
  const token = canCountAtOnce(texts) ? null : await takeRequestToken(call.caller, call.headers, now());
  const model = requireModel(request.model, "embedding");
  const counts =
    "tokens" in request.input
      ? request.input.tokens.map((tokens) => tokens.length)
      : await countTextsInTimeSlices(model.id, texts, { each: model.contextWindow });
  if (counts === null || counts.some((count) => count > model.contextWindow)) throw contextTooLong(model);
  const prompt = counts.reduce((sum, count) => sum + count, 0);
  const tokens = { prompt, maxOutput: 0, isStated: true, isStreamed: false };
  const held = await holdForRequest(call.caller, model, tokens, token, call.headers, now());
  const startedAtMs = performance.now();
  const end = async (whole: ListResponse | null, error: AppError | null) => {
    const upstream = whole?.target.upstream.name ?? model.upstream;
    const usage =
      whole === null
        ? null
        : await believeUsage(promptUsage(whole), ownCount(prompt), { upstream, model: model.id });
    await endRequest(
      held,
      {
        purpose: "embedding",
        upstream,
        outcome: error === null ? "done" : "failed",
        errorCode: error?.code ?? null,
        usage,
        estimated: usage?.estimated ?? false,
        firstTokenMs: null,
        durationMs: Math.round(performance.now() - startedAtMs),
        requestId,
        prompt: null,
        answer: null,
      },
      now(),
    );
  };
  let whole: ListResponse;
  try {
    const { model: _model, ...fields } = request;
    const body = dropNulls({ ...fields, input: request.input.raw });
    whole = await createEmbeddings({ targets: targetsOf(model), body, signal: call.signal });
  } catch (error) {
    await end(null, toPublicError(error));
    throw error;
  }
  await end(whole, null);
  return whole.toBytes(model.id);
});

/** Usage of embeddings has no completion. */
function promptUsage({ usage }: ListResponse): TokenUsage | null {
  return usage === null ? null : { ...usage, completionTokens: 0 };
}

function ownCount(promptTokens: number): OwnCount {
  const receivedTokens = () => Promise.resolve(0);
  return { promptTokens, images: 0, receivedBytes: 0, receivedTokens, maxTokens: 0, hasEnded: true };
}
