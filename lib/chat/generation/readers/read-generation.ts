import type { MessagePart } from "#db/schema/chat.ts";
import type { SessionClaims } from "#lib/accounts/sessions.ts";
import { eventsAfter, thoughtMsOf, toEvents } from "#lib/chat/generation/answer-content.ts";
import type { LiveAnswer } from "#lib/chat/generation/live-answer.ts";
import { replayFrom } from "#lib/chat/generation/readers/replay.ts";
import { createWaiter } from "#lib/chat/generation/readers/waiter.ts";
import { receiptSql } from "#lib/chat/generation/receipt-sql.ts";
import { type ChatRuntime, chatRuntime } from "#lib/chat/generation/runtime.ts";
import { type NumberedEvent, type Outcome, receiptSchema } from "#lib/chat/generation/stream-events.ts";
import { temporaryLogMs } from "#lib/chat/generation/temporary-log.ts";
import { findTitle } from "#lib/chat/generation/titles.ts";
import { now } from "#lib/core/clock.ts";
import { AppError, type ErrorCode, isErrorCode, notFound } from "#lib/core/errors.ts";

/** The events of a generation in order, with heartbeats in between. */
export type Reading = AsyncGenerator<NumberedEvent | "heartbeat", void, undefined>;

/**
 * Reads a generation from a position to its end, on whichever instance it runs: thinking and text exactly
 * once and without gaps, then the end event. A generation that has ended is returned at once.
 * @param afterLength the length of what the reader has, thinking and text, in UTF-16 units
 * @param signal ends the reading (the reader left); the generation continues
 * @throws AppError unauthenticated, not_found (also for another user's generation), before the first event
 */
export async function readGeneration(
  claims: SessionClaims,
  generationId: string,
  afterLength: number,
  signal: AbortSignal,
  runtime: ChatRuntime = chatRuntime(),
): Promise<Reading> {
  const { conversationId } = await findGeneration(runtime, claims, generationId);
  const live = runtime.running.get(generationId)?.answer;
  if (live !== undefined) return readLive(runtime, live, afterLength, signal);
  return readLog(runtime, { generationId, conversationId }, afterLength, signal);
}

async function findGeneration(
  runtime: ChatRuntime,
  claims: SessionClaims,
  generationId: string,
): Promise<{ conversationId: string }> {
  const [row] = await runtime.sql()<{ signedIn: boolean; conversationId: string | null }[]>`
    select s.id is not null as "signedIn", g.conversation_id as "conversationId"
    from (values (1)) as one
    left join sessions s on s.id = ${claims.sessionId} and s.user_id = ${claims.userId}
      and s.revoked_at is null and s.expires_at > ${now().toISOString()}
    left join generations g on g.id = ${generationId} and g.user_id = s.user_id
      and (g.message_id is not null or g.ended_at is null
        or g.ended_at > ${new Date(now().getTime() - temporaryLogMs).toISOString()})`;
  if (row?.signedIn !== true) throw new AppError("unauthenticated");
  // Also when the text of a temporary chat is deleted.
  if (row.conversationId === null) throw notFound("answer");
  return { conversationId: row.conversationId };
}

/** Reads a generation that runs in this process: from memory, without a query. */
export async function* readLive(
  runtime: ChatRuntime,
  answer: LiveAnswer,
  afterLength: number,
  signal: AbortSignal,
): Reading {
  const waiter = createWaiter(signal, runtime.timings.readerHeartbeatMs);
  let position = afterLength;
  let title: string | null = null;
  try {
    while (!signal.aborted) {
      const next = answer.after(position, title);
      if (next === undefined) {
        const result = await waiter.wait((wake) => answer.onChange(wake));
        if (result === "timeout") yield "heartbeat";
        continue;
      }
      position = next.id;
      if (next.event.type === "title") title = next.event.title;
      yield next;
      if (next.event.type === "end") return;
    }
  } finally {
    waiter.stop();
  }
}

