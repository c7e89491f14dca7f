import { AsyncLocalStorage } from "node:async_hooks";
import { type LogFn, type Logger, pino } from "pino";
import { loggingOf } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";
import { cleanFields, codeOf } from "#lib/core/log-fields.ts";
import { readableLine } from "#lib/core/log-line.ts";
import { maskText } from "#lib/core/mask.ts";
import { metrics } from "#lib/core/metrics.ts";
import { singleton } from "#lib/core/singleton.ts";

type Fields = Record<string, unknown>;
type Destination = { write(line: string): void };
type OpenEvent = { name: string; fields: Fields; error?: unknown };

/** The process's log: one JSON object a line, or a line for people on a developer's machine. */
export const log: Logger = singleton("log", () => {
  const { level, readable } = loggingOf();
  return createLog(
    level,
    readable ? { write: (line) => process.stdout.write(readableLine(line)) } : standardOutput(),
  );
});

/** Lines are written together, a tenth of a second late at most: one by one, each costs a call to the system. */
function standardOutput(): Destination {
  const destination = pino.destination({ dest: 1, sync: false, minLength: 8_192, periodicFlush: 100 });
  process.on("exit", () => destination.flushSync());
  return destination;
}

/**
 * A log whose every field and message passes the same cleaning: no prompt, answer, key or e-mail address leaves through it.
 * @param destination where lines go; standard output without one
 */
export function createLog(level: string, destination?: Destination): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: (error: unknown) => error },
    formatters: { level: (label: string) => ({ level: label }), log: cleanFields },
    hooks: { logMethod: cleanMessage },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** pino copies an error's message into `msg` by itself; here it is masked before that can happen. */
function cleanMessage(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [first, ...rest]: unknown[] = args;
  const fields = typeof first === "string" ? {} : first instanceof Error ? { err: first } : first;
  const given = typeof first === "string" ? first : rest[0];
  const error = fields instanceof Object && "err" in fields ? fields.err : undefined;
  const text = typeof given === "string" ? given : error instanceof Error ? error.name : undefined;
  method.call(this, fields, text === undefined ? undefined : maskText(text));
}

const events = singleton("log.events", () => new AsyncLocalStorage<OpenEvent>());
const listeners = singleton("log.listeners", () => new Set<(code: string) => void>());

/**
 * Runs `fn` as one unit of work and logs one wide event when it ends: its name, how long it took, how it ended, and
 * whatever `addToEvent` put into it on the way. A thrown error is logged with its code and goes on to the caller.
 * Work started inside another event logs an event of its own with the same `requestId`.
 * @param fields known at the start; `requestId` belongs here
 */
export async function withEvent<T>(name: string, fields: Fields, fn: () => T | Promise<T>): Promise<T> {
  const outer = events.getStore();
  const event: OpenEvent = { name, fields: { requestId: outer?.fields.requestId, ...fields } };
  const startedAt = performance.now();
  return events.run(event, async () => {
    try {
      const value = await fn();
      writeEvent(event, startedAt, event.error);
      return value;
    } catch (error) {
      writeEvent(event, startedAt, error);
      throw error;
    }
  });
}

/** Puts facts into the event that is open; outside of one it does nothing. */
export function addToEvent(fields: Fields): void {
  Object.assign(events.getStore()?.fields ?? {}, fields);
}

/** Marks the open event as failed by an error that is answered rather than thrown on. */
export function failEvent(error: unknown): void {
  const event = events.getStore();
  if (event !== undefined) event.error = error;
}

/** The id of the request or job whose event is open. */
export function currentRequestId(): string | undefined {
  const id = events.getStore()?.fields.requestId;
  return typeof id === "string" ? id : undefined;
}

/** Calls `listener` with the code of every event that ends in an error of ours (level "error"). */
export function onError(listener: (code: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function writeEvent(event: OpenEvent, startedAt: number, error: unknown): void {
  const durationMs = Math.round((performance.now() - startedAt) * 10) / 10;
  const code = error === undefined ? undefined : codeOf(error);
  const level = error === undefined ? "info" : error instanceof AppError ? error.level : "error";
  const outcome = code === undefined ? "ok" : "error";
  const fields = { event: event.name, ...event.fields, errorCode: code, outcome, durationMs, err: error };
  log[level](fields, event.name);
  if (code === undefined) return;
  metrics.errors.inc({ code });
  if (level === "error") for (const listener of listeners) listener(code);
}
