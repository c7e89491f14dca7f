import { env } from "#lib/core/env.ts";
import { singleton } from "#lib/core/singleton.ts";
import { measureQueueDepth } from "#lib/jobs/queue-depth.ts";

export type ProcessRole = "app" | "worker";

const running = () => singleton("observability", () => ({ stops: [] as (() => Promise<void>)[] }));

/**
 * Starts OpenTelemetry and Sentry as far as the environment configures them. Their packages are loaded here
 * only, because they take memory and time at the start.
 */
export async function startObserving(role: ProcessRole): Promise<void> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT, SENTRY_DSN } = env();
  const { stops } = running();
  if (OTEL_EXPORTER_OTLP_ENDPOINT !== undefined) {
    const { startTelemetry } = await import("#lib/gateways/telemetry/start-telemetry.ts");
    stops.push(startTelemetry({ role, beforeMetrics: measureQueueDepth }));
  }
  if (SENTRY_DSN !== undefined) {
    const { startSentry } = await import("#lib/gateways/sentry/start-sentry.ts");
    stops.push(startSentry({ dsn: SENTRY_DSN, role }));
  }
}

/** Sends what was recorded, which takes at most five seconds, and stops recording. Never throws. */
export async function stopObserving(): Promise<void> {
  await Promise.all(
    running()
      .stops.splice(0)
      .map((stop) => stop()),
  );
}
