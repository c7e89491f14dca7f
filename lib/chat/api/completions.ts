import {
  type ApiCaller,
  endRequest,
  type HeldRequest,
  holdForRequest,
  type RequestEnd,
  requireModel,
  takeRequestToken,
} from "#lib/chat/api/request-credit.ts";
import { type CompletionRequest, toPromptSize } from "#lib/chat/api/request-schema.ts";
import { type Budget, createBudget } from "#lib/chat/generation/budget.ts";
import { contentRedactor } from "#lib/chat/generation/content-retention.ts";
import { now } from "#lib/core/clock.ts";
import { AppError, toPublicError } from "#lib/core/errors.ts";
import { log } from "#lib/core/log.ts";
import { metrics } from "#lib/core/metrics.ts";
import type { TokenUsage } from "#lib/gateways/openai/chunk-reader.ts";
import {
  type ChatStream,
  completeChat,
  defaultTimeouts,
  openChatStream,
  type Timeouts,
} from "#lib/gateways/openai/completions.ts";
import { type Model, targetsOf } from "#lib/usage/price-list.ts";
import { canCountAtOnce, countTextsInTimeSlices } from "#lib/usage/tokens.ts";

export type ApiCall = {
  caller: ApiCaller;
  request: CompletionRequest;
  requestId: string;
  /** Aborted when the client leaves: the call to the model ends, and what was received is settled. */
  signal: AbortSignal;
  /** Gets the x-ratelimit-* headers. */
  headers: Headers;
  timeouts?: Timeouts;
};

/** A request with its hold, for which the model is called. */
type RunningRequest = {
  call: ApiCall;
  model: Model;
  held: HeldRequest;
  promptTokens: number;
  startedAtMs: number;
  body: Record<string, unknown>;
};

/**
 * Answers a request of the public API with the upstream's whole response.
 * @throws AppError not_found, plan_required, too_many_requests, insufficient_credit, bad_request, model_*
 */
export async function completeForApi(call: ApiCall): Promise<Record<string, unknown>> {
  const running = await begin(call);
  try {
    const whole = await completeChat({
      targets: targetsOf(running.model),
      body: running.body,
      signal: call.signal,
      timeouts: call.timeouts ?? defaultTimeouts,
    });
    const text = JSON.stringify(whole.json.choices ?? "");
    const budget = createBudget(running.model.id, running.held.maxCompletionTokens);
    if (whole.usage === null) await budget.add(text);
    await settle(running, { outcome: "done", usage: whole.usage, budget, text, firstTokenMs: null });
    return { ...whole.json, model: running.model.id };
  } catch (error) {
    await fail(running, error);
    throw error;
  }
}

/**
 * Answers a request of the public API as a stream of the upstream's own bytes, event by event, at the
 * client's pace.
 * @throws as `completeForApi`, before the first byte; later failures become an event of the stream
 */
export async function streamForApi(call: ApiCall): Promise<AsyncGenerator<Uint8Array, void, undefined>> {
  const running = await begin(call);
  try {
    const stream = await openChatStream({
      targets: targetsOf(running.model),
      body: running.body,
      signal: call.signal,
      timeouts: call.timeouts ?? defaultTimeouts,
      stripUsage: call.request.stream_options?.include_usage !== true,
    });
    return forward(running, stream);
  } catch (error) {
    await fail(running, error);
    throw error;
  }
}

async function begin(call: ApiCall): Promise<RunningRequest> {
  const { request } = call;
  const { texts, otherTokens } = toPromptSize(request);
  // A long text is counted only for a caller within the rate limit; a short one costs no further round trip.
  const token = canCountAtOnce(texts) ? null : await takeRequestToken(call.caller, call.headers, now());
  const model = requireModel(request.model, "chat");
  const total = model.contextWindow - otherTokens - 1;
  const counts = await countTextsInTimeSlices(model.id, texts, { total });
  if (counts === null || total < 0) throw new AppError("context_too_long");
  const promptTokens = counts.reduce((sum, count) => sum + count, otherTokens);
  const contextLeft = model.contextWindow - promptTokens;
  const requested = request.max_completion_tokens ?? request.max_tokens ?? model.maxOutputTokens;
  const answers = request.n ?? 1;
  const each = Math.min(requested, model.maxOutputTokens, contextLeft);
  const tokens = { prompt: promptTokens, maxOutput: each * answers };
  const held = await holdForRequest(call.caller, model, tokens, token, call.headers, now());
  const { max_tokens: _old, stream: _stream, model: _model, ...rest } = request;
  const limit = Math.max(1, Math.floor(held.maxCompletionTokens / answers));
  return {
    call,
    model,
    held,
    promptTokens,
    startedAtMs: performance.now(),
    body: { ...rest, max_completion_tokens: limit },
  };
}

