/** How long a response may take to begin; our server needs two round trips to its database. */
const beginTimeoutMs = 20_000;
/** The slowest upload that is waited for. */
const bytesPerMs = 10;

/**
 * Fetches like `fetch`, and rejects with an AbortError when no response begins within 20 seconds and the time
 * of a slow upload: a network may swallow a request without an error. The body may last.
 * @param signal ends the request and its body
 * @param timeoutMs the limit without the time of the upload
 */
export async function fetchWithin(
  url: string,
  init: RequestInit & { body?: string },
  signal?: AbortSignal,
  timeoutMs = beginTimeoutMs,
): Promise<Response> {
  const attempt = new AbortController();
  const abort = () => attempt.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(abort, timeoutMs + (init.body?.length ?? 0) / bytesPerMs);
  try {
    return await fetch(url, { ...init, signal: attempt.signal });
  } finally {
    clearTimeout(timer);
  }
}
