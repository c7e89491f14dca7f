import { AsyncLocalStorage } from "node:async_hooks";
import { singleton } from "#lib/core/singleton.ts";

type SpanKind = "internal" | "server" | "client" | "consumer";
export type SpanAttributes = Record<string, string | number | boolean>;

export type SpanOptions = {
  kind?: SpanKind;
  attributes?: SpanAttributes;
  /** The W3C `traceparent` of the work that caused this one elsewhere; by default the current span's. */
  parent?: string | undefined;
  /** A W3C `traceparent` that is related but not trusted, such as the one of a client. */
  link?: string | undefined;
};

/** A running part of a trace. */
export type Span = {
  traceId: string;
  /** The W3C `traceparent`, with which another process continues the trace. */
  traceparent: string;
  setName(name: string): void;
  setAttributes(attributes: SpanAttributes): void;
  /** Later calls change nothing. @param error what the work threw or answered with, if it failed */
  end(error?: unknown): void;
};

/** Starts spans; lib/gateways/telemetry implements it with OpenTelemetry. */
export type Tracer = {
  /** @param parent the span that encloses the new one in this process */
  startSpan(name: string, options: SpanOptions, parent: Span | undefined): Span;
};

const state = () => singleton("tracing", () => ({ tracer: undefined as Tracer | undefined }));
const spans = () => singleton("tracing.spans", () => new AsyncLocalStorage<Span>());

/** Turns tracing on, or off again. Without a tracer, the functions below only call `fn`. */
export function setTracer(tracer: Tracer | undefined): void {
  state().tracer = tracer;
}

export function isTracing(): boolean {
  return state().tracer !== undefined;
}

/** The span of the current request, job or part of it. */
export function currentSpan(): Span | undefined {
  return state().tracer === undefined ? undefined : spans().getStore();
}

/**
 * Runs `fn` as a span of the current trace, or of a new one.
 * @param name few different values: no ids
 * @param fn gets the span; undefined without tracing
 */
export function inSpan<T>(
  name: string,
  options: SpanOptions,
  fn: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  const span = startSpan(name, options);
  return span === undefined ? fn(undefined) : spans().run(span, () => endAfter(span, fn(span)));
}

async function endAfter<T>(span: Span, work: Promise<T>): Promise<T> {
  try {
    const value = await work;
    span.end();
    return value;
  } catch (error) {
    span.end(error);
    throw error;
  }
}

/** Starts a span that the caller ends. Returns undefined without tracing. */
export function startSpan(name: string, options: SpanOptions): Span | undefined {
  const { tracer } = state();
  return tracer?.startSpan(name, options, spans().getStore());
}

/** Returns a function that runs as a span of this name; for the functions that modules offer to others. */
export function traced<A extends unknown[], R>(
  name: string,
  fn: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return (...args) => (isTracing() ? inSpan(name, {}, () => fn(...args)) : fn(...args));
}
