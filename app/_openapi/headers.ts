import { z } from "zod";

/** A header of a request or a response; `required` responses always have it. */
type HeaderDefinition = { schema: z.ZodType; description: string; required?: boolean };

/** Every header of our responses that says something about the request; servers add transport headers. */
export const responseHeaders = {
  "x-request-id": {
    schema: z.string().min(8).max(128),
    description: "Names the request in our log. Send it when you ask for help.",
    required: true,
  },
  "cache-control": {
    schema: z.string(),
    description: "`no-store`, for streams `no-cache, no-transform`, for images `private`.",
    required: true,
  },
  "x-ratelimit-limit-requests": {
    schema: z.string().regex(/^\d+$/),
    description: "The most requests in a minute.",
  },
  "x-ratelimit-remaining-requests": {
    schema: z.string().regex(/^\d+$/),
    description: "The requests that are left now.",
  },
  "x-ratelimit-reset-requests": {
    schema: z.string().regex(/^\d+s$/),
    description: "When all requests are available again, in seconds (`12s`).",
  },
  "x-parley-model": {
    schema: z.string().max(200),
    description: "The model that answers, in the words of its provider. It differs if a fallback answers.",
  },
  "x-parley-cache": {
    schema: z.enum(["hit", "miss", "bypass"]),
    description: "Whether the answer is from the response cache; of requests that ask for it.",
  },
  age: {
    schema: z.string().regex(/^\d+$/),
    description: "How old an answer from the response cache is, in seconds.",
  },
  "x-accel-buffering": {
    schema: z.literal("no"),
    description: "Tells proxies not to buffer the stream.",
  },
  "content-disposition": {
    schema: z.string(),
    description: "The name of the file.",
  },
  "content-security-policy": {
    schema: z.string(),
    description: "Of a shown file: it runs and loads nothing.",
  },
  vary: {
    schema: z.string(),
    description: "The answer depends on the request's header `Accept`, or on its cookie.",
  },
  "retry-after": {
    schema: z.string().regex(/^[1-9]\d*$/),
    description: "The seconds to wait before the next attempt, where waiting helps.",
  },
  "x-should-retry": {
    schema: z.literal("false"),
    description: "`false` if another attempt has the same result: without new credit.",
  },
} satisfies Record<string, HeaderDefinition>;
export type ResponseHeader = keyof typeof responseHeaders;

/** The headers of requests that a route reads, apart from authentication. */
export const requestHeaders = {
  "last-event-id": {
    schema: z.string().regex(/^\d+$/).optional(),
    description: "The id of the last event that the client has; the stream continues after it.",
  },
  "x-parley-cache": {
    schema: z.enum(["allow", "refresh", "off"]).optional(),
    description:
      "Allows an answer from the response cache, or replaces it; by default as the API key is set, initially `off`.",
  },
  "x-parley-cache-ttl": {
    schema: z.string().regex(/^\d+$/).optional(),
    description: "The most seconds that an answer from the response cache may be old.",
  },
  "stripe-signature": {
    schema: z.string(),
    description: "Stripe's signature of the raw body.",
    required: true,
  },
} satisfies Record<string, HeaderDefinition>;
export type RequestHeader = keyof typeof requestHeaders;

/** The headers that every response has. */
export const commonHeaders: ResponseHeader[] = ["x-request-id", "cache-control"];
export const rateLimitHeaders: ResponseHeader[] = [
  "x-ratelimit-limit-requests",
  "x-ratelimit-remaining-requests",
  "x-ratelimit-reset-requests",
];
export const streamHeaders: ResponseHeader[] = ["x-accel-buffering"];

/** The headers that an error response may have besides. */
export function headersOfError(status: number): ResponseHeader[] {
  if (status === 429) return ["retry-after", "x-should-retry"];
  return status === 503 ? ["retry-after"] : [];
}
