import { usageOf } from "#lib/chat/api/answer-events.ts";
import { createAnswerStream } from "#lib/chat/api/answer-stream.ts";
import { lookUpAnswer } from "#lib/chat/api/cache/answer-cache.ts";
import { replayCompletion } from "#lib/chat/api/cache/replay-completion.ts";
import { storeCompletion } from "#lib/chat/api/cache/store-completion.ts";
import { cutAnswer } from "#lib/chat/api/cut-answer.ts";
import { dropNulls } from "#lib/chat/api/drop-nulls.ts";
import { checkImageUrls } from "#lib/chat/api/image-urls.ts";
import { toPromptSize } from "#lib/chat/api/prompt-size.ts";
import {
  contextTooLong,
  holdForRequest,
  requireModel,
  takeRequestToken,
} from "#lib/chat/api/request-credit.ts";
import { countImages, requireNeeds } from "#lib/chat/api/request-needs.ts";
import type { ApiCall, RunningRequest } from "#lib/chat/api/running-request.ts";
import { endAnswer, failRequest } from "#lib/chat/api/settle-answer.ts";
import { createReceivedAnswer } from "#lib/chat/generation/received-answer.ts";
import { abortedByRefusal, requireAllowed, startModeration } from "#lib/chat/moderation/moderate-input.ts";
import { now } from "#lib/core/clock.ts";
import { newId } from "#lib/core/ids.ts";
import { traced } from "#lib/core/observability/tracing.ts";
import { defaultTimeouts } from "#lib/gateways/openai/call-timers.ts";
import type { ChatStream } from "#lib/gateways/openai/chat-stream.ts";
import { completeChat, openChatStream } from "#lib/gateways/openai/completions.ts";
import type { Json } from "#lib/gateways/openai/json.ts";
import { putBack } from "#lib/gateways/openai/set-aside.ts";
import type { WholeAnswer } from "#lib/gateways/openai/whole-answer.ts";
import { targetsOf } from "#lib/usage/price-list.ts";
import { canCountAtOnce, countTextsInTimeSlices } from "#lib/usage/tokens.ts";

/**
 * Answers a request of the public API with the upstream's whole response, which names the requested model.
 * @returns the response, or its encoded parts if it is long
 * @throws AppError not_found, plan_required, too_many_requests, insufficient_credit, bad_request, model_*
 */
export const completeForApi = traced(
  "chat.completeForApi",
  async (call: ApiCall): Promise<Record<string, unknown> | Buffer[]> => {
    const { hit, store } = await lookUpAnswer(call);
    if (hit !== null) return hit.completion;
    const running = await begin(call, store);
    const { model, output } = running;
    let whole: WholeAnswer;
    try {
      whole = await completeChat(toCall(running));
    } catch (error) {
      await failRequest(running, error);
      throw error;
    }
    nameModel(call.headers, whole.json.model, whole.target.model);
    const isOverLimit = await output.add(whole);
    const refusal = await running.moderation.verdict;
    if (refusal !== null) {
      await failRequest(running, refusal);
      throw refusal;
    }
    if (isOverLimit) await cutAnswer(whole.json, model.id, running.maxOutputTokens);
    const usage = await endAnswer(running, {
      outcome: !isOverLimit ? "done" : running.held.answer.isLimiting() ? "out_of_credit" : "length",
      target: whole.target,
      hasEnded: true,
      text: whole.text,
      firstTokenMs: null,
      error: null,
    });
    // The upstream's own usage is passed on unless it is missing or not believed.
    const ownUsage = usage?.estimated === true ? { usage: usageOf(usage) } : {};
    const completion = { ...missingFields(), ...whole.json, ...ownUsage, model: model.id };
    if (whole.aside !== null) return putBack(JSON.stringify(completion), whole.aside);
    if (!isOverLimit) await storeCompletion(running, whole.target, completion, usage);
    return completion;
  },
);

/** Fields that OpenAI's clients expect and that some upstreams leave out. */
function missingFields(): Json {
  const created = Math.floor(now().getTime() / 1_000);
  return { id: `chatcmpl-${newId()}`, object: "chat.completion", created };
}

