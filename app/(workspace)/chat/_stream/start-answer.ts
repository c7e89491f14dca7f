import type { Problem } from "#app/(workspace)/chat/_stream/chat-state.ts";
import type { StartGeneration } from "#lib/chat/generation/stream-events.ts";

export type StartResult = { ok: true; response: Response } | { ok: false; problem: Problem };

const maxAttempts = 3;

/**
 * Requests an answer. Retries after network failures with the same ids, so it starts at most one generation.
 */
export async function startAnswer(body: StartGeneration): Promise<StartResult> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch("/api/openai/chat", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (response.ok) return { ok: true, response };
      return { ok: false, problem: await readProblem(response) };
    } catch {
      if (attempt === maxAttempts) {
        return {
          ok: false,
          problem: { code: "offline" },
        };
      }
      await new Promise((resolve) => setTimeout(resolve, 500 * attempt));
    }
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
