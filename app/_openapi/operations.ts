import type { ZodType } from "zod";
import { z } from "zod";
import { chatListOperations } from "#app/_openapi/chat-list-operations.ts";
import { creditErrors, modelErrors, moderationErrors } from "#app/_openapi/completion-errors.ts";
import { dataOperations } from "#app/_openapi/data-operations.ts";
import type { Operations, ResponseDescription } from "#app/_openapi/document.ts";
import { rateLimitHeaders, streamHeaders } from "#app/_openapi/headers.ts";
import {
  completionEventSchema,
  completionSchema,
  embeddingsSchema,
  modelListSchema,
} from "#app/_openapi/openai-answers.ts";
import {
  checkoutSchema,
  comparisonSchema,
  healthSchema,
  readinessSchema,
  receivedSchema,
  stripeEventSchema,
  subscriptionSchema,
  usageReportSchema,
} from "#app/_openapi/own-answers.ts";
import * as health from "#app/api/health/route.ts";
import * as metrics from "#app/api/metrics/route.ts";
import * as stop from "#app/api/openai/chat/[generationId]/stop/route.ts";
import * as stream from "#app/api/openai/chat/[generationId]/stream/route.ts";
import * as compare from "#app/api/openai/chat/compare/route.ts";
import * as chat from "#app/api/openai/chat/route.ts";
import * as ownUsage from "#app/api/openai/usage/route.ts";
import * as ready from "#app/api/ready/route.ts";
import * as createSubscription from "#app/api/stripe/create-subscription/route.ts";
import * as subscription from "#app/api/subscriptions/[id]/route.ts";
import * as completions from "#app/api/v1/chat/completions/route.ts";
import * as embeddings from "#app/api/v1/embeddings/route.ts";
import * as models from "#app/api/v1/models/route.ts";
import * as apiUsage from "#app/api/v1/usage/route.ts";
import * as webhook from "#app/api/webhooks/stripe/route.ts";
import { streamEventSchema } from "#lib/chat/generation/stream-events.ts";

const json = (schema: ZodType) => ({ "application/json": schema });
const events = { "text/event-stream": streamEventSchema };
const usage: ResponseDescription = {
  description: "The usage of the period, as JSON, or as CSV with `Accept: text/csv`.",
  content: { ...json(usageReportSchema), "text/csv": z.string() },
  headers: ["content-disposition", "vary"],
};

