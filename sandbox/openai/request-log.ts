import type { IncomingMessage } from "node:http";

export type Outcome = "running" | "completed" | "refused" | "failed" | "aborted";

/** A received request, for tests. */
export type LoggedRequest = {
  id: string;
  at: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  model: string | null;
  stream: boolean;
  /** The request body; null for all but the last 100 requests. */
  body: unknown;
  status: number | null;
  outcome: Outcome;
  /** Whether the client disconnected before the end of the answer. */
  abortedByClient: boolean;
  promptTokens: number;
  tokensSent: number;
  /** Code or type of the error, if one was sent. */
  error: string | null;
  endedAt: string | null;
};

const maxEntries = 500;
const maxBodies = 100;
const shownHeaders =
  /^(user-agent|x-request-id|x-client-request-id|idempotency-key|accept|openai-.*|x-stainless-retry-count|x-stainless-timeout|traceparent|x-sandbox-.*)$/;

/** The last 500 requests, oldest first. */
export function createRequestLog() {
  let entries: LoggedRequest[] = [];
  let count = 0;
  return {
    list: () => entries,
    clear() {
      entries = [];
    },
    open(request: IncomingMessage): LoggedRequest {
      count += 1;
      const entry: LoggedRequest = {
        id: `req_sandbox${String(count).padStart(6, "0")}`,
        at: new Date().toISOString(),
        method: request.method ?? "",
        path: request.url ?? "",
        headers: headersOf(request),
        model: null,
        stream: false,
        body: null,
        status: null,
        outcome: "running",
        abortedByClient: false,
        promptTokens: 0,
        tokensSent: 0,
        error: null,
        endedAt: null,
      };
      entries.push(entry);
      const aged = entries.at(-1 - maxBodies);
      if (aged !== undefined) aged.body = null;
      if (entries.length > maxEntries) entries.shift();
      return entry;
    },
  };
}

/** Records the outcome of a request; only the first call counts. */
export function closeEntry(entry: LoggedRequest, outcome: Exclude<Outcome, "running">): void {
  if (entry.endedAt !== null) return;
  entry.outcome = outcome;
  entry.abortedByClient = outcome === "aborted";
  entry.endedAt = new Date().toISOString();
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const shown = Object.entries(request.headers).filter(([name]) => shownHeaders.test(name));
  return Object.fromEntries(shown.map(([name, value]) => [name, String(value)]));
}
