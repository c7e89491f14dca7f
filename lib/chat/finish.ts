import { sql } from "drizzle-orm";
import type { Tx } from "#db/client.ts";
import { contentAllowed } from "#lib/chat/kept-content.ts";
import type { AnswerKey, EndEvent } from "#lib/chat/live-answer.ts";
import type { ChatRuntime } from "#lib/chat/runtime.ts";
import { type Outcome, type Receipt, streamEventSchema } from "#lib/chat/stream-events.ts";
import { wakeChannel, wakeMessages } from "#lib/chat/wake-bus.ts";
import type { TokenUsage } from "#lib/gateways/chat-chunks.ts";
import { now } from "#lib/ground/clock.ts";
import type { AppError } from "#lib/ground/errors.ts";
import { log } from "#lib/ground/log.ts";
import { releaseHold, settleHold } from "#lib/usage/holds.ts";

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
      const end = await runtime.db().transaction((tx) => finishOnce(tx, runtime, key, ending));
      return end ?? (await readEnd(runtime, key.generationId));
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

async function finishOnce(
  tx: Tx,
  runtime: ChatRuntime,
  key: AnswerKey,
  ending: Ending,
): Promise<EndEvent | null> {
  const at = now();
  const rows = await tx.execute<{ holdId: string }>(sql`
    update generations set status = ${ending.outcome}, ended_at = ${at.toISOString()},
      error_code = ${ending.error?.code ?? null}
    where id = ${key.generationId} and status = 'running' returning hold_id as "holdId"`);
  const holdId = rows[0]?.holdId;
  if (holdId === undefined) return null;
  const { receipt, availableMicros } = await endHold(tx, key, holdId, ending, at);
  const error = ending.error === null ? null : { code: ending.error.code, message: ending.error.message };
  const end: EndEvent = { type: "end", outcome: ending.outcome, receipt, error, availableMicros };
  await writeEnd(tx, runtime, key, ending, end, at);
  return end;
}

/** Charges what was received; an answer without a token costs nothing (M6). */
async function endHold(
  tx: Tx,
  key: AnswerKey,
  holdId: string,
  ending: Ending,
  at: Date,
): Promise<{ receipt: Receipt | null; availableMicros: number | null }> {
  const keep = contentAllowed();
  const interaction = {
    userId: key.userId,
    purpose: "chat" as const,
    upstream: ending.upstream,
    firstTokenMs: ending.firstTokenMs,
    durationMs: ending.durationMs,
    outcome: ending.outcome,
    errorCode: ending.error?.code ?? null,
    requestId: ending.requestId,
    prompt: keep?.(ending.prompt.map((message) => message.content).join("\n\n")) ?? null,
    answer: keep?.(ending.text) ?? null,
  };
  if (ending.text === "") {
    await releaseHold(tx, key.workspaceId, holdId, { at, interaction });
    return { receipt: null, availableMicros: null };
  }
  const estimated = ending.usage === null;
  const usage = ending.usage ?? {
    promptTokens: ending.promptTokens,
    cachedTokens: 0,
    completionTokens: ending.countedTokens,
  };
  const settled = await settleHold(tx, key.workspaceId, holdId, {
    usage,
    estimated,
    at,
    apiKeyId: null,
    interaction,
  });
  const receipt: Receipt = {
    model: ending.model,
    promptTokens: usage.promptTokens,
    completionTokens: usage.completionTokens,
    chargedMicros: settled.chargedMicros,
    estimated,
    firstTokenMs: ending.firstTokenMs,
    durationMs: ending.durationMs,
  };
  return { receipt, availableMicros: settled.availableMicros };
}

/** The final message, the receipt's fields, and the end of the log with whatever text is not in it yet. */
async function writeEnd(
  tx: Tx,
  runtime: ChatRuntime,
  key: AnswerKey,
  ending: Ending,
  end: EndEvent,
  at: Date,
): Promise<void> {
  const { text, loggedLength } = ending;
  const when = at.toISOString();
  // Usage counts what nobody sees, too; the next prompt only carries the text.
  const textTokens = Math.max(
    0,
    (ending.usage?.completionTokens ?? ending.countedTokens) - (ending.usage?.reasoningTokens ?? 0),
  );
  const messages = wakeMessages("written", runtime.instanceId, [key.generationId]);
  await tx.execute(sql`
    with answer as (
      update messages set content = ${text}, tokens = ${textTokens}, status = ${ending.outcome}, model = ${ending.model},
        parts = jsonb_build_array(jsonb_build_object('type', 'text', 'text', ${text}::text))
      where id = ${key.messageId}
    ), talk as (
      update conversations set updated_at = ${when}::timestamptz where id = ${key.conversationId}
    ), ended as (
      update generations set model = ${ending.model}, estimated = ${end.receipt?.estimated ?? false},
        prompt_tokens = coalesce(${end.receipt?.promptTokens ?? null}::int, prompt_tokens),
        completion_tokens = ${end.receipt?.completionTokens ?? null}::int,
        charged_micros = ${end.receipt?.chargedMicros ?? null}::bigint, first_token_ms = ${ending.firstTokenMs}::int
      where id = ${key.generationId}
    ), tail as (
      insert into generation_events (generation_id, seq, event, at)
      select ${key.generationId}::uuid, ${text.length}::int,
        jsonb_build_object('type', 'text', 'text', ${text.slice(loggedLength)}::text), ${when}::timestamptz
      where ${text.length > loggedLength}
      on conflict do nothing
    ), last as (
      insert into generation_events (generation_id, seq, event, at)
      values (${key.generationId}::uuid, ${text.length + 1}::int, ${JSON.stringify(end)}::jsonb, ${when}::timestamptz)
    )
    select pg_notify(${wakeChannel}, ${messages[0] ?? ""})`);
}

/** The end as it stands in the database. */
async function readEnd(runtime: ChatRuntime, generationId: string): Promise<EndEvent> {
  const [row] = await runtime.sql()<{ event: unknown }[]>`
    select event from generation_events where generation_id = ${generationId} and event ->> 'type' = 'end'`;
  const end = streamEventSchema.safeParse(row?.event).data;
  if (end?.type === "end") return end;
  return { type: "end", outcome: "interrupted", receipt: null, error: null, availableMicros: null };
}
