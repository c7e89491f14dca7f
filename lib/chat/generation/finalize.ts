import { z } from "zod";
import {
  type ContentEvent,
  reasoningOf,
  textOf,
  thoughtMsOf,
  toParts,
} from "#lib/chat/generation/answer-content.ts";
import { contentRedactor } from "#lib/chat/generation/content-retention.ts";
import type { GenerationKey } from "#lib/chat/generation/live-answer.ts";
import { batching, perRuntime } from "#lib/chat/generation/per-runtime.ts";
import { wakeChannel, wakeMessages } from "#lib/chat/generation/readers/wake-bus.ts";
import type { ChatRuntime } from "#lib/chat/generation/runtime.ts";
import {
  type EndEvent,
  endEventSchema,
  type Outcome,
  type Receipt,
} from "#lib/chat/generation/stream-events.ts";
import { now } from "#lib/core/clock.ts";
import type { AppError } from "#lib/core/errors.ts";
import { groupCommit, retryAlone } from "#lib/core/group-commit.ts";
import { log } from "#lib/core/log.ts";
import { traced } from "#lib/core/observability/tracing.ts";
import type { BelievedUsage } from "#lib/usage/believed-usage.ts";
import type { HoldRates, Tokens } from "#lib/usage/charge.ts";
import { ownUsageFields } from "#lib/usage/holds.ts";
import { emptyCall, type Interaction } from "#lib/usage/interactions.ts";
import { chargeAndCost, countSettled, settledSchema, toSettledCall } from "#lib/usage/settle-hold.ts";
import { countTextInTimeSlices } from "#lib/usage/tokens.ts";

/** Everything that is known about a generation when it ends. */
export type GenerationEnd = {
  outcome: Outcome;
  error: AppError | null;
  /** The model that answered, and its upstream. */
  model: string;
  upstream: string;
  /** The rates of the hold (M6). */
  rates: HoldRates;
  /** The usage to charge; null when the answer costs nothing (M6). */
  usage: BelievedUsage | null;
  /** What was used of the model although the answer costs nothing; we pay it. */
  ownUsage?: Tokens | undefined;
  /** Thinking and text. */
  content: ContentEvent[];
  /** The content that is not in the log yet. */
  unlogged: ContentEvent[];
  /** Whether the model needs its thinking in later prompts, whose tokens are stored then. */
  sendsReasoningBack: boolean;
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
export const finalizeGeneration = traced(
  "chat.finalizeGeneration",
  async (runtime: ChatRuntime, key: GenerationKey, end: GenerationEnd): Promise<EndEvent> => {
    const tokens = await countContent(end);
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await finalizer(runtime)({ key, end, tokens });
        if (result?.settled && end.usage !== null) countSettled(result.settled, end.usage);
        return result?.end ?? (await readEnd(runtime, key.generationId));
      } catch (error) {
        if (attempt === maxAttempts) throw error;
        log.warn(
          { err: error, generationId: key.generationId, attempt },
          "A generation was not finalized yet",
        );
        await new Promise((resolve) => setTimeout(resolve, firstPauseMs * 2 ** attempt));
      }
    }
  },
);

/** Null when another process finalized the generation first. */
const resultSchema = z.object({ end: endEventSchema, settled: settledSchema.nullable() }).nullable();
const resultsSchema = z.array(z.union([z.literal("busy"), resultSchema]));
type FinalizeResult = z.infer<typeof resultSchema>;
type FinalizeRequest = { key: GenerationKey; end: GenerationEnd; tokens: ContentTokens };

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
  const payloads = requests.map((request) => toPayload(request, at));
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
function toPayload({ key, end, tokens }: FinalizeRequest, at: Date) {
  const { content, error, usage } = end;
  const charged = usage === null ? null : chargeAndCost(end.rates, usage);
  const isStored = key.messageId !== null;
  return {
    generationId: key.generationId,
    messageId: key.messageId,
    outcome: end.outcome,
    error: error === null ? null : { code: error.code, message: error.message },
    model: end.model,
    firstTokenMs: end.firstTokenMs,
    text: isStored ? textOf(content) : "",
    parts: isStored ? toParts(content, end.sendsReasoningBack ? tokens.reasoning : null) : [],
    length: content.at(-1)?.id ?? 0,
    unlogged: end.unlogged.map(({ id, event }) => ({ seq: id, event })),
    textTokens: tokens.text,
    thoughtMs: thoughtMsOf(content),
    receipt: usage === null ? null : toReceipt(end, usage, tokens),
    chargeMicros: charged?.charge ?? null,
    costMicros: charged?.cost ?? null,
    call: toCall(key, end, at),
  };
}

/** The tokens of the text and of the thinking, which later prompts contain or leave out. */
type ContentTokens = { text: number; reasoning: number };

/**
 * Derives the tokens from the usage where the upstream counted thinking apart, and counts them otherwise. The
 * text of an answer that costs nothing is in later prompts too.
 */
async function countContent({ usage, content, model }: GenerationEnd): Promise<ContentTokens> {
  const reasoning = reasoningOf(content);
  if (usage !== null && (reasoning === "" || usage.reasoningTokens > 0))
    return { text: usage.completionTokens - usage.reasoningTokens, reasoning: usage.reasoningTokens };
  return {
    text: await countTextInTimeSlices(model, textOf(content)),
    reasoning: await countTextInTimeSlices(model, reasoning),
  };
}

/** The receipt without the charge, which the settlement adds, and without what the generation's row says. */
function toReceipt(
  end: GenerationEnd,
  { promptTokens, cachedTokens, completionTokens, estimated }: BelievedUsage,
  tokens: ContentTokens,
): Omit<Receipt, "chargedMicros" | "firstMessageId"> {
  const { model, firstTokenMs, durationMs } = end;
  return {
    ...{ model, promptTokens, completionTokens, estimated, firstTokenMs, durationMs },
    // As parts they are never more than the whole, by whichever count.
    cachedTokens: Math.min(cachedTokens, promptTokens),
    reasoningTokens: Math.min(tokens.reasoning, completionTokens),
  };
}

/** The entry of the request log; without text for a temporary chat, whatever LOG_CONTENT says. */
function toCall(key: GenerationKey, end: GenerationEnd, at: Date) {
  const redact = key.messageId === null ? undefined : contentRedactor();
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
    answer: redact?.(textOf(end.content)) ?? null,
  };
  if (end.usage === null) {
    const { ownUsage, rates } = end;
    return { ...emptyCall(interaction, at), ...(ownUsage && ownUsageFields({ usage: ownUsage, rates })) };
  }
  return toSettledCall({ interaction, usage: end.usage, estimated: end.usage.estimated, at, apiKeyId: null });
}

/** The end event of a generation whose result is not known. */
export function interruptedEnd(error: EndEvent["error"]): EndEvent {
  return { type: "end", outcome: "interrupted", receipt: null, error, availableMicros: null, thoughtMs: 0 };
}

/** Reads the end event that another process wrote. */
async function readEnd(runtime: ChatRuntime, generationId: string): Promise<EndEvent> {
  const [row] = await runtime.sql()<{ event: unknown }[]>`
    select event from generation_events where generation_id = ${generationId} and event ->> 'type' = 'end'`;
  const end = endEventSchema.safeParse(row?.event).data;
  return end ?? interruptedEnd(null);
}
