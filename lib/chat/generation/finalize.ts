import { z } from "zod";
import { contentRedactor } from "#lib/chat/generation/content-retention.ts";
import type { EndEvent, GenerationKey } from "#lib/chat/generation/live-answer.ts";
import { batching, perRuntime } from "#lib/chat/generation/per-runtime.ts";
import { wakeChannel, wakeMessages } from "#lib/chat/generation/readers/wake-bus.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import { endEventSchema, type Outcome, type Receipt } from "#lib/chat/generation/stream-events.ts";
import { now } from "#lib/core/clock.ts";
import type { AppError } from "#lib/core/errors.ts";
import { groupCommit, retryAlone } from "#lib/core/group-commit.ts";
import { log } from "#lib/core/log.ts";
import type { TokenUsage } from "#lib/gateways/openai/chunk-reader.ts";
import type { HoldRates, Tokens } from "#lib/usage/charge.ts";
import { emptyCall, type Interaction } from "#lib/usage/interactions.ts";
import { chargeAndCost, countSettled, settledSchema, toSettledCall } from "#lib/usage/settle-hold.ts";

/** Everything that is known about a generation when it ends. */
export type GenerationEnd = {
  outcome: Outcome;
  error: AppError | null;
  /** The model that answered, and its upstream. */
  model: string;
  upstream: string;
  /** The rates of the hold (M6). */
  rates: HoldRates;
  /** The usage that the upstream reported; null when it reported none. */
  usage: TokenUsage | null;
  /** The received tokens, counted with the model's tokenizer; used only when `usage` is null. */
  countedTokens: number;
  promptTokens: number;
  text: string;
  /** The length of the text that is in the log already. */
  loggedLength: number;
  firstTokenMs: number | null;
  durationMs: number;
  requestId: string | null;
  prompt: { content: string }[];
};

const maxAttempts = 5;
const firstPauseMs = 200;

/**
 * Finalizes a generation exactly once: text, receipt, credit and the log's last event in one transaction,
 * guarded by `status = 'running'`. If another process finalized it first, nothing changes and that end event
 * is returned.
 */
export async function finalizeGeneration(
  runtime: ChatRuntime,
  key: GenerationKey,
  end: GenerationEnd,
): Promise<EndEvent> {
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await finalizer(runtime)({ key, end });
      if (result?.settled) countSettled(result.settled, toUsage(end));
      return result?.end ?? (await readEnd(runtime, key.generationId));
    } catch (error) {
      if (attempt === maxAttempts) throw error;
      log.warn({ err: error, generationId: key.generationId, attempt }, "A generation was not finalized yet");
      await new Promise((resolve) => setTimeout(resolve, firstPauseMs * 2 ** attempt));
    }
  }
}

/** Null when another process finalized the generation first. */
const resultSchema = z.object({ end: endEventSchema, settled: settledSchema.nullable() }).nullable();
const resultsSchema = z.array(z.union([z.literal("busy"), resultSchema]));
type FinalizeResult = z.infer<typeof resultSchema>;
type FinalizeRequest = { key: GenerationKey; end: GenerationEnd };

const finalizer = perRuntime((runtime) =>
  groupCommit((requests: FinalizeRequest[]) => finalizeBatch(runtime, requests), {
    ...batching.finalize,
    keyOf: ({ key }) => key.workspaceId,
  }),
);

/** Finalizes a batch in one transaction with the SQL function `finalize_generations`. */
async function finalizeBatch(
  runtime: ChatRuntime,
  requests: FinalizeRequest[],
): Promise<(FinalizeResult | typeof retryAlone)[]> {
  const at = now();
  const payloads = requests.map(({ key, end }) => toPayload(key, end, at));
  const ids = requests.map(({ key }) => key.generationId);
  const [row] = await runtime.sql()<{ results: unknown }[]>`
    with notified as materialized (
      select pg_notify(${wakeChannel}, message)
      from unnest(${wakeMessages("written", runtime.instanceId, ids)}::text[]) as message
    )
    select finalize_generations(${JSON.stringify(payloads)}::text::jsonb, ${at.toISOString()}) as results
    from (select count(*) from notified) as notified`;
  return resultsSchema.parse(row?.results).map((result) => (result === "busy" ? retryAlone : result));
}

/** The fields of a request of `finalize_generations`. */
function toPayload(key: GenerationKey, end: GenerationEnd, at: Date) {
  const { text, error } = end;
  // An answer without a token costs nothing (M6).
  const isPaid = text !== "";
  const { charge, cost } = chargeAndCost(end.rates, toUsage(end));
  return {
    generationId: key.generationId,
    messageId: key.messageId,
    outcome: end.outcome,
    error: error === null ? null : { code: error.code, message: error.message },
    model: end.model,
    firstTokenMs: end.firstTokenMs,
    text,
    length: text.length,
    unloggedText: text.slice(end.loggedLength),
    textTokens: textTokens(end),
    receipt: isPaid ? toReceipt(end) : null,
    chargeMicros: isPaid ? charge : null,
    costMicros: isPaid ? cost : null,
    call: toCall(key, end, at),
  };
}

/** The usage that the upstream reported, or our own count (M6). */
function toUsage({ usage, promptTokens, countedTokens }: GenerationEnd): Tokens {
  return usage ?? { promptTokens, cachedTokens: 0, completionTokens: countedTokens };
}

/** The tokens of the visible text. Usage includes reasoning, which later prompts do not contain. */
function textTokens({ usage, countedTokens }: GenerationEnd): number {
  return Math.max(0, (usage?.completionTokens ?? countedTokens) - (usage?.reasoningTokens ?? 0));
}

/** The receipt without the charge, which the settlement adds. */
function toReceipt(end: GenerationEnd): Omit<Receipt, "chargedMicros"> {
  const { promptTokens, completionTokens } = toUsage(end);
  const { model, firstTokenMs, durationMs } = end;
  const estimated = end.usage === null;
  return { model, promptTokens, completionTokens, estimated, firstTokenMs, durationMs };
}

/** The entry of the request log. */
function toCall(key: GenerationKey, end: GenerationEnd, at: Date) {
  const redact = contentRedactor();
  const interaction: Interaction = {
    userId: key.userId,
    purpose: "chat",
    upstream: end.upstream,
    firstTokenMs: end.firstTokenMs,
    durationMs: end.durationMs,
    outcome: end.outcome,
    errorCode: end.error?.code ?? null,
    requestId: end.requestId,
    prompt: redact?.(end.prompt.map((message) => message.content).join("\n\n")) ?? null,
    answer: redact?.(end.text) ?? null,
  };
  if (end.text === "") return emptyCall(interaction, at);
  const estimated = end.usage === null;
  return toSettledCall({ interaction, usage: toUsage(end), estimated, at, apiKeyId: null });
}

/** Reads the end event that another process wrote. */
async function readEnd(runtime: ChatRuntime, generationId: string): Promise<EndEvent> {
  const [row] = await runtime.sql()<{ event: unknown }[]>`
    select event from generation_events where generation_id = ${generationId} and event ->> 'type' = 'end'`;
  const end = endEventSchema.safeParse(row?.event).data;
  return end ?? { type: "end", outcome: "interrupted", receipt: null, error: null, availableMicros: null };
}
