import type { Problem } from "#app/(workspace)/chat/_stream/chat-state.ts";
import { fetchWithin } from "#app/(workspace)/chat/_stream/fetch-within.ts";
import type { StartComparison, StartGeneration } from "#lib/chat/generation/stream-events.ts";

export type StartResult = { ok: true; response: Response } | { ok: false; problem: Problem };

/** Which answers of a comparison the server refused, by their generations. */
export type ComparisonResult = { ok: true; refused: Map<string, Problem> } | { ok: false; problem: Problem };

const maxAttempts = 3;

/**
 * Requests an answer. Repeats the request with the same ids after a network failure, a silence of 20 seconds
 * and while the server restarts, so it starts at most one generation.
 */
export function startAnswer(body: StartGeneration): Promise<StartResult> {
  return post("/api/openai/chat", body);
}

/** Requests the answers of several models, as `startAnswer` does. */
export async function startComparison(body: StartComparison): Promise<ComparisonResult> {
  const started = await post("/api/openai/chat/compare", body);
  if (!started.ok) return started;
  // Our own format; a response that was cut off counts as accepted, and the streams tell the rest.
  const result = (await started.response.json().catch(() => null)) as {
    answers: { generationId: string; error: Problem | null }[];
  } | null;
  const refused = new Map<string, Problem>();
  for (const { generationId, error } of result?.answers ?? [])
    if (error !== null) refused.set(generationId, error);
  return { ok: true, refused };
}

async function post(path: string, body: unknown): Promise<StartResult> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await request(path, body);
    if (result.ok || attempt === maxAttempts || !repeatableCodes.has(result.problem.code)) return result;
    await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
  }
}

const repeatableCodes = new Set(["offline", "server_restarting"]);

async function request(path: string, body: unknown): Promise<StartResult> {
  const headers = { "content-type": "application/json" };
  try {
    const response = await fetchWithin(path, { method: "POST", headers, body: JSON.stringify(body) });
    return response.ok ? { ok: true, response } : { ok: false, problem: await readProblem(response) };
  } catch {
    return { ok: false, problem: { code: "offline" } };
  }
}

async function readProblem(response: Response): Promise<Problem> {
  // Our error shape, with every field optional: a proxy may have sent its own page instead.
  const body = (await response.json().catch(() => null)) as { error?: Partial<Problem> } | null;
  const retryAfterSeconds = Number(response.headers.get("retry-after") ?? "0");
  return {
    code: body?.error?.code ?? "internal",
    ...(body?.error?.reason && { reason: body.error.reason }),
    ...(retryAfterSeconds > 0 && { retryAfterSeconds }),
  };
}
