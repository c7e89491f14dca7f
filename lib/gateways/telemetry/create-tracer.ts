import {
  type Context,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { toPublicError } from "#lib/core/errors.ts";
import { cleanFields, errorCodeOf } from "#lib/core/log-fields.ts";
import type { Span, SpanOptions, Tracer } from "#lib/core/observability/tracing.ts";

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
};

/** Creates our interface to a tracer of OpenTelemetry. Errors are recorded as the log has them: masked. */
export function createTracer(tracer: OtelTracer): Tracer {
  return {
    startSpan(name, { kind = "internal", attributes = {}, parent, link }, enclosing) {
      const options = { kind: kinds[kind], attributes, links: toLinks(link) };
      return wrapSpan(tracer.startSpan(name, options, toContext(parent ?? enclosing?.traceparent)));
    },
  };
}

function wrapSpan(span: ReturnType<OtelTracer["startSpan"]>): Span {
  const { traceId, spanId, traceFlags } = span.spanContext();
  let hasEnded = false;
  return {
    traceId,
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`,
    setName: (name) => void span.updateName(name),
    setAttributes: (attributes) => void span.setAttributes(attributes),
    end(error) {
      if (hasEnded) return;
      hasEnded = true;
      if (error !== undefined) recordError(span, error);
      span.end();
    },
  };
}

/** Errors that the caller has caused are no failure of ours; their code is recorded all the same. */
function recordError(span: ReturnType<OtelTracer["startSpan"]>, error: unknown): void {
  const code = errorCodeOf(error);
  span.setAttribute("error.type", code);
  if (toPublicError(error).level === "info") return;
  span.setStatus({ code: SpanStatusCode.ERROR, message: code });
  const { err } = cleanFields({ err: error });
  if (typeof err !== "object" || err === null) return;
  const { name, message, stack }: { name?: unknown; message?: unknown; stack?: unknown } = err;
  span.addEvent("exception", {
    "exception.type": String(name),
    "exception.message": String(message),
    ...(Array.isArray(stack) && { "exception.stacktrace": stack.join("\n") }),
  });
}

function toContext(traceparent: string | undefined): Context {
  const parsed = parseTraceparent(traceparent);
  return parsed === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parsed);
}

function toLinks(traceparent: SpanOptions["link"]): { context: SpanContext }[] {
  const context = parseTraceparent(traceparent);
  return context === undefined ? [] : [{ context }];
}

const validTraceparent = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = validTraceparent.exec(text ?? "") ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}
