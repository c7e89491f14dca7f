import { z } from "zod";
import type { Operations } from "#app/_openapi/document.ts";
import * as dataExport from "#app/api/account/exports/[id]/route.ts";
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
import { streamEventSchema } from "#lib/chat/generation/stream-events.ts";

const json = (schema: z.ZodType | null) => ({ "application/json": schema });
const events = { "text/event-stream": streamEventSchema };
const usageReport = z.object({
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

/** The documentation of every API route; a test compares the keys with the folders. */
export const operations: Operations = {
  "/api/openai/chat": {
    POST: {
      summary: "Start an answer and stream it",
      description:
        "The client chooses every id, so a repeated request starts one generation. An event's id is the length of the text so far. A closed connection does not stop the generation.",
      handler: chat.POST,
      responses: { 200: { description: "The events of the answer.", content: events } },
    },
  },
  "/api/openai/chat/[generationId]/stream": {
    GET: {
      summary: "Resume the stream of an answer",
      description: "Starts after Last-Event-ID, else after `after`, else at the beginning.",
      handler: stream.GET,
      responses: { 200: { description: "The missed events, then the live stream.", content: events } },
    },
  },
  "/api/openai/chat/[generationId]/stop": {
    POST: {
      summary: "Stop an answer",
      handler: stop.POST,
      responses: {
        204: { description: "The generation is being stopped. The text so far is saved and charged." },
      },
    },
  },
  "/api/account/exports/[id]": {
    GET: {
      summary: "Download the archive of your data",
      description:
        "For its owner: with the token of the emailed link, or within ten minutes after a proof of identity.",
      handler: dataExport.GET,
      responses: { 200: { description: "A ZIP archive.", content: { "application/zip": null } } },
    },
  },
  "/api/stripe/create-subscription": {
    POST: {
      summary: "Start Checkout for a plan",
      handler: createSubscription.POST,
      responses: {
        200: { description: "The URL of the Checkout page.", content: json(z.object({ url: z.url() })) },
      },
    },
  },
  "/api/subscriptions/[id]": {
    GET: {
      summary: "Read one of your subscriptions",
      handler: subscription.GET,
      responses: {
        200: { description: "The subscription as last synced with Stripe.", content: json(null) },
      },
    },
  },
  "/api/webhooks/stripe": {
    POST: {
      summary: "Receive a Stripe event",
      description:
        "The signature covers the raw body. The event is stored before the response; a job processes it.",
      handler: webhook.POST,
      responses: {
        200: {
          description: "The event is in the inbox.",
          content: json(z.object({ received: z.literal(true), duplicate: z.boolean() })),
        },
      },
    },
  },
  "/api/v1/chat/completions": {
    POST: {
      summary: "Complete a chat, as OpenAI does",
      description:
        "Charges the workspace's credit. With `stream`, the chunks end with `data: [DONE]`. Answers name the requested " +
        "model; the header `x-parley-model` names the one that answered, which may be its fallback. With the request header " +
        "`x-parley-cache: allow`, an equal request of the workspace is answered from the cache and costs nothing; " +
        "`x-parley-cache-ttl` limits the age in seconds, and the response header `x-parley-cache` says hit, miss or bypass.",
      handler: completions.POST,
      responses: {
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
      responses: { 200: { description: "One vector per input.", content: json(null) } },
    },
  },
  "/api/openai/usage": {
    GET: {
      summary: "Usage by day, model or key",
      description:
        "For the last thirty days unless a period is given; as JSON, or as CSV with `Accept: text/csv`.",
      handler: usage.GET,
      responses: {
        200: { description: "The usage of the period.", content: { ...json(usageReport), "text/csv": null } },
      },
    },
  },
  "/api/v1/usage": {
    GET: {
      summary: "Usage of the key's workspace",
      handler: apiUsage.GET,
      responses: {
        200: { description: "The usage of the period.", content: { ...json(usageReport), "text/csv": null } },
      },
    },
  },
  "/api/v1/models": {
    GET: {
      summary: "List the available models",
      handler: models.GET,
      responses: { 200: { description: "A list in OpenAI's shape.", content: json(null) } },
    },
  },
  "/api/health": {
    GET: {
      summary: "Liveness check",
      handler: health.GET,
      responses: {
        200: { description: "The process is running.", content: json(z.object({ status: z.literal("ok") })) },
      },
    },
  },
  "/api/ready": {
    GET: {
      summary: "Readiness check",
      handler: ready.GET,
      responses: {
        200: { description: "Database, migrations and worker are ready.", content: json(readiness) },
        503: { description: "One of them is not ready.", content: json(readiness) },
      },
    },
  },
  "/api/metrics": {
    GET: {
      summary: "Metrics for Prometheus",
      description: "Requires METRICS_TOKEN as bearer token; 404 otherwise.",
      handler: metrics.GET,
      responses: { 200: { description: "The Prometheus text format.", content: { "text/plain": null } } },
    },
  },
};
