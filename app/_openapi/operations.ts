import { z } from "zod";
import type { Operations } from "#app/_openapi/document.ts";
import * as health from "#app/api/health/route.ts";
import * as metrics from "#app/api/metrics/route.ts";
import * as stop from "#app/api/openai/chat/[generationId]/stop/route.ts";
import * as stream from "#app/api/openai/chat/[generationId]/stream/route.ts";
import * as chat from "#app/api/openai/chat/route.ts";
import * as usage from "#app/api/openai/usage/route.ts";
import * as ready from "#app/api/ready/route.ts";
import * as createSubscription from "#app/api/stripe/create-subscription/route.ts";
import * as subscription from "#app/api/subscriptions/[id]/route.ts";
import * as completions from "#app/api/v1/chat/completions/route.ts";
import * as embeddings from "#app/api/v1/embeddings/route.ts";
import * as models from "#app/api/v1/models/route.ts";
import * as apiUsage from "#app/api/v1/usage/route.ts";
import * as webhook from "#app/api/webhooks/stripe/route.ts";
import { streamEventSchema } from "#lib/chat/stream-events.ts";

const json = (schema: z.ZodType | null) => ({ "application/json": schema });
const events = { "text/event-stream": streamEventSchema };
const usageSums = z.object({
  from: z.iso.date(),
  to: z.iso.date(),
  group: z.enum(["day", "model", "key"]),
  data: z.array(
    z.object({
      group: z.string(),
      requests: z.int(),
      promptTokens: z.int(),
      completionTokens: z.int(),
      chargedMicros: z.int(),
    }),
  ),
});
const readiness = z.object({
  ready: z.boolean(),
  database: z.string(),
  migrations: z.string(),
  worker: z.string(),
});

/** Every route of the HTTP interface but the document's own; a test compares this with the folders. */
export const operations: Operations = {
  "/api/openai/chat": {
    POST: {
      summary: "Start an answer and stream it",
      description:
        "Every id is chosen by the client: the same request sent twice starts one answer. The stream's events have the length of the text so far as their id. A closed connection does not stop the answer.",
      handler: chat.POST,
      answers: { 200: { description: "The answer's events.", content: events } },
    },
  },
  "/api/openai/chat/[generationId]/stream": {
    GET: {
      summary: "Go on with an answer",
      description: "From Last-Event-ID, or from `after`, or from its beginning.",
      handler: stream.GET,
      answers: { 200: { description: "The events that are missing, then what follows.", content: events } },
    },
  },
  "/api/openai/chat/[generationId]/stop": {
    POST: {
      summary: "Stop an answer",
      handler: stop.POST,
      answers: { 204: { description: "It is being stopped. What was received is kept and charged." } },
    },
  },
  "/api/stripe/create-subscription": {
    POST: {
      summary: "Start Checkout for a plan",
      handler: createSubscription.POST,
      answers: { 200: { description: "Where to pay.", content: json(z.object({ url: z.url() })) } },
    },
  },
  "/api/subscriptions/[id]": {
    GET: {
      summary: "Read one subscription of one's own",
      handler: subscription.GET,
      answers: { 200: { description: "The subscription as last synced with Stripe.", content: json(null) } },
    },
  },
  "/api/webhooks/stripe": {
    POST: {
      summary: "Take an event from Stripe",
      description:
        "Signed over the raw body. The event is stored before this answers; the work is done by a job.",
      handler: webhook.POST,
      answers: {
        200: {
          description: "It is in the inbox.",
          content: json(z.object({ received: z.literal(true), duplicate: z.boolean() })),
        },
      },
    },
  },
  "/api/v1/chat/completions": {
    POST: {
      summary: "Complete a chat, as OpenAI does",
      description: "On the workspace's credit. With `stream`, chunks end with `data: [DONE]`.",
      handler: completions.POST,
      answers: {
        200: {
          description: "A completion, or its chunks.",
          content: { ...json(null), "text/event-stream": null },
        },
      },
    },
  },
  "/api/v1/embeddings": {
    POST: {
      summary: "Embed texts, as OpenAI does",
      handler: embeddings.POST,
      answers: { 200: { description: "One vector for each text.", content: json(null) } },
    },
  },
  "/api/openai/usage": {
    GET: {
      summary: "Usage by day, model or key",
      description:
        "Of the last thirty days unless a period is given, as JSON or, where the request accepts it, as CSV.",
      handler: usage.GET,
      answers: {
        200: { description: "The sums of the period.", content: { ...json(usageSums), "text/csv": null } },
      },
    },
  },
  "/api/v1/usage": {
    GET: {
      summary: "Usage of the key's workspace",
      handler: apiUsage.GET,
      answers: {
        200: { description: "The sums of the period.", content: { ...json(usageSums), "text/csv": null } },
      },
    },
  },
  "/api/v1/models": {
    GET: {
      summary: "List the models on offer",
      handler: models.GET,
      answers: { 200: { description: "A list in OpenAI's shape.", content: json(null) } },
    },
  },
  "/api/health": {
    GET: {
      summary: "Whether the process lives",
      handler: health.GET,
      answers: { 200: { description: "It does.", content: json(z.object({ status: z.literal("ok") })) } },
    },
  },
  "/api/ready": {
    GET: {
      summary: "Whether it can serve",
      handler: ready.GET,
      answers: {
        200: { description: "Database, migrations and worker are there.", content: json(readiness) },
        503: { description: "Which of them is not.", content: json(readiness) },
      },
    },
  },
  "/api/metrics": {
    GET: {
      summary: "What the process measures, for Prometheus",
      description: "For the bearer of METRICS_TOKEN; 404 for everybody else.",
      handler: metrics.GET,
      answers: { 200: { description: "Prometheus' text format.", content: { "text/plain": null } } },
    },
  },
};
