import {
  captureException,
  captureMessage,
  close,
  initWithoutDefaultIntegrations,
  linkedErrorsIntegration,
  onUncaughtExceptionIntegration,
} from "@sentry/node";
import { env } from "#lib/core/env.ts";
import { onLoggedError } from "#lib/core/log.ts";
import { cleanEvent } from "#lib/gateways/sentry/clean-event.ts";

const stopTimeoutMs = 5_000;

/**
 * Reports everything that is logged with level "error" or "fatal" to Sentry, and what crashes the process.
 * The SDK's other integrations are off: they record requests, console output and local variables.
 * @returns sends what was recorded and stops
 */
export function startSentry({ dsn, role }: { dsn: string; role: string }): () => Promise<void> {
  initWithoutDefaultIntegrations({
    dsn,
    environment: env().APP_ENV,
    initialScope: { tags: { process: role } },
    integrations: [linkedErrorsIntegration(), onUncaughtExceptionIntegration()],
    beforeSend: cleanEvent,
    beforeSendTransaction: () => null,
    sendClientReports: false,
    maxBreadcrumbs: 0,
    spotlight: false,
  });
  onLoggedError(({ message, error, fields }) => {
    const { err: _, requestId, traceId, errorCode, event, ...extra } = fields;
    const tags = Object.fromEntries(
      Object.entries({ requestId, traceId, errorCode, event }).flatMap(([name, value]) =>
        typeof value === "string" ? [[name, value]] : [],
      ),
    );
    if (error === undefined) captureMessage(message, { level: "error", tags, extra });
    else captureException(error, { tags, extra: { ...extra, message } });
  });
  return async () => {
    await close(stopTimeoutMs);
  };
}
