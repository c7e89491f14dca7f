import { AsyncLocalStorage } from "node:async_hooks";
import { type LogFn, type Logger, pino } from "pino";
import { readLogSettings } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";
import { cleanFields, errorCodeOf } from "#lib/core/log-fields.ts";
import { formatLogLine } from "#lib/core/log-line.ts";
import { maskText } from "#lib/core/mask.ts";
import { metrics } from "#lib/core/metrics.ts";
import { singleton } from "#lib/core/singleton.ts";

type Fields = Record<string, unknown>;
type Destination = { write(line: string): void };
type OpenEvent = { name: string; fields: Fields; error?: unknown };

/** The process's log: one JSON object per line, or formatted lines in local development. */
export const log: Logger = singleton("log", () => {
  const { level, readable } = readLogSettings();
  return createLog(
    level,
    readable ? { write: (line) => process.stdout.write(formatLogLine(line)) } : createStdout(),
  );
});

/** Buffers lines for up to 100 ms, because every write is a system call. */
function createStdout(): Destination {
  const destination = pino.destination({ dest: 1, sync: false, minLength: 8_192, periodicFlush: 100 });
  process.on("exit", () => destination.flushSync());
  return destination;
}

/**
 * Creates a logger that masks all fields and messages: prompts, answers, keys and email addresses are never
 * written.
 * @param destination receives the lines; standard output by default
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

/** Masks messages. pino would copy an error's message to `msg` unmasked, so `msg` is set here. */
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
 * Runs `fn` as one unit of work and logs one event when it ends: name, duration, outcome and the fields of
 * `addToEvent`. A thrown error is logged with its code and rethrown. A nested call logs its own event with
 * the same `requestId`.
 * @param fields initial fields, such as `requestId`
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

/** Adds fields to the current event; does nothing outside of an event. */
export function addToEvent(fields: Fields): void {
  Object.assign(events.getStore()?.fields ?? {}, fields);
}

/** Marks the current event as failed, for errors that are sent as a response instead of thrown. */
export function failEvent(error: unknown): void {
  const event = events.getStore();
  if (event !== undefined) event.error = error;
}

/** The id of the current request or job. */
export function currentRequestId(): string | undefined {
  const id = events.getStore()?.fields.requestId;
  return typeof id === "string" ? id : undefined;
}

/**
 * Calls `listener` with the error code of every event that ends with log level "error".
 * @returns removes the listener
 */
export function onError(listener: (code: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function writeEvent(event: OpenEvent, startedAt: number, error: unknown): void {
  const durationMs = Math.round((performance.now() - startedAt) * 10) / 10;
  const code = error === undefined ? undefined : errorCodeOf(error);
  const level = error === undefined ? "info" : error instanceof AppError ? error.level : "error";
  const outcome = code === undefined ? "ok" : "error";
  const fields = { event: event.name, ...event.fields, errorCode: code, outcome, durationMs, err: error };
  log[level](fields, event.name);
  if (code === undefined) return;
  metrics.errors.inc({ code });
  if (level === "error") for (const listener of listeners) listener(code);
}
