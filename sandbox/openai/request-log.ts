import type { IncomingMessage } from "node:http";

export type Outcome = "running" | "completed" | "refused" | "failed" | "aborted";

/** One request as it reached the sandbox, for tests to look at. */
export type LoggedRequest = {
  id: string;
  at: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  model: string | null;
  stream: boolean;
  /** What was sent, whole: nobody's secrets are in a sandbox. Null for all but the last 100 requests. */
  body: unknown;
  status: number | null;
  outcome: Outcome;
  /** True when the client went before the answer's end. */
  abortedByClient: boolean;
  promptTokens: number;
  tokensSent: number;
  /** The error's code or type, when one was sent. */
  error: string | null;
  endedAt: string | null;
};

const kept = 500;
const keptBodies = 100;
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
      const aged = entries.at(-1 - keptBodies);
      if (aged !== undefined) aged.body = null;
      if (entries.length > kept) entries.shift();
      return entry;
    },
  };
}

/** Writes down how a request ended; the first ending counts. */
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
