import { type LogFn, type Logger, pino } from "pino";
import { readLogSettings } from "#lib/core/env.ts";
import { AppError } from "#lib/core/errors.ts";
import { cleanFields, errorCodeOf } from "#lib/core/log-fields.ts";
import { formatLogLine } from "#lib/core/log-line.ts";
import { maskText } from "#lib/core/mask.ts";
import { metrics } from "#lib/core/metrics.ts";
import { type OpenEvent, openEvents } from "#lib/core/observability/current-event.ts";
import { toAttributes } from "#lib/core/observability/span-attributes.ts";
import { currentSpan, inSpan, type Span, type SpanOptions } from "#lib/core/observability/tracing.ts";
import { singleton } from "#lib/core/singleton.ts";

type Fields = Record<string, unknown>;
type Destination = { write(line: string): void };
/** What was logged with level "error" or "fatal"; not masked yet. */
export type LoggedError = { message: string; error: unknown; fields: Fields };

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
    mixin: currentIds,
    hooks: { logMethod: cleanMessage },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Identifies the request or job, and its trace, in every line that is logged on its behalf. */
function currentIds(): Fields {
  const requestId = currentRequestId();
  const traceId = currentSpan()?.traceId;
  return { ...(requestId !== undefined && { requestId }), ...(traceId !== undefined && { traceId }) };
}

/** pino's number of the level "error"; that of "fatal" is higher. */
const errorLevel = 50;

/** Masks messages. pino would copy an error's message to `msg` unmasked, so `msg` is set here. */
function cleanMessage(this: Logger, args: Parameters<LogFn>, method: LogFn, level: number): void {
  const [first, ...rest]: unknown[] = args;
  const fields = typeof first === "string" ? {} : first instanceof Error ? { err: first } : first;
  const given = typeof first === "string" ? first : rest[0];
  const error = fields instanceof Object && "err" in fields ? fields.err : undefined;
  const text = typeof given === "string" ? given : error instanceof Error ? error.name : undefined;
  method.call(this, fields, text === undefined ? undefined : maskText(text));
  if (level < errorLevel) return;
  const logged = { message: text ?? "", error, fields: { ...currentIds(), ...Object(fields) } };
  for (const listener of errorListeners()) listener(logged);
}

const listeners = singleton("log.listeners", () => new Set<(code: string) => void>());
const errorListeners = () => singleton("log.error-listeners", () => new Set<(logged: LoggedError) => void>());

/**
 * Runs `fn` as one unit of work and logs one event when it ends: name, duration, outcome and the fields of
 * `addToEvent`. A thrown error is logged with its code and rethrown. A nested call logs its own event with
 * the same `requestId`.
 * With tracing, the event is also a span with the same fields, and its `traceId` is logged.
 * @param fields initial fields, such as `requestId`
 * @param options.spanName the span's name if it is not the event's
 */
export function withEvent<T>(
  name: string,
  fields: Fields,
  fn: () => T | Promise<T>,
  { spanName = name, ...options }: SpanOptions & { spanName?: string } = {},
): Promise<T> {
  return inSpan(spanName, options, (span) => runEvent(name, fields, fn, span));
}

async function runEvent<T>(
  name: string,
  fields: Fields,
  fn: () => T | Promise<T>,
  span: Span | undefined,
): Promise<T> {
  const outer = openEvents().getStore();
  const event: OpenEvent = {
    name,
    fields: { requestId: outer?.fields.requestId, ...fields },
    input: outer?.input,
  };
  const startedAt = performance.now();
  return openEvents().run(event, async () => {
    try {
      const value = await fn();
      writeEvent(event, startedAt, event.error, span);
      return value;
    } catch (error) {
      writeEvent(event, startedAt, error, span);
      throw error;
    }
  });
}

/** Adds fields to the current event; does nothing outside of an event. */
export function addToEvent(fields: Fields): void {
  Object.assign(openEvents().getStore()?.fields ?? {}, fields);
}

/**
 * Names what a user has sent with the current request, such as a prompt: messages of errors that quote it are
 * logged without it.
 */
export function hideInErrors(input: unknown): void {
  const event = openEvents().getStore();
  if (event !== undefined) event.input = input;
}

/** Marks the current event as failed, for errors that are sent as a response instead of thrown. */
export function failEvent(error: unknown): void {
  const event = openEvents().getStore();
  if (event !== undefined) event.error = error;
}

/** The id of the current request or job. */
export function currentRequestId(): string | undefined {
  const id = openEvents().getStore()?.fields.requestId;
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

/** Calls `listener` with everything that is logged with level "error" or "fatal". It must not throw. */
export function onLoggedError(listener: (logged: LoggedError) => void): void {
  errorListeners().add(listener);
}

function writeEvent(event: OpenEvent, startedAt: number, error: unknown, span: Span | undefined): void {
  const durationMs = Math.round((performance.now() - startedAt) * 10) / 10;
  const code = error === undefined ? undefined : errorCodeOf(error);
  const level = error === undefined ? "info" : error instanceof AppError ? error.level : "error";
  const outcome = code === undefined ? "ok" : "error";
  const fields = { event: event.name, ...event.fields, errorCode: code, outcome, durationMs, err: error };
  log[level](fields, event.name);
  if (span !== undefined) endEventSpan(span, event, error);
  if (code === undefined) return;
  metrics.errors.inc({ code });
  if (level === "error") for (const listener of listeners) listener(code);
}

/** The span gets the event's fields as they are logged: masked, without objects. */
function endEventSpan(span: Span, { fields }: OpenEvent, error: unknown): void {
  span.setAttributes(toAttributes(cleanFields(fields)));
  span.end(error);
}
