import type { SpanAttributes } from "#lib/core/observability/tracing.ts";

/** Fields of log events that have a name in OpenTelemetry's semantic conventions. */
const knownNames: Record<string, string> = {
  method: "http.request.method",
  route: "http.route",
  status: "http.response.status_code",
  model: "gen_ai.request.model",
  promptTokens: "gen_ai.usage.input_tokens",
};

/** Converts masked log fields to attributes of a span; names of our own get the prefix "parley.". */
export function toAttributes(fields: Record<string, unknown>): SpanAttributes {
  const attributes: SpanAttributes = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      attributes[knownNames[name] ?? `parley.${toSnakeCase(name)}`] = value;
  }
  return attributes;
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