const defaultKeepAliveMs = 15_000;

/**
 * Answers a request of the public API as a stream of the upstream's own bytes, event by event, at the
 * client's pace. A stream that takes long to begin sends comments meanwhile.
 * @throws as `completeForApi`, before the first byte; later failures become an event of the stream
 */
export const streamForApi = traced(
  "chat.streamForApi",
  async (call: ApiCall): Promise<AsyncGenerator<Uint8Array, void, undefined>> => {
    const { hit, store } = await lookUpAnswer(call);
    if (hit !== null)
      return replayCompletion(hit.completion, call.request.stream_options?.include_usage === true);
    const running = await begin(call, store);
    const opening = openStream(running);
    return createAnswerStream(running, opening, call.keepAliveMs ?? defaultKeepAliveMs);
  },
);

async function openStream(running: RunningRequest): Promise<ChatStream> {
  const { call, model } = running;
  try {
    const usage = call.request.stream_options?.include_usage === true;
    const forwarding = { model: model.id, usage };
    const stream = await openChatStream({ ...toCall(running), forwarding });
    await requireAllowed(running.moderation).catch((refusal) => {
      stream.close();
      throw refusal;
    });
    nameModel(call.headers, stream.head.model, stream.target.model);
    return stream;
  } catch (error) {
    await failRequest(running, error);
    throw error;
  }
}

function toCall({ call, model, needs, body, maxOutputTokens, signal }: RunningRequest) {
  const timeouts = call.timeouts ?? defaultTimeouts;
  return { targets: targetsOf(model, needs), body, maxOutputTokens, signal, timeouts };
}

/** Names the model that answers: by the upstream's own words, else as it was requested there. */
function nameModel(headers: Headers, stated: unknown, requested: string): void {
  const name = typeof stated === "string" && stated !== "" ? stated : requested;
  headers.set("x-parley-model", name.replace(/[^\x20-\x7e]/g, "?").slice(0, 200));
}

async function begin(call: ApiCall, store: RunningRequest["store"]): Promise<RunningRequest> {
  const { request } = call;
  const { texts, otherTokens } = toPromptSize(request);
  // A long text is counted only for a caller within the rate limit; a short one costs no further round trip.
  const token = canCountAtOnce(texts) ? null : await takeRequestToken(call.caller, call.headers, now());
  const model = requireModel(request.model, "chat");
  const total = model.contextWindow - otherTokens - 1;
  const counts = await countTextsInTimeSlices(model.id, texts, { total });
  if (counts === null || total < 0) throw contextTooLong(model);
  const promptTokens = counts.reduce((sum, count) => sum + count, otherTokens);
  const needs = requireNeeds(model, request);
  await checkImageUrls(request);
  const contextLeft = model.contextWindow - promptTokens;
  const stated = request.max_completion_tokens ?? request.max_tokens;
  const answers = request.n ?? 1;
  const each = Math.min(stated ?? model.maxOutputTokens, model.maxOutputTokens, contextLeft);
  const output = { maxOutput: each * answers, isStated: stated != null, isStreamed: request.stream === true };
  const tokens = { prompt: promptTokens, ...output };
  const held = await holdForRequest(call.caller, model, tokens, token, call.headers, now());
  const { max_tokens: _old, max_completion_tokens: _new, stream: _stream, model: _model, ...body } = request;
  const maxOutputTokens = Math.max(1, Math.floor(held.answer.askedTokens / answers));
  const limits = { images: countImages(request), hold: held.answer };
  const moderation = startModeration({
    plan: held.plan,
    workspaceId: held.workspaceId,
    userId: null,
    source: "api",
    target: call.requestId,
    texts: () => texts,
  });
  return {
    call,
    model,
    held,
    needs,
    answers,
    startedAtMs: performance.now(),
    body: dropNulls(body),
    maxOutputTokens,
    output: createReceivedAnswer({ modelId: model.id, promptTokens, ...limits }),
    promptTokens,
    moderation,
    store,
    signal: abortedByRefusal(call.signal, moderation),
  };
}