/** Reads a generation from the log, which another process writes or which is complete. */
async function* readLog(
  runtime: ChatRuntime,
  key: { generationId: string; conversationId: string },
  afterLength: number,
  signal: AbortSignal,
): Reading {
  const waiter = createWaiter(signal, runtime.timings.pollMs);
  const changes = watchChanges(runtime, key);
  let position = afterLength;
  let silentMs = 0;
  try {
    while (!signal.aborted) {
      changes.reset();
      const titles = changes.takeTitleChange() ? await readTitle(runtime, key.conversationId, position) : [];
      const batch = [...titles, ...(await readNext(runtime, key.generationId, position))];
      for (const numbered of batch) {
        position = numbered.id;
        silentMs = 0;
        yield numbered;
        if (numbered.event.type === "end") return;
      }
      if (batch.length > 0) continue;
      const result = await waiter.wait(changes.onChange);
      silentMs += result === "timeout" ? runtime.timings.pollMs : 0;
      if (silentMs < runtime.timings.readerHeartbeatMs) continue;
      silentMs = 0;
      yield "heartbeat";
    }
  } finally {
    waiter.stop();
    changes.stop();
  }
}

async function readTitle(
  runtime: ChatRuntime,
  conversationId: string,
  position: number,
): Promise<NumberedEvent[]> {
  const title = await findTitle(runtime, conversationId);
  return title === undefined ? [] : [{ id: position, event: { type: "title", title } }];
}

const maxRows = 500;

async function readNext(
  runtime: ChatRuntime,
  generationId: string,
  position: number,
): Promise<NumberedEvent[]> {
  const rows = await runtime.sql()<{ seq: number; event: unknown }[]>`
    select seq, event from generation_events where generation_id = ${generationId} and seq > ${position}
    order by seq limit ${maxRows}`;
  const events = replayFrom(rows, position);
  return events.length > 0 ? events : readFinalized(runtime, generationId, position);
}

/** Reads content and end from the message and the generation, because the log is deleted after a day. */
async function readFinalized(
  runtime: ChatRuntime,
  generationId: string,
  position: number,
): Promise<NumberedEvent[]> {
  const [row] = await runtime.sql()<FinalizedRow[]>`
    select coalesce(m.parts, '[]') as parts, g.status as outcome, g.error_code as "errorCode",
      ${runtime.sql().unsafe(receiptSql)} as receipt
    from generations g left join messages m on m.id = g.message_id
    where g.id = ${generationId} and g.status <> 'running'`;
  if (row === undefined) return [];
  const code: ErrorCode | null = isErrorCode(row.errorCode) ? row.errorCode : null;
  const receipt = receiptSchema.nullable().parse(row.receipt);
  // The messages of the error table say that nothing was charged, which is only true when nothing was
  // received.
  const message = receipt === null && code !== null ? new AppError(code).message : "The answer broke off.";
  const error = code === null ? null : { code, message };
  const content = toEvents(row.parts);
  const id = Math.max(position, content.at(-1)?.id ?? 0);
  const thoughtMs = thoughtMsOf(content);
  const end: NumberedEvent = {
    id,
    event: { type: "end", outcome: row.outcome, receipt, error, availableMicros: null, thoughtMs },
  };
  return [...eventsAfter(content, position), end];
}

type FinalizedRow = { parts: MessagePart[]; outcome: Outcome; errorCode: string | null; receipt: unknown };

/** Subscribes to changes of a generation. A change that comes while the reader is busy is remembered. */
function watchChanges(runtime: ChatRuntime, key: { generationId: string; conversationId: string }) {
  let changed = false;
  let titleChanged = false;
  let wake: (() => void) | undefined;
  const onWritten = () => {
    changed = true;
    wake?.();
  };
  const subscriptions = [
    runtime.wake.on("written", key.generationId, onWritten),
    runtime.wake.on("title", key.conversationId, () => {
      titleChanged = true;
      onWritten();
    }),
  ];
  return {
    stop: () => {
      for (const unsubscribe of subscriptions) unsubscribe();
    },
    reset: () => {
      changed = false;
    },
    takeTitleChange: () => {
      const taken = titleChanged;
      titleChanged = false;
      return taken;
    },
    onChange: (listener: () => void) => {
      if (changed) queueMicrotask(listener);
      else wake = listener;
      return () => {
        wake = undefined;
      };
    },
  };
}
