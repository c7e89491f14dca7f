import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { singleton } from "#lib/core/singleton.ts";

const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 600];

/** This process's metrics, with names and units according to Prometheus' conventions. */
export const metrics = singleton("metrics", () => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: "parley_" });
  return {
    registry,
    /** Seconds from a request's arrival to its response headers; `route` is the pattern, never the path. */
    httpSeconds: new Histogram({
      name: "parley_http_request_seconds",
      help: "Time to answer an HTTP request.",
      labelNames: ["route", "method", "status"] as const,
      buckets: secondsBuckets,
      registers,
    }),
    /** Seconds from the model request to the first token. */
    firstTokenSeconds: new Histogram({
      name: "parley_first_token_seconds",
      help: "Time from calling a model to its first token.",
      labelNames: ["model"] as const,
      buckets: secondsBuckets,
      registers,
    }),
    tokens: new Counter({
      name: "parley_tokens_total",
      help: "Tokens by model; direction is prompt or completion.",
      labelNames: ["model", "direction"] as const,
      registers,
    }),
    /** Our cost at the model provider (M8). */
    costMicros: new Counter({
      name: "parley_cost_micros_total",
      help: "What models cost us, in micro-USD.",
      labelNames: ["model"] as const,
      registers,
    }),
    chargedMicros: new Counter({
      name: "parley_charged_micros_total",
      help: "What customers were charged, in micro-USD.",
      labelNames: ["model"] as const,
      registers,
    }),
    /** The part of a charge that exceeded the available credit (M7). */
    lossMicros: new Counter({
      name: "parley_loss_micros_total",
      help: "Charges that nothing covered, in micro-USD.",
      labelNames: ["model"] as const,
      registers,
    }),
    errors: new Counter({
      name: "parley_errors_total",
      help: "Errors by code.",
      labelNames: ["code"] as const,
      registers,
    }),
    /** Seconds from an event's creation at Stripe to the end of its processing. */
    webhookLagSeconds: new Histogram({
      name: "parley_webhook_lag_seconds",
      help: "Time from a Stripe event's creation to its processing.",
      labelNames: ["type"] as const,
      buckets: [...secondsBuckets, 1_800, 3_600, 21_600, 86_400],
      registers,
    }),
    jobSeconds: new Histogram({
      name: "parley_job_seconds",
      help: "Time a job took.",
      labelNames: ["job", "outcome"] as const,
      buckets: secondsBuckets,
      registers,
    }),
    /** Set when the metrics are read. */
    queueDepth: new Gauge({
      name: "parley_queue_depth",
      help: "Jobs that wait, by queue.",
      labelNames: ["queue"] as const,
      registers,
    }),
    cachedAnswers: new Counter({
      name: "parley_response_cache_total",
      help: "Requests that allow the cache, by result: hit, miss or bypass.",
      labelNames: ["result"] as const,
      registers,
    }),
    moderations: new Counter({
      name: "parley_moderations_total",
      help: "Checked input by result: passed, flagged, blocked or failed; source is chat or api.",
      labelNames: ["source", "result"] as const,
      registers,
    }),
    /** Set when the shared health of upstreams is loaded. */
    upstreamUp: new Gauge({
      name: "parley_upstream_up",
      help: "Whether the last checks of an upstream succeeded.",
      labelNames: ["upstream"] as const,
      registers,
    }),
    upstreamCheckSeconds: new Gauge({
      name: "parley_upstream_check_seconds",
      help: "Time of the last successful check of an upstream.",
      labelNames: ["upstream"] as const,
      registers,
    }),
    generationsRunning: new Gauge({
      name: "parley_generations_running",
      help: "Answers being made by this process.",
      registers,
    }),
  };
});

/** Returns all metrics in Prometheus' text format. */
export async function formatMetrics(): Promise<string> {
  return metrics.registry.metrics();
}
