import { z } from "zod";
import { contentAllowed } from "#lib/chat/kept-content.ts";
import type { AnswerKey, EndEvent } from "#lib/chat/live-answer.ts";
import { company, perRuntime } from "#lib/chat/per-runtime.ts";
import type { ChatRuntime } from "#lib/chat/runtime.ts";
import { endEventSchema, type Outcome, type Receipt } from "#lib/chat/stream-events.ts";
import { wakeChannel, wakeMessages } from "#lib/chat/wake-bus.ts";
import { now } from "#lib/core/clock.ts";
import type { AppError } from "#lib/core/errors.ts";
import { alone, groupCommit } from "#lib/core/group-commit.ts";
import { log } from "#lib/core/log.ts";
import type { TokenUsage } from "#lib/gateways/chat-chunks.ts";
import type { Tokens } from "#lib/usage/charge.ts";
import { emptyCall, type Interaction } from "#lib/usage/interactions.ts";
import { countSettled, settledCall, settledSchema } from "#lib/usage/settle-hold.ts";

/** Everything that is known of an answer when it ends. */
export type Ending = {
  outcome: Outcome;
  error: AppError | null;
  /** The model that answered, and its upstream. */
  model: string;
  upstream: string;
  /** What the upstream says was used; null where it said nothing. */
  usage: TokenUsage | null;
  /** What was received, by the model's own tokenizer. */
  countedTokens: number;
  promptTokens: number;
  text: string;
  /** How much of the text is in the log already. */
  loggedLength: number;
  firstTokenMs: number | null;
  durationMs: number;
  requestId: string | null;
  prompt: { content: string }[];
};

const attempts = 5;
const firstPauseMs = 200;

/**
 * Ends a generation exactly once: text, receipt, credit and the log's last event in one transaction, guarded by
 * `status = 'running'`. Where somebody else was quicker, what they wrote is returned and nothing changes.
 */
export async function finishGeneration(
  runtime: ChatRuntime,
  key: AnswerKey,
  ending: Ending,
): Promise<EndEvent> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await finishOnce(runtime, key, ending)) ?? (await readEnd(runtime, key.generationId));
    } catch (error) {
      if (attempt === attempts) throw error;
      log.warn(
        { err: error, generationId: key.generationId, attempt },
        "An answer could not be finalised yet",
      );
      await new Promise((resolve) => setTimeout(resolve, firstPauseMs * 2 ** attempt));
    }
  }
}

/** Null where somebody else was quicker. */
const endedSchema = z.object({ end: endEventSchema, settled: settledSchema.nullable() }).nullable();
const endingsSchema = z.array(z.union([z.literal("busy"), endedSchema]));
type Ended = z.infer<typeof endedSchema>;

async function finishOnce(runtime: ChatRuntime, key: AnswerKey, ending: Ending): Promise<EndEvent | null> {
  const ended = await finishing(runtime)({ key, ending });
  if (ended?.settled) countSettled(ended.settled, usageOf(ending));
  return ended?.end ?? null;
}

type Finished = { key: AnswerKey; ending: Ending };

const finishing = perRuntime((runtime) =>
  groupCommit((finished: Finished[]) => finishTogether(runtime, finished), {
    ...company.ending,
    keyOf: ({ key }) => key.workspaceId,
  }),
);

/** One statement, which is one transaction, for all that end at the same time: the SQL function `end_generations`. */
async function finishTogether(runtime: ChatRuntime, finished: Finished[]): Promise<(Ended | typeof alone)[]> {
  const at = now();
  const wishes = finished.map(({ key, ending }) => wishOf(key, ending, at));
  const ids = finished.map(({ key }) => key.generationId);
  const [row] = await runtime.sql()<{ endings: unknown }[]>`
    with told as materialized (
      select pg_notify(${wakeChannel}, message)
      from unnest(${wakeMessages("written", runtime.instanceId, ids)}::text[]) as message
    )
    select end_generations(${JSON.stringify(wishes)}::text::jsonb, ${at.toISOString()}) as endings
    from (select count(*) from told) as told`;
  return endingsSchema.parse(row?.endings).map((ended) => (ended === "busy" ? alone : ended));
}

/** What the SQL function is given: the final message, the receipt's fields, and what is not in the log yet. */
function wishOf(key: AnswerKey, ending: Ending, at: Date) {
  const { text, outcome, error } = ending;
  return {
    ...key,
    outcome,
    error: error === null ? null : { code: error.code, message: error.message },
    model: ending.model,
    firstTokenMs: ending.firstTokenMs,
    text,
    length: text.length,
    rest: text.slice(ending.loggedLength),
    textTokens: textTokensOf(ending),
    // An answer without a token costs nothing (M6).
    receipt: text === "" ? null : receiptOf(ending),
    call: callOf(key, ending, at),
  };
}

/** By the upstream's count, or our own where it gave none (M6). */
function usageOf({ usage, promptTokens, countedTokens }: Ending): Tokens {
  return usage ?? { promptTokens, cachedTokens: 0, completionTokens: countedTokens };
}

/** Usage counts what nobody sees, too; the next prompt only carries the text. */
function textTokensOf({ usage, countedTokens }: Ending): number {
  return Math.max(0, (usage?.completionTokens ?? countedTokens) - (usage?.reasoningTokens ?? 0));
}

/** The receipt but for the charge, which the settlement comes to. */
function receiptOf(ending: Ending): Omit<Receipt, "chargedMicros"> {
  const { promptTokens, completionTokens } = usageOf(ending);
  const { model, firstTokenMs, durationMs } = ending;
  return {
    model,
    promptTokens,
    completionTokens,
    estimated: ending.usage === null,
    firstTokenMs,
    durationMs,
  };
}

/** What the log of requests keeps of the call. */
function callOf(key: AnswerKey, ending: Ending, at: Date) {
  const keep = contentAllowed();
  const interaction: Interaction = {
    userId: key.userId,
    purpose: "chat",
    upstream: ending.upstream,
    firstTokenMs: ending.firstTokenMs,
    durationMs: ending.durationMs,
    outcome: ending.outcome,
    errorCode: ending.error?.code ?? null,
    requestId: ending.requestId,
    prompt: keep?.(ending.prompt.map((message) => message.content).join("\n\n")) ?? null,
    answer: keep?.(ending.text) ?? null,
  };
  if (ending.text === "") return emptyCall(interaction, at);
  const estimated = ending.usage === null;
  return settledCall({ interaction, usage: usageOf(ending), estimated, at, apiKeyId: null });
}

/** The end as it stands in the database. */
async function readEnd(runtime: ChatRuntime, generationId: string): Promise<EndEvent> {
  const [row] = await runtime.sql()<{ event: unknown }[]>`
    select event from generation_events where generation_id = ${generationId} and event ->> 'type' = 'end'`;
  const end = endEventSchema.safeParse(row?.event).data;
  return end ?? { type: "end", outcome: "interrupted", receipt: null, error: null, availableMicros: null };
}
