import type { Claims } from "#lib/accounts/sessions.ts";
import type { LiveAnswer, NumberedEvent } from "#lib/chat/live-answer.ts";
import { sliceLog } from "#lib/chat/log-slices.ts";
import { receiptText } from "#lib/chat/read-conversation.ts";
import { type ChatRuntime, chatRuntime } from "#lib/chat/runtime.ts";
import { type Outcome, receiptSchema } from "#lib/chat/stream-events.ts";
import { findTitle } from "#lib/chat/titles.ts";
import { now } from "#lib/core/clock.ts";
import { AppError, type ErrorCode, isErrorCode, notFound } from "#lib/core/errors.ts";

/** What a reader is given: events in order, and now and then a sign that the connection lives. */
export type Reading = AsyncGenerator<NumberedEvent | "heartbeat", void, undefined>;

/**
 * Follows an answer from a position on to its end, wherever it is made: text exactly once and without a gap, then the end.
 * An answer that ended long ago is given at once.
 * @param afterLength how much of the text the reader has, in UTF-16 units
 * @param signal ends the reading (the reader went away); the answer goes on
 * @throws AppError unauthenticated, not_found (also for somebody else's answer), before anything is given
 */
export async function readGeneration(
  claims: Claims,
  generationId: string,
  afterLength: number,
  signal: AbortSignal,
  runtime: ChatRuntime = chatRuntime(),
): Promise<Reading> {
  const known = await findGeneration(runtime, claims, generationId);
  const live = runtime.running.get(generationId)?.answer;
  if (live !== undefined) return readLive(runtime, live, afterLength, signal);
  return readLog(runtime, { generationId, conversationId: known.conversationId }, afterLength, signal);
}

async function findGeneration(
  runtime: ChatRuntime,
  claims: Claims,
  generationId: string,
): Promise<{ conversationId: string }> {
  const [row] = await runtime.sql()<{ signedIn: boolean; conversationId: string | null }[]>`
    select s.id is not null as "signedIn", g.conversation_id as "conversationId"
    from (values (1)) as one
    left join sessions s on s.id = ${claims.sessionId} and s.user_id = ${claims.userId}
      and s.revoked_at is null and s.expires_at > ${now().toISOString()}
    left join generations g on g.id = ${generationId} and g.user_id = s.user_id`;
  if (row?.signedIn !== true) throw new AppError("unauthenticated");
  if (row.conversationId === null) throw notFound("answer");
  return { conversationId: row.conversationId };
}

/** Follows an answer that this process makes: from memory, without a query. */
export async function* readLive(
  runtime: ChatRuntime,
  answer: LiveAnswer,
  afterLength: number,
  signal: AbortSignal,
): Reading {
  const bell = createBell(signal, runtime.timings.readerHeartbeatMs);
  let position = afterLength;
  let title: string | null = null;
  try {
    while (!signal.aborted) {
      const next = answer.after(position, title);
      if (next === undefined) {
        const rang = await bell.wait((wake) => answer.onChange(wake));
        if (rang === "silence") yield "heartbeat";
        continue;
      }
      position = next.id;
      if (next.event.type === "title") title = next.event.title;
      yield next;
      if (next.event.type === "end") return;
    }
  } finally {
    bell.stop();
  }
}

/** Follows the log that another process writes, or that is complete already. */
async function* readLog(
  runtime: ChatRuntime,
  key: { generationId: string; conversationId: string },
  afterLength: number,
  signal: AbortSignal,
): Reading {
  const bell = createBell(signal, runtime.timings.pollMs);
  const changes = watch(runtime, key);
  let position = afterLength;
  let silentMs = 0;
  try {
    while (!signal.aborted) {
      changes.seen();
      const titles = changes.takeTitled() ? await readTitle(runtime, key.conversationId, position) : [];
      const batch = [...titles, ...(await readOn(runtime, key.generationId, position))];
      for (const numbered of batch) {
        position = numbered.id;
        silentMs = 0;
        yield numbered;
        if (numbered.event.type === "end") return;
      }
      if (batch.length > 0) continue;
      const rang = await bell.wait(changes.onChange);
      silentMs += rang === "silence" ? runtime.timings.pollMs : 0;
      if (silentMs < runtime.timings.readerHeartbeatMs) continue;
      silentMs = 0;
      yield "heartbeat";
    }
  } finally {
    bell.stop();
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

const batchRows = 500;

async function readOn(
  runtime: ChatRuntime,
  generationId: string,
  position: number,
): Promise<NumberedEvent[]> {
  const rows = await runtime.sql()<{ seq: number; event: unknown }[]>`
    select seq, event from generation_events where generation_id = ${generationId} and seq > ${position}
    order by seq limit ${batchRows}`;
  const events = sliceLog(rows, position);
  return events.length > 0 ? events : readEnded(runtime, generationId, position);
}

/** The end from the rows that outlive the log: it is thinned out a day after. */
async function readEnded(
  runtime: ChatRuntime,
  generationId: string,
  position: number,
): Promise<NumberedEvent[]> {
  const [row] = await runtime.sql()<EndedRow[]>`
    select m.content as text, g.status as outcome, g.error_code as "errorCode", ${runtime.sql().unsafe(receiptText)} as receipt
    from generations g join messages m on m.id = g.message_id
    where g.id = ${generationId} and g.status <> 'running'`;
  if (row === undefined) return [];
  const code: ErrorCode | null = isErrorCode(row.errorCode) ? row.errorCode : null;
  const receipt = receiptSchema.nullable().parse(row.receipt);
  // The table's own sentences say that nothing was charged, which is true only where nothing came.
  const message = receipt === null && code !== null ? new AppError(code).message : "The answer broke off.";
  const error = code === null ? null : { code, message };
  const id = Math.max(position, row.text.length);
  const end: NumberedEvent = {
    id,
    event: { type: "end", outcome: row.outcome, receipt, error, availableMicros: null },
  };
  if (row.text.length <= position) return [end];
  return [{ id, event: { type: "text", text: row.text.slice(position) } }, end];
}

type EndedRow = { text: string; outcome: Outcome; errorCode: string | null; receipt: unknown };

/** Remembers a change that comes while the reader is busy, so that none is slept through. */
function watch(runtime: ChatRuntime, key: { generationId: string; conversationId: string }) {
  let changed = false;
  let titled = false;
  let wake: (() => void) | undefined;
  const note = () => {
    changed = true;
    wake?.();
  };
  const stops = [
    runtime.wake.on("written", key.generationId, note),
    runtime.wake.on("title", key.conversationId, () => {
      titled = true;
      note();
    }),
  ];
  return {
    stop: () => {
      for (const stop of stops) stop();
    },
    seen: () => {
      changed = false;
    },
    takeTitled: () => {
      const taken = titled;
      titled = false;
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

/** Waits for a change, for silence of a given length, or for the reader to go; one timer for a whole reading. */
function createBell(signal: AbortSignal, silenceMs: number) {
  let ring: ((why: "change" | "silence") => void) | undefined;
  const timer = setInterval(() => ring?.("silence"), silenceMs);
  const onAbort = () => ring?.("change");
  signal.addEventListener("abort", onAbort);
  return {
    wait(subscribe: (wake: () => void) => () => void): Promise<"change" | "silence"> {
      if (signal.aborted) return Promise.resolve("change");
      return new Promise((resolve) => {
        const stop = subscribe(() => ring?.("change"));
        ring = (why) => {
          ring = undefined;
          stop();
          timer.refresh();
          resolve(why);
        };
      });
    },
    stop() {
      clearInterval(timer);
      signal.removeEventListener("abort", onAbort);
    },
  };
}