/** The documentation of every API route; a test compares the keys with the folders. */
export const operations: Operations = {
  ...dataOperations,
  "/api/v1/chat/completions": {
    POST: {
      id: "createChatCompletion",
      tag: "OpenAI-compatible API",
      summary: "Complete a chat",
      description:
        "Compatible with OpenAI's endpoint of the same name. Charges the workspace's credit. With `stream`, the answer " +
        "is a stream of chunks that ends with `data: [DONE]`; an error after the first byte is an event with `error`. " +
        "Comments (`: ...`) are signs of life. Answers name the requested model. With `x-parley-cache: allow`, an equal " +
        "request of the workspace is answered from the cache and costs nothing.",
      handler: completions.POST,
      requestHeaders: ["x-parley-cache", "x-parley-cache-ttl"],
      headers: [...rateLimitHeaders, "x-parley-cache", "x-parley-model"],
      responses: {
        200: {
          description: "A completion, or its chunks.",
          content: { ...json(completionSchema), "text/event-stream": completionEventSchema },
          headers: ["age", ...streamHeaders],
        },
      },
      errors: ["forbidden", "unsupported_parameter", ...moderationErrors, ...creditErrors, ...modelErrors],
    },
  },
  "/api/v1/embeddings": {
    POST: {
      id: "createEmbeddings",
      tag: "OpenAI-compatible API",
      summary: "Embed texts",
      description: "Compatible with OpenAI's endpoint of the same name. Charges the tokens of the input.",
      handler: embeddings.POST,
      headers: rateLimitHeaders,
      responses: { 200: { description: "One vector per input.", content: json(embeddingsSchema) } },
      errors: ["forbidden", ...creditErrors, ...modelErrors],
    },
  },
  "/api/v1/models": {
    GET: {
      id: "listModels",
      tag: "OpenAI-compatible API",
      summary: "List the available models",
      handler: models.GET,
      responses: { 200: { description: "The models.", content: json(modelListSchema) } },
    },
  },
  "/api/v1/usage": {
    GET: {
      id: "getWorkspaceUsage",
      tag: "OpenAI-compatible API",
      summary: "Read the usage of the key's workspace",
      description: "By day, model or key; for the last thirty days unless a period is given.",
      handler: apiUsage.GET,
      responses: { 200: usage },
    },
  },
  ...chatListOperations,
  "/api/openai/chat": {
    POST: {
      id: "startGeneration",
      tag: "Chat",
      summary: "Start an answer and stream it",
      description:
        "The client chooses every id, so a repeated request starts one generation. An event's id is the length of the " +
        "text so far. A closed connection does not stop the generation.",
      handler: chat.POST,
      responses: {
        200: { description: "The events of the answer.", content: events, headers: streamHeaders },
      },
      errors: [
        "not_found",
        "conflict",
        ...creditErrors,
        ...moderationErrors,
        "context_too_long",
        "model_not_found",
        "model_unavailable",
        "model_busy",
      ],
    },
  },
  "/api/openai/chat/compare": {
    POST: {
      id: "startComparison",
      tag: "Chat",
      summary: "Start the answers of several models to one message",
      description:
        "Each answer has its own generation, which is read, stopped and charged like any other. The client chooses every " +
        "id, so a repeated request starts nothing twice. If the first answer is refused, nothing is written; the others " +
        "are refused one by one.",
      handler: compare.POST,
      responses: {
        200: { description: "Which answers have started.", content: json(comparisonSchema) },
      },
      errors: [
        "not_found",
        "conflict",
        ...creditErrors,
        ...moderationErrors,
        "context_too_long",
        "model_not_found",
        "model_unavailable",
        "model_busy",
      ],
    },
  },
  "/api/openai/chat/[generationId]/stream": {
    GET: {
      id: "resumeGeneration",
      tag: "Chat",
      summary: "Resume the stream of an answer",
      description: "Starts after `Last-Event-ID`, else after `after`, else at the beginning.",
      handler: stream.GET,
      requestHeaders: ["last-event-id"],
      responses: {
        200: {
          description: "The missed events, then the live stream.",
          content: events,
          headers: streamHeaders,
        },
      },
      errors: ["too_many_requests"],
    },
  },
  "/api/openai/chat/[generationId]/stop": {
    POST: {
      id: "stopGeneration",
      tag: "Chat",
      summary: "Stop an answer",
      handler: stop.POST,
      responses: {
        204: { description: "The generation is being stopped. The text so far is saved and charged." },
      },
    },
  },
  "/api/openai/usage": {
    GET: {
      id: "getUsage",
      tag: "Chat",
      summary: "Read your usage",
      description: "By day, model or key; for the last thirty days unless a period is given.",
      handler: ownUsage.GET,
      responses: { 200: usage },
    },
  },
  "/api/stripe/create-subscription": {
    POST: {
      id: "createSubscription",
      tag: "Billing",
      summary: "Start Checkout for a plan",
      handler: createSubscription.POST,
      responses: { 200: { description: "The Checkout page.", content: json(checkoutSchema) } },
      errors: ["not_found", "conflict", "trial_used", "purchase_refused", "billing_unavailable"],
    },
  },
  "/api/subscriptions/[id]": {
    GET: {
      id: "getSubscription",
      tag: "Billing",
      summary: "Read one of your subscriptions",
      handler: subscription.GET,
      responses: {
        200: {
          description: "The subscription as last synced with Stripe.",
          content: json(subscriptionSchema),
        },
      },
    },
  },
  "/api/webhooks/stripe": {
    POST: {
      id: "receiveStripeEvent",
      tag: "Billing",
      summary: "Receive a Stripe event",
      description:
        "For Stripe. The signature covers the raw body. The event is stored before the response; a job processes it.",
      handler: webhook.POST,
      requestHeaders: ["stripe-signature"],
      rawBody: stripeEventSchema,
      responses: { 200: { description: "The event is in the inbox.", content: json(receivedSchema) } },
      errors: ["bad_signature", "payload_too_large"],
    },
  },
  "/api/health": {
    GET: {
      id: "getHealth",
      tag: "Operations",
      summary: "Liveness check",
      handler: health.GET,
      responses: { 200: { description: "The process is running.", content: json(healthSchema) } },
    },
  },
  "/api/ready": {
    GET: {
      id: "getReadiness",
      tag: "Operations",
      summary: "Readiness check",
      handler: ready.GET,
      responses: {
        200: { description: "Database, migrations and worker are ready.", content: json(readinessSchema) },
        503: { description: "One of them is not ready.", content: json(readinessSchema) },
      },
    },
  },
  "/api/metrics": {
    GET: {
      id: "getMetrics",
      tag: "Operations",
      summary: "Metrics for Prometheus",
      description: "Needs METRICS_TOKEN as the bearer token; 404 otherwise.",
      handler: metrics.GET,
      security: "metricsToken",
      responses: { 200: { description: "Prometheus' text format.", content: { "text/plain": z.string() } } },
      errors: ["not_found"],
    },
  },
};
