import {
  type ApiCaller,
  endRequest,
  type HeldRequest,
  holdForRequest,
  modelFor,
  type RequestEnding,
} from "#lib/chat/api-credit.ts";
import { type CompletionRequest, countRequest } from "#lib/chat/api-request.ts";
import { type Budget, createBudget } from "#lib/chat/budget.ts";
import { contentAllowed } from "#lib/chat/kept-content.ts";
import { now } from "#lib/core/clock.ts";
import { AppError, toPublicError } from "#lib/core/errors.ts";
import { log } from "#lib/core/log.ts";
import { metrics } from "#lib/core/metrics.ts";
import type { TokenUsage } from "#lib/gateways/chat-chunks.ts";
import {
  type ChatStream,
  completeChat,
  defaultTimeouts,
  openChatStream,
  type Timeouts,
} from "#lib/gateways/openai.ts";
import { type Model, targetsOf } from "#lib/usage/price-list.ts";

export type ApiCall = {
  caller: ApiCaller;
  request: CompletionRequest;
  requestId: string;
  /** Aborted when the client goes away: the call to the model ends then, and what was received is settled. */
  signal: AbortSignal;
  /** Gets the x-ratelimit-* headers. */
  headers: Headers;
  timeouts?: Timeouts;
};

/** A request whose credit is held and that is under way. */
type Begun = {
  call: ApiCall;
  model: Model;
  held: HeldRequest;
  promptTokens: number;
  startedAtMs: number;
  body: Record<string, unknown>;
};

/**
 * Answers a request of the public API in one piece, as the upstream gave it.
 * @throws AppError not_found, plan_required, too_many_requests, insufficient_credit, bad_request, model_*
 */
export async function completeForApi(call: ApiCall): Promise<Record<string, unknown>> {
  const begun = await begin(call);
  try {
    const whole = await completeChat({
      targets: targetsOf(begun.model),
      body: begun.body,
      signal: call.signal,
      timeouts: call.timeouts ?? defaultTimeouts,
    });
    const text = JSON.stringify(whole.json.choices ?? "");
    const budget = createBudget(begun.model.id, begun.held.maxCompletionTokens);
    budget.add(whole.usage === null ? text : "");
    await settle(begun, { outcome: "done", usage: whole.usage, budget, text, firstTokenMs: null });
    return { ...whole.json, model: begun.model.id };
  } catch (error) {
    await fail(begun, error);
    throw error;
  }
}

/**
 * Answers a request of the public API as a stream: the upstream's own bytes, event by event, at the client's pace.
 * @throws as `completeForApi`, before the first byte; later failures are an event in the stream
 */
export async function streamForApi(call: ApiCall): Promise<AsyncGenerator<Uint8Array, void, undefined>> {
  const begun = await begin(call);
  try {
    const stream = await openChatStream({
      targets: targetsOf(begun.model),
      body: begun.body,
      signal: call.signal,
      timeouts: call.timeouts ?? defaultTimeouts,
      stripUsage: call.request.stream_options?.include_usage !== true,
    });
    return passOn(begun, stream);
  } catch (error) {
    await fail(begun, error);
    throw error;
  }
}

async function begin(call: ApiCall): Promise<Begun> {
  const { request } = call;
  const model = modelFor(request.model, "chat");
  const promptTokens = countRequest(model.id, request);
  const room = model.contextWindow - promptTokens;
  if (room < 1) throw new AppError("context_too_long");
  const asked = request.max_completion_tokens ?? request.max_tokens ?? model.maxOutputTokens;
  const answers = request.n ?? 1;
  const each = Math.min(asked, model.maxOutputTokens, room);
  const tokens = { prompt: promptTokens, maxOutput: each * answers };
  const held = await holdForRequest(call.caller, model, tokens, call.headers, now());
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

/** The bytes of the answer; however it ends (also by the reader leaving), it is settled once. */
async function* passOn(begun: Begun, stream: ChatStream): AsyncGenerator<Uint8Array, void, undefined> {
  const budget = createBudget(begun.model.id, begun.held.maxCompletionTokens);
  const seen: Seen = { usage: null, text: "", firstTokenMs: null, outcome: "stopped", error: null };
  try {
    for (let delta = await stream.read(); delta !== null; delta = await stream.read()) {
      note(begun, seen, delta);
      const over = budget.add(delta.text + delta.otherText);
      // Clients leave once they were told that nothing follows; that is no leaving in the middle.
      if (delta.done) seen.outcome = "done";
      for (const bytes of delta.bytes) yield bytes;
      if (!over) continue;
      seen.outcome = begun.held.clamped ? "out_of_credit" : "done";
      yield encode(lengthReached(begun.model.id));
      return;
    }
    seen.outcome = "done";
  } catch (error) {
    if (begun.call.signal.aborted) return;
    seen.outcome = "failed";
    seen.error = toPublicError(error);
    yield encode(
      `data: ${JSON.stringify({ error: { message: seen.error.message, type: "server_error", code: seen.error.code } })}\n\n`,
    );
  } finally {
    stream.close();
    await settle(begun, { ...seen, budget }).catch((error) =>
      log.error(
        { err: error, requestId: begun.call.requestId },
        "A request could not be settled; the sweeper will",
      ),
    );
  }
}

type Seen = {
  usage: TokenUsage | null;
  text: string;
  firstTokenMs: number | null;
  outcome: RequestEnding["outcome"];
  error: AppError | null;
};

function note(
  begun: Begun,
  seen: Seen,
  delta: { usage: TokenUsage | null; text: string; otherText: string },
): void {
  seen.usage = delta.usage ?? seen.usage;
  if (delta.text === "" && delta.otherText === "") return;
  if (contentAllowed()) seen.text += delta.text;
  if (seen.firstTokenMs !== null) return;
  seen.firstTokenMs = Math.round(performance.now() - begun.startedAtMs);
  metrics.firstTokenSeconds.observe({ model: begun.model.id }, seen.firstTokenMs / 1_000);
}

/** What a model that kept to its limit would have sent last. */
function lengthReached(model: string): string {
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
  outcome: RequestEnding["outcome"];
  usage: TokenUsage | null;
  budget: Budget;
  text: string;
  firstTokenMs: number | null;
  error?: AppError | null;
};

async function settle(begun: Begun, { budget, ...seen }: Settlement): Promise<void> {
  const received = budget.receivedTokens();
  const counted = { promptTokens: begun.promptTokens, cachedTokens: 0, completionTokens: received };
  const nothing = seen.usage === null && received === 0;
  const keep = contentAllowed();
  await endRequest(
    begun.held,
    {
      purpose: "api",
      upstream: begun.model.upstream,
      outcome: seen.outcome,
      errorCode: seen.error?.code ?? null,
      usage: nothing ? null : (seen.usage ?? counted),
      estimated: seen.usage === null,
      firstTokenMs: seen.firstTokenMs,
      durationMs: Math.round(performance.now() - begun.startedAtMs),
      requestId: begun.call.requestId,
      prompt: keep?.(JSON.stringify(begun.call.request.messages)) ?? null,
      answer: keep?.(seen.text) ?? null,
    },
    now(),
  );
}

/** A request that failed before its first byte costs nothing. */
async function fail(begun: Begun, thrown: unknown): Promise<void> {
  const budget = createBudget(begun.model.id, 1);
  const stopped = begun.call.signal.aborted;
  const error = stopped ? null : toPublicError(thrown);
  const outcome = stopped ? "stopped" : "failed";
  await settle(begun, { outcome, usage: null, budget, text: "", firstTokenMs: null, error });
}
