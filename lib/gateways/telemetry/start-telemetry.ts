import { DiagLogLevel, diag } from "@opentelemetry/api";
import { OTLPMetricExporter as JsonMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPMetricExporter as ProtobufMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter as JsonTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPTraceExporter as ProtobufTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { env } from "#lib/core/env.ts";
import { newId } from "#lib/core/ids.ts";
import { log } from "#lib/core/log.ts";
import { setTracer } from "#lib/core/observability/tracing.ts";
import { createTracer } from "#lib/gateways/telemetry/create-tracer.ts";
import { createMetricProducer } from "#lib/gateways/telemetry/metric-producer.ts";

type TelemetryOptions = {
  role: string;
  /** Updates the metrics that are measured when they are read. */
  beforeMetrics: () => Promise<void>;
};

const stopTimeoutMs = 5_000;
/** Spans of a few seconds under load; further ones are dropped. */
const maxQueuedSpans = 8_192;

/**
 * Starts OpenTelemetry. The exporters read the endpoint, its headers and timeouts from the standard
 * variables. The providers are not registered as global ones, because Next.js would then record URLs with
 * their queries.
 * @returns sends what was recorded and stops
 */
export function startTelemetry({ role, beforeMetrics }: TelemetryOptions): () => Promise<void> {
  const { OTEL_EXPORTER_OTLP_PROTOCOL, OTEL_TRACES_SAMPLER_ARG, OTEL_METRIC_EXPORT_INTERVAL } = env();
  const isJson = OTEL_EXPORTER_OTLP_PROTOCOL === "http/json";
  logProblems();
  const resource = describeProcess(role);
  const spanExporter = isJson ? new JsonTraceExporter() : new ProtobufTraceExporter();
  const traces = new TracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(OTEL_TRACES_SAMPLER_ARG) }),
    spanProcessors: [new BatchSpanProcessor({ exporter: spanExporter, maxQueueSize: maxQueuedSpans })],
  });
  const reader = new PeriodicExportingMetricReader({
    exporter: isJson ? new JsonMetricExporter() : new ProtobufMetricExporter(),
    exportIntervalMillis: OTEL_METRIC_EXPORT_INTERVAL,
    exportTimeoutMillis: Math.min(OTEL_METRIC_EXPORT_INTERVAL, 30_000),
    metricProducers: [createMetricProducer(resource, beforeMetrics)],
  });
  const meters = new MeterProvider({ resource, readers: [reader] });
  setTracer(createTracer(traces.getTracer("parley")));
  return async () => {
    setTracer(undefined);
    // A collector that is away must not delay the shutdown: its exporter retries for longer than this.
    const stopped = Promise.allSettled([traces.shutdown(), meters.shutdown()]);
    await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, stopTimeoutMs).unref())]);
  };
}

function describeProcess(role: string): Resource {
  const ours = {
    "service.name": env().OTEL_SERVICE_NAME,
    "service.instance.id": newId(),
    "parley.process": role,
  };
  // OTEL_RESOURCE_ATTRIBUTES wins.
  return defaultResource()
    .merge(resourceFromAttributes(ours))
    .merge(detectResources({ detectors: [envDetector] }));
}

const minuteMs = 60_000;

/** Logs problems of the exporters, at most once a minute. */
function logProblems(): void {
  let loggedAtMs = Number.NEGATIVE_INFINITY;
  const warn = (message: string) => {
    if (performance.now() - loggedAtMs < minuteMs) return;
    loggedAtMs = performance.now();
    log.warn({ detail: message }, "OpenTelemetry reported a problem");
  };
  const ignore = () => {};
  const logger = { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}