/** Yields the bytes of the answer. It is settled once, however it ends, also when the reader leaves. */
async function* forward(
  running: RunningRequest,
  stream: ChatStream,
): AsyncGenerator<Uint8Array, void, undefined> {
  const budget = createBudget(running.model.id, running.held.maxCompletionTokens);
  const received: Received = { usage: null, text: "", firstTokenMs: null, outcome: "stopped", error: null };
  try {
    for (let delta = await stream.read(); delta !== null; delta = await stream.read()) {
      addReceived(running, received, delta);
      const added = budget.add(delta.text + delta.otherText);
      const isOverBudget = typeof added === "boolean" ? added : await added;
      // Clients disconnect after [DONE]; the answer is complete then.
      if (delta.done) received.outcome = "done";
      for (const bytes of delta.bytes) yield bytes;
      if (!isOverBudget) continue;
      received.outcome = running.held.clamped ? "out_of_credit" : "done";
      yield encode(lengthEvents(running.model.id));
      return;
    }
    received.outcome = "done";
  } catch (error) {
    if (running.call.signal.aborted) return;
    received.outcome = "failed";
    received.error = toPublicError(error);
    yield encode(
      `data: ${JSON.stringify({ error: { message: received.error.message, type: "server_error", code: received.error.code } })}\n\n`,
    );
  } finally {
    stream.close();
    await settle(running, { ...received, budget }).catch((error) =>
      log.error(
        { err: error, requestId: running.call.requestId },
        "A request was not settled; the sweep will do it",
      ),
    );
  }
}

type Received = {
  usage: TokenUsage | null;
  text: string;
  firstTokenMs: number | null;
  outcome: RequestEnd["outcome"];
  error: AppError | null;
};

function addReceived(
  running: RunningRequest,
  received: Received,
  delta: { usage: TokenUsage | null; text: string; otherText: string },
): void {
  received.usage = delta.usage ?? received.usage;
  if (delta.text === "" && delta.otherText === "") return;
  if (contentRedactor()) received.text += delta.text;
  if (received.firstTokenMs !== null) return;
  received.firstTokenMs = Math.round(performance.now() - running.startedAtMs);
  metrics.firstTokenSeconds.observe({ model: running.model.id }, received.firstTokenMs / 1_000);
}

/** Returns the last events of a model that stopped at its token limit. */
function lengthEvents(model: string): string {
  const chunk = {
    object: "chat.completion.chunk",
    model,
    choices: [{ index: 0, delta: {}, finish_reason: "length" }],
  };
  return `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`;
}

const encoder = new TextEncoder();
const encode = (text: string) => encoder.encode(text);

type Settlement = {
  outcome: RequestEnd["outcome"];
  usage: TokenUsage | null;
  budget: Budget;
  text: string;
  firstTokenMs: number | null;
  error?: AppError | null;
};

async function settle(running: RunningRequest, { budget, ...received }: Settlement): Promise<void> {
  const receivedTokens = received.usage === null ? await budget.receivedTokens() : 0;
  const counted = { promptTokens: running.promptTokens, cachedTokens: 0, completionTokens: receivedTokens };
  const isEmpty = received.usage === null && receivedTokens === 0;
  const redact = contentRedactor();
  await endRequest(
    running.held,
    {
      purpose: "api",
      upstream: running.model.upstream,
      outcome: received.outcome,
      errorCode: received.error?.code ?? null,
      usage: isEmpty ? null : (received.usage ?? counted),
      estimated: received.usage === null,
      firstTokenMs: received.firstTokenMs,
      durationMs: Math.round(performance.now() - running.startedAtMs),
      requestId: running.call.requestId,
      prompt: redact?.(JSON.stringify(running.call.request.messages)) ?? null,
      answer: redact?.(received.text) ?? null,
    },
    now(),
  );
}

/** Ends a request that failed before its first byte; it costs nothing. */
async function fail(running: RunningRequest, thrown: unknown): Promise<void> {
  const budget = createBudget(running.model.id, 1);
  const stopped = running.call.signal.aborted;
  const error = stopped ? null : toPublicError(thrown);
  const outcome = stopped ? "stopped" : "failed";
  await settle(running, { outcome, usage: null, budget, text: "", firstTokenMs: null, error });
}
