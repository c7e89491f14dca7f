import { z } from "zod";
import { type ErrorShape, publicFormOf } from "#app/_http/error-result.ts";
import type { RouteDefinition } from "#app/_http/route.ts";
import { type ErrorCode, errorCodes } from "#lib/core/errors.ts";

/** The error of our own endpoints. */
export const ownErrorSchema = z
  .object({
    error: z.object({
      code: z.enum(errorCodes),
      message: z.string(),
      requestId: z.string(),
      traceId: z.string().optional().describe("With tracing: the trace of the request."),
      reason: z
        .object({
          key: z.string(),
          values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
        })
        .optional()
        .meta({ description: "Names the text for translations, with its parameters." }),
      fields: z
        .array(
          z.object({
            path: z.string(),
            message: z.string(),
            reason: z
              .object({
                key: z.string(),
                values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
              })
              .optional(),
          }),
        )
        .optional(),
    }),
  })
  .meta({ id: "Error" });

/** The error of the OpenAI-compatible endpoints. An upstream's own code may be passed on. */
export const openAiErrorSchema = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.enum([
        "insufficient_quota",
        "rate_limit_error",
        "authentication_error",
        "permission_error",
        "server_error",
        "invalid_request_error",
      ]),
      param: z.string().nullable(),
      code: z.string().nullable(),
      request_id: z.string(),
      trace_id: z.string().optional().describe("With tracing: the trace of the request."),
    }),
  })
  .meta({ id: "OpenAIError" });

/** The errors of a route that follow from its definition: authentication, limits and input. */
function impliedErrors(definition: RouteDefinition): ErrorCode[] {
  const { auth, scope, params, query, body, networkLimit } = definition;
  const bySession = auth === "user" || auth === "claims";
  const byKey = auth === "api-key" || auth === "secret";
  return [
    // A URL with invalid characters.
    "bad_request",
    ...(bySession ? (["unauthenticated", "forbidden"] as const) : []),
    ...(byKey ? (["invalid_api_key", "too_many_requests"] as const) : []),
    ...(scope !== undefined ? (["forbidden"] as const) : []),
    ...(networkLimit !== undefined ? (["too_many_requests"] as const) : []),
    ...(params !== undefined ? (["not_found"] as const) : []),
    ...(query !== undefined ? (["invalid_input"] as const) : []),
    ...(body !== undefined
      ? (["invalid_input", "payload_too_large", "unsupported_media_type"] as const)
      : []),
    "internal",
    "server_restarting",
  ];
}

/** The codes of a route's errors by status, in the names of the route's error format. */
export function errorsByStatus(
  definition: RouteDefinition,
  own: readonly ErrorCode[],
): Map<number, string[]> {
  const shape: ErrorShape = definition.errors ?? "own";
  const forms = [...new Set([...impliedErrors(definition), ...own])].map((code) => publicFormOf(code, shape));
  const statuses = [...new Set(forms.map(({ status }) => status))].sort((a, b) => a - b);
  return new Map(
    statuses.map((status) => [
      status,
      [...new Set(forms.filter((form) => form.status === status).map(({ code }) => code))],
    ]),
  );
}
